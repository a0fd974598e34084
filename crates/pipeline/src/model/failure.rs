//! What can go wrong that is ours to mend. A picture's fault is a [`Verdict`](crate::messages::Verdict), never one of these.

use lambda_runtime::Diagnostic;

/// Why an invocation failed; its [name](Failure::name) is a contract with the state machine.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A service did not answer, or said to come back later. Retried.
    #[error("{call} is unavailable")]
    DependencyUnavailable {
        /// The AWS call, such as `s3:GetObject`.
        call: &'static str,
        /// What it answered.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The source was deleted, or replaced, before it was read. Never retried: it stays gone.
    #[error("source '{key}' is gone (version {})", version.as_deref().unwrap_or("none"))]
    SourceGone {
        /// The source's key.
        key: String,
        /// The version that was asked for.
        version: Option<String>,
    },
    /// The deployment is wrong: a right is missing, a bucket, a table, a message's shape. Never retried.
    #[error("misconfigured: {what}")]
    Misconfigured {
        /// What is wrong, and where.
        what: String,
        /// What the service said, if one was asked.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The renderer could not write what it was asked for. Never retried: it would repeat.
    #[error("rendition '{rendition}' could not be rendered")]
    RenderFailed {
        /// The rendition's name.
        rendition: String,
        /// What the renderer said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Failure {
    /// Every name that [`Failure::name`] can give.
    pub const NAMES: [&'static str; 4] =
        ["DependencyUnavailable", "SourceGone", "Misconfigured", "RenderFailed"];

    /// The name that the state machine matches on; it outlives any refactoring of this type.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DependencyUnavailable { .. } => "DependencyUnavailable",
            Self::SourceGone { .. } => "SourceGone",
            Self::Misconfigured { .. } => "Misconfigured",
            Self::RenderFailed { .. } => "RenderFailed",
        }
    }

    /// A [`Failure::Misconfigured`] that no service reported.
    pub fn misconfigured(what: impl Into<String>) -> Self {
        Self::Misconfigured { what: what.into(), source: None }
    }

    /// The failure and all its sources on one line: printed once, at the edge.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.name().to_owned(), error_message: failure.chain() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_is_told_the_name_and_the_whole_chain() {
        let cut = std::io::Error::other("connection reset");
        let failure =
            Failure::DependencyUnavailable { call: "s3:GetObject", source: Box::new(cut) };
        let told = Diagnostic::from(failure);
        assert_eq!(told.error_type, "DependencyUnavailable");
        assert_eq!(told.error_message, "s3:GetObject is unavailable: connection reset");
    }

    #[test]
    fn the_state_machine_names_no_error_that_is_not_here() {
        let machine = include_str!("../../../../statemachine/image_pipeline.asl.json");
        let machine: serde_json::Value = serde_json::from_str(machine).expect("JSON");
        let mut named = Vec::new();
        error_names(&machine, &mut named);
        assert!(!named.is_empty());
        for name in named {
            let aws = name.starts_with("Lambda.") || name.starts_with("States.");
            assert!(aws || Failure::NAMES.contains(&name.as_str()), "{name} exists nowhere");
        }
    }

    fn error_names(value: &serde_json::Value, names: &mut Vec<String>) {
        if let Some(list) = value.get("ErrorEquals").and_then(|list| list.as_array()) {
            names.extend(list.iter().filter_map(|name| name.as_str()).map(str::to_owned));
        }
        match value {
            serde_json::Value::Object(fields) => {
                fields.values().for_each(|inner| error_names(inner, names));
            }
            serde_json::Value::Array(items) => {
                items.iter().for_each(|inner| error_names(inner, names));
            }
            _ => {}
        }
    }
}
