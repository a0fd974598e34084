//! How an upload ends, as it is stored and sent.

use imaging::RejectionCode;
use serde::{Deserialize, Serialize};

use super::Rendition;

/// The outcome that an execution closes a record with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordOutcome {
    /// All renditions are stored.
    Completed(Vec<Rendition>),
    /// The picture was refused.
    Rejected(RejectionNote),
    /// The pipeline failed.
    Failed(FailureNote),
}

/// Why a picture was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionNote {
    /// For programs.
    pub code: RejectionCode,
    /// For people: names the limit and the value found.
    pub message: String,
}

impl From<imaging::Rejection> for RejectionNote {
    fn from(rejection: imaging::Rejection) -> Self {
        Self { code: rejection.code(), message: rejection.to_string() }
    }
}

/// Why an execution failed, as Step Functions reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureNote {
    /// Name of the error, such as `Misconfigured` or `States.Timeout`.
    pub error: String,
    /// Message of the error.
    pub cause: String,
}

impl FailureNote {
    /// The note for callers of the API: the cause is replaced by a fixed text for each error name.
    ///
    /// The original cause names roles, functions and accounts. It stays in the record, the event and the logs, for
    /// the operators of the stack.
    pub fn redacted(self) -> Self {
        // Names of `Failure`, of Step Functions and of Lambda.
        let cause = match self.error.as_str() {
            "DependencyUnavailable" => "an AWS service did not answer",
            "SourceGone" => "the source was deleted or replaced before it was read",
            "RenderFailed" => "a rendition could not be rendered",
            "TIMED_OUT" | "States.Timeout" | "Sandbox.Timedout" => "it took too long",
            "ABORTED" => "its execution was stopped",
            "Misconfigured" => "the deployment is misconfigured",
            _ => "it could not be processed",
        };
        Self { cause: cause.to_owned(), ..self }
    }
}
