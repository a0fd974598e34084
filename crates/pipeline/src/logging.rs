//! Logs: one JSON object a line on standard output, each with the picture that it is about.

use tracing_subscriber::{EnvFilter, fmt};

/// Sends `tracing` to standard output as JSON. `RUST_LOG` filters; `info` if it is absent or wrong.
///
/// Every line carries the fields of the span around it under `span`: execution, key and, where
/// there is one, rendition. Sources, ETags and sizes may be logged; contents and credentials never.
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt().json().flatten_event(true).with_span_list(false).with_target(false);
    // Twice is not an error: tests start several functions in one process.
    let _ = lines.with_env_filter(filter).try_init();
}
