//! Failures on our side. A picture that is at fault is a [`Verdict`](crate::messages::Verdict), never a failure.

use lambda_runtime::Diagnostic;

/// Why an invocation failed. The state machine matches on its [name](Failure::name).
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A service did not answer, or asked for a retry. Retried.
    #[error("{call} is unavailable")]
    DependencyUnavailable {
        /// The AWS call, such as `s3:GetObject`.
        call: &'static str,
        /// The error of the call.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The source was deleted or replaced before it was read. Never retried: it does not come back.
    #[error("source '{key}' is gone (version {})", version.as_deref().unwrap_or("none"))]
    SourceGone {
        /// The source key.
        key: String,
        /// The requested version.
        version: Option<String>,
    },
    /// The deployment is wrong: a permission, a bucket or a table is missing, or a message has the wrong shape. Never
    /// retried.
    #[error("misconfigured: {what}")]
    Misconfigured {
        /// What is wrong and where.
        what: String,
        /// The error of the service, if one was called.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The renderer could not write the rendition. Never retried: it would fail again.
    #[error("rendition '{rendition}' could not be rendered")]
    RenderFailed {
        /// Name of the rendition.
        rendition: String,
        /// The error of the renderer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The result of what can fail on our side.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// Every name that [`Failure::name`] can return.
    pub const NAMES: [&'static str; 4] = ["DependencyUnavailable", "SourceGone", "Misconfigured", "RenderFailed"];

    /// The error name that the state machine matches on. It never changes, even if the variant is renamed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DependencyUnavailable { .. } => "DependencyUnavailable",
            Self::SourceGone { .. } => "SourceGone",
            Self::Misconfigured { .. } => "Misconfigured",
            Self::RenderFailed { .. } => "RenderFailed",
        }
    }

    /// A [`Failure::Misconfigured`] without an error of a service.
    pub fn misconfigured(what: impl Into<String>) -> Self {
        Self::Misconfigured { what: what.into(), source: None }
    }

    /// The failure and all its sources on one line. Only the code that answers an invocation prints it.
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
    fn a_diagnostic_has_the_name_and_the_whole_chain() {
        let reset = std::io::Error::other("connection reset");
        let failure = Failure::DependencyUnavailable { call: "s3:GetObject", source: Box::new(reset) };
        let diagnostic = Diagnostic::from(failure);
        assert_eq!(diagnostic.error_type, "DependencyUnavailable");
        assert_eq!(diagnostic.error_message, "s3:GetObject is unavailable: connection reset");
    }

    #[test]
    fn every_error_name_of_the_state_machine_is_a_failure_or_of_aws() {
        let machine = include_str!("../../../../statemachine/image_pipeline.asl.json");
        let machine: serde_json::Value = serde_json::from_str(machine).expect("JSON");
        let mut names = Vec::new();
        error_names(&machine, &mut names);
        assert!(!names.is_empty());
        for name in names {
            let aws = name.starts_with("Lambda.") || name.starts_with("States.");
            assert!(aws || Failure::NAMES.contains(&name.as_str()), "{name} is unknown");
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
