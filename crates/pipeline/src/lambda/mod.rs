//! Runs a function on Lambda: configuration, logs, metrics, and the loop over invocations.

pub mod config;
mod embedded_metrics;
pub mod logging;
pub mod metrics;
mod panics;
mod serve;

pub use embedded_metrics::MetricsWriter;
pub use serve::{LogContext, serve};
