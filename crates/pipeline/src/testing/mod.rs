//! In-memory implementations of the [ports](crate::ports), and the suite that every implementation must pass.

mod cloud;
mod cloud_api;
mod cloud_records;
pub mod conformance;
mod faults;
mod gate;

pub use cloud::{Cloud, Stored};
pub use faults::{Fault, FaultPlan};
pub use gate::{Arrival, Gate, Gatekeeper};
