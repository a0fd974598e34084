//! What every function is started and run by: configuration, logs, metrics and the loop over invocations.

mod answer_metrics;
pub mod config;
pub mod logging;
pub mod metrics;
mod panics;
mod peak_memory;
mod serve;

pub use serve::{Logged, serve};
