//! Tests of the use cases, with every port in memory.
#![allow(clippy::unwrap_used)]

mod conformance;
mod damaged;
mod deletion;
mod deletion_races;
mod execution_runner;
mod faults;
mod fixture;
mod invariants;
mod list;
mod messages;
mod metrics;
mod notify;
mod presign;
mod races;
mod remove;
mod reprocess;
mod resize;
mod validate;
