//! The pipeline's stories, told in a cloud in memory.
#![allow(clippy::unwrap_used)]

mod conformance;
mod messages;
mod notify;
mod resize;
mod validate;
mod world;
