//! Calls AWS services by their wire protocols, with signed requests.
//!
//! The command line reads a few fields of the answers of many services. The SDK crate of each such service would take
//! about a minute to compile (docs/decisions.md).

mod client;
pub(crate) mod cloudformation;
mod error;
pub(crate) mod http;
pub(crate) mod service;
pub(crate) mod xml;

pub(crate) use self::{client::AwsClient, error::AwsError};
