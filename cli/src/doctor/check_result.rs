//! The result of a check.

use crate::aws::AwsError;

/// The result of a check.
pub(super) type CheckResult = Result<CheckOutcome, CheckFailure>;

/// A check that found no problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CheckOutcome {
    /// The check passed. The text says what was seen.
    Passed(String),
    /// The check was not made. The text says why.
    Skipped(String),
}

/// A problem, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckFailure {
    /// What is wrong.
    pub(super) cause: String,
    /// The command that fixes it, or that shows more.
    pub(super) fix: String,
}

/// A check that passed, and what was seen.
pub(super) fn passed(seen: impl Into<String>) -> CheckResult {
    Ok(CheckOutcome::Passed(seen.into()))
}

/// A check that was not made, and why.
pub(super) fn skipped(reason: impl Into<String>) -> CheckResult {
    Ok(CheckOutcome::Skipped(reason.into()))
}

/// A problem, and the command that fixes it or shows more.
pub(super) fn check_failure(cause: impl Into<String>, fix: impl Into<String>) -> CheckFailure {
    CheckFailure { cause: cause.into(), fix: fix.into() }
}

/// Skips a check if the caller lacks the permission for it. Any other error fails the check.
pub(super) fn skip_if_denied(error: &AwsError, fix: &str) -> CheckResult {
    if error.is_access_denied() {
        skipped(format!("the caller lacks {}", error.action))
    } else {
        Err(check_failure(error.to_string(), fix))
    }
}

/// The fix of an unexpected error.
pub(super) const RETRY_OR_REPORT: &str = "try again; if it fails again, send us this line";

impl From<AwsError> for CheckFailure {
    fn from(error: AwsError) -> Self {
        if error.is_access_denied() {
            let fix = format!("use credentials that may call {}", error.action);
            return check_failure(error.to_string(), fix);
        }
        check_failure(error.to_string(), RETRY_OR_REPORT)
    }
}

impl From<anyhow::Error> for CheckFailure {
    fn from(error: anyhow::Error) -> Self {
        check_failure(format!("{error:#}"), RETRY_OR_REPORT)
    }
}
