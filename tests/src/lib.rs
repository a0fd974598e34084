//! Access to a stack that is deployed on the local cloud, for the end-to-end tests and `make chaos`.
//!
//! - [`DeployedStack`] uploads sources, and reads records, executions and renditions.
//! - [`EventListener`] receives the events that Darkroom publishes.
//! - [`UploadRule`] breaks and restores the rule that starts executions.
//! - [`proxy`] injects faults into the calls of the functions.
//!
//! `make test` and `make chaos` deploy a stack and set `DARKROOM_OUTPUTS` to the file with its outputs. Without that
//! variable, the stack of `make up` is used.

mod event_listener;
pub mod proxy;
mod stack;
mod upload_rule;

pub use event_listener::EventListener;
pub use stack::{DeployedStack, UploadedSource, wait_for};
pub use upload_rule::UploadRule;
