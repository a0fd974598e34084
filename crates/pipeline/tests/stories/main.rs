//! The pipeline's stories, told in a cloud in memory.
#![allow(clippy::unwrap_used)]

mod conformance;
mod faults;
mod machine;
mod messages;
mod notify;
mod promises;
mod races;
mod resize;
mod validate;
mod world;
