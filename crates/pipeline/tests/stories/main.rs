//! The pipeline's stories, told in a cloud in memory.
#![allow(clippy::unwrap_used)]

mod again;
mod conformance;
mod faults;
mod listing;
mod machine;
mod measures;
mod messages;
mod notify;
mod offer;
mod promises;
mod races;
mod removal;
mod resize;
mod validate;
mod world;
