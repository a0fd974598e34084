//! Logs: one JSON object a line on standard output, each with the picture that it is about.

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Sends `tracing` to standard output as JSON. `RUST_LOG` filters by level and target, such as
/// `info,aws_config=debug`; `info` if it is absent or wrong. A panic becomes an error's line as well.
///
/// Every line carries the fields of the span around it under `span`: execution, key and, where
/// there is one, rendition. Sources, ETags and sizes may be logged; contents and credentials never.
pub fn init() {
    // Not `EnvFilter`, which also filters by fields, and brings regular expressions for that.
    let filter = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false).with_target(false);
    // Twice is not an error: tests start several functions in one process.
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        let cause = panic.payload_as_str().unwrap_or_default();
        tracing::error!(at, cause, "panicked");
    }));
}
