//! One step of an execution: a state that was entered.

use std::fmt;

use serde_json::Value;

/// A state that was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) state: String,
    /// The rendition that this iteration of the Map is for.
    pub(crate) rendition: Option<String>,
    /// Time from the start of the execution until the state was entered, in milliseconds.
    pub(crate) entered_after_ms: i64,
    /// How long the state took, in milliseconds; `None` if it was not exited.
    pub(crate) duration_ms: Option<i64>,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    /// Attempts that failed, in order. The state may have been retried after each.
    pub(crate) failures: Vec<StepFailure>,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepFailure {
    pub(crate) error: String,
    pub(crate) cause: String,
}

impl fmt::Display for StepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The cause of a failed function is JSON: its message is enough, without the stack trace.
        let json = serde_json::from_str::<Value>(&self.cause).unwrap_or_default();
        let message = json.get("errorMessage").and_then(Value::as_str);
        write!(f, "{}: {}", self.error, message.unwrap_or(&self.cause))
    }
}

impl Step {
    /// The state, and the rendition if there is one, which is indented below the Map.
    pub(crate) fn title(&self) -> String {
        match &self.rendition {
            Some(rendition) => format!("  {} ({rendition})", self.state),
            None => self.state.clone(),
        }
    }

    /// The verdict, outcome or status in the output. For a state that was not exited, the error of its last attempt.
    pub(crate) fn result(&self) -> String {
        let output = self.output.as_deref().and_then(|json| serde_json::from_str::<Value>(json).ok());
        let field = |name: &str| Some(output.as_ref()?.get(name)?.as_str()?.to_owned());
        let last_error = || self.failures.last().map(|failure| failure.error.clone());
        let result = ["verdict", "outcome", "status"].into_iter().find_map(field);
        result.or_else(|| last_error().filter(|_| self.duration_ms.is_none())).unwrap_or_default()
    }

    /// How long each rendition took to render, in milliseconds. Only the output of the Map has these times.
    pub(crate) fn render_times(&self) -> Vec<(String, u64)> {
        let output = self.output.as_deref().unwrap_or_default();
        let output: Value = serde_json::from_str(output).unwrap_or_default();
        let results = output.get("results").and_then(Value::as_array);
        let time = |result: &Value| {
            let name = result.pointer("/rendition/name")?.as_str()?;
            Some((name.to_owned(), result.get("render_ms")?.as_u64()?))
        };
        results.into_iter().flatten().filter_map(time).collect()
    }
}

/// The name of the rendition in a job (`spec.name`) or in its result (`rendition.name`, `name`).
pub(super) fn rendition_name(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let name = ["/spec/name", "/rendition/name", "/name"];
    name.iter().find_map(|pointer| value.pointer(pointer)?.as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_function_is_described_by_its_message() {
        let cases = [
            (r#"{"errorType":"SourceGone","errorMessage":"no such version"}"#, "no such version"),
            ("waited 40 s", "waited 40 s"),
        ];
        for (cause, expected) in cases {
            let failure = StepFailure { error: "SourceGone".to_owned(), cause: cause.to_owned() };
            assert_eq!(failure.to_string(), format!("SourceGone: {expected}"));
        }
    }

    #[test]
    fn render_times_are_read_from_the_output_of_the_map() {
        let step = |output: &str| Step {
            state: "Resize Renditions".to_owned(),
            rendition: None,
            entered_after_ms: 0,
            duration_ms: None,
            input: None,
            output: Some(output.to_owned()),
            failures: Vec::new(),
        };
        let output = r#"{"picture":{},"results":[
            {"outcome":"rendered","rendition":{"name":"large"},"render_ms":41},
            {"outcome":"rejected","name":"small","message":"cut short"}]}"#;
        assert_eq!(step(output).render_times(), [("large".to_owned(), 41)]);
        assert!(step(r#"{"verdict":"accepted"}"#).render_times().is_empty());
    }
}
