//! In-memory implementations of the [ports](crate::ports), and the suite that every implementation must pass.

mod call_gate;
mod cloud;
pub mod conformance;
mod faults;
mod objects;
mod records;
pub mod sample;

pub use call_gate::{CallGate, PendingCall, PendingCalls};
pub use cloud::{InMemoryCloud, StoredRendition};
pub use faults::{Fault, FaultPlan};
