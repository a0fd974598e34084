//! Panics that a function survives: each is logged, and counted for the metric `Panics`.
//!
//! The renderer turns a panic into a rejection of the picture, so the execution ends green. The metric and its alarm
//! report the defect that is left.

use std::{
    panic,
    sync::atomic::{AtomicU32, Ordering},
};

/// A panic hook belongs to the process, and so does its count.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Logs every panic of this process as an error, instead of as text on standard error, and counts it.
pub(super) fn report_all() {
    panic::set_hook(Box::new(|panic| {
        COUNT.fetch_add(1, Ordering::Relaxed);
        let at = panic.location().map(ToString::to_string);
        let cause = panic.payload_as_str().unwrap_or_default();
        tracing::error!(at, cause, "panicked");
    }));
}

/// The number of panics since the last call.
pub(super) fn take_count() -> u32 {
    COUNT.swap(0, Ordering::Relaxed)
}
