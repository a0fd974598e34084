//! What a check comes to.

use super::aws::Refusal;

/// The outcome of a check.
pub(super) type Checked = Result<Finding, Trouble>;

/// A check that found nothing wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// What was seen.
    Good(String),
    /// It was not made, for this reason.
    Skipped(String),
}

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What is wrong.
    pub(super) cause: String,
    /// The command that fixes it, or that shows more.
    pub(super) fix: String,
}

pub(super) fn good(seen: impl Into<String>) -> Checked {
    Ok(Finding::Good(seen.into()))
}

pub(super) fn skipped(reason: impl Into<String>) -> Checked {
    Ok(Finding::Skipped(reason.into()))
}

pub(super) fn trouble(cause: impl Into<String>, fix: impl Into<String>) -> Trouble {
    Trouble { cause: cause.into(), fix: fix.into() }
}

/// A check whose caller may not look is skipped; any other refusal is trouble.
pub(super) fn skip_if_denied(refusal: Refusal, fix: &str) -> Checked {
    if refusal.is_denied() {
        skipped(format!("the caller lacks {}", refusal.call))
    } else {
        Err(trouble(refusal.to_string(), fix))
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        let fix = if refusal.is_denied() {
            format!("use credentials that may call {}", refusal.call)
        } else {
            "try again; if it stays, send us this line".to_owned()
        };
        trouble(refusal.to_string(), fix)
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        trouble(format!("{error:#}"), "try again; if it stays, send us this line")
    }
}
