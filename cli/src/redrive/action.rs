//! What redriving does for one picture.

use std::fmt;

use pipeline::messages::StatusChangeDetail;
use serde_json::Value;

/// What to do for one picture.
#[derive(Debug, PartialEq)]
pub(super) enum Action {
    /// Continue its execution at the state that failed.
    Redrive(StatusChangeDetail),
    /// Start an execution with this event.
    Start(Value),
    /// Invoke the notify function with this event of a failed execution.
    Notify(Value),
    /// Invoke the images function with this event of a deleted source.
    Remove(Value),
    /// Do nothing, for this reason.
    LeaveAlone(String),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redrive(execution) => {
                let error = execution.error.as_deref().unwrap_or(&execution.status);
                write!(f, "would be redriven, it ended in {error}")
            }
            Self::Start(_) => f.write_str("would be started, it has no execution to continue"),
            Self::Notify(_) => f.write_str("would be recorded and published as failed"),
            Self::Remove(_) => f.write_str("would be removed, its source is deleted"),
            Self::LeaveAlone(reason) => f.write_str(reason),
        }
    }
}
