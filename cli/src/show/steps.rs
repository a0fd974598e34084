//! What a history's events come to: one step for each time that a state was entered.
//!
//! Events name the event before them, and following that back from a failed try leads to its
//! state. Where they name none, as on the local cloud, a failure inside the Map may have several
//! states that it could belong to, and is then said of the Map.

use std::{collections::HashMap, fmt};

use aws_sdk_sfn::types::HistoryEvent;
use serde_json::Value;

use crate::history::rendition_of;

/// A state that was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) state: String,
    /// Which rendition it was for, inside the Map.
    pub(super) rendition: Option<String>,
    /// From the execution's start until the state was entered, in milliseconds.
    pub(super) after_ms: i64,
    /// How long it took; absent if it was never left.
    pub(super) ms: Option<i64>,
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
    /// Tries that failed, in order; the state may have been retried after each.
    pub(super) failures: Vec<Failure>,
}

/// Why a try failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) cause: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A function's error is a cause in JSON: its message says it all, but for the trace.
        let json = serde_json::from_str::<Value>(&self.cause).unwrap_or_default();
        let message = json.get("errorMessage").and_then(Value::as_str);
        write!(f, "{}: {}", self.error, message.unwrap_or(&self.cause))
    }
}

impl Step {
    pub(super) fn title(&self) -> String {
        match &self.rendition {
            Some(rendition) => format!("  {} ({rendition})", self.state),
            None => self.state.clone(),
        }
    }

    /// The word that the output turns on; the last failure of a state that was never left.
    pub(super) fn said(&self) -> String {
        let output =
            self.output.as_deref().and_then(|json| serde_json::from_str::<Value>(json).ok());
        let word = |name: &str| Some(output.as_ref()?.get(name)?.as_str()?.to_owned());
        let failure = || self.failures.last().map(|failure| failure.error.clone());
        let ended = ["verdict", "outcome", "status"].into_iter().find_map(word);
        ended.or_else(|| failure().filter(|_| self.ms.is_none())).unwrap_or_default()
    }
}

/// The steps of an execution, in the order in which their states were entered.
pub(super) fn steps(history: &[HistoryEvent]) -> Vec<Step> {
    let start = history.first().map(millis).unwrap_or_default();
    let mut reading = Reading::default();
    for event in history {
        reading.note(event, start);
    }
    reading.steps
}

/// How far a history was read.
#[derive(Debug, Default)]
struct Reading {
    steps: Vec<Step>,
    /// Index of the step that an event belongs to, by the event's id.
    step_of: HashMap<i64, usize>,
}

impl Reading {
    fn note(&mut self, event: &HistoryEvent, start: i64) {
        let at = millis(event) - start;
        let mut step = self.step_of.get(&event.previous_event_id()).copied();
        if let Some(entered) = event.state_entered_event_details() {
            step = Some(self.steps.len());
            self.steps.push(Step {
                state: entered.name().to_owned(),
                rendition: entered.input().and_then(rendition_of),
                after_ms: at,
                ms: None,
                input: entered.input().map(str::to_owned),
                output: None,
                failures: Vec::new(),
            });
        } else if let Some(exited) = event.state_exited_event_details() {
            let output = exited.output();
            if let Some(left) = self.step_left(step, exited.name(), output) {
                left.ms = Some(at - left.after_ms);
                left.output = output.map(str::to_owned);
            }
        } else if let Some(failure) = failure(event) {
            step = step.or_else(|| self.only_open_step());
            if let Some(step) = step {
                self.steps[step].failures.push(failure);
            }
        }
        if let Some(step) = step {
            self.step_of.insert(event.id(), step);
        }
    }

    /// The open step of that state: where the trail leads, or the one whose rendition the output is of.
    fn step_left(
        &mut self,
        trail: Option<usize>,
        state: &str,
        output: Option<&str>,
    ) -> Option<&mut Step> {
        let rendition = output.and_then(rendition_of);
        let is_open = |step: &Step| step.ms.is_none() && step.state == state;
        let by_trail = trail.filter(|&index| is_open(&self.steps[index]));
        let by_output =
            || self.steps.iter().rposition(|step| is_open(step) && step.rendition == rendition);
        by_trail.or_else(by_output).map(|index| &mut self.steps[index])
    }

    /// The step that is open; of several in a Map, the Map's.
    fn only_open_step(&self) -> Option<usize> {
        let mut open = (0..self.steps.len()).filter(|&index| self.steps[index].ms.is_none());
        let outermost = open.next()?;
        match (open.next(), open.next()) {
            (Some(inner), None) => Some(inner),
            _ => Some(outermost),
        }
    }
}

fn millis(event: &HistoryEvent) -> i64 {
    event.timestamp().to_millis().unwrap_or_default()
}

/// What failed, if the event is a try's end.
fn failure(event: &HistoryEvent) -> Option<Failure> {
    let failed = event.task_failed_event_details().map(|why| (why.error(), why.cause()));
    let timed_out = || event.task_timed_out_event_details().map(|why| (why.error(), why.cause()));
    let not_started =
        || event.task_start_failed_event_details().map(|why| (why.error(), why.cause()));
    let (error, cause) = failed.or_else(timed_out).or_else(not_started)?;
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some(Failure { error: owned(error), cause: owned(cause) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sfn::{
        primitives::DateTime,
        types::{
            HistoryEventType, StateEnteredEventDetails, StateExitedEventDetails,
            TaskFailedEventDetails, builders::HistoryEventBuilder,
        },
    };

    const THUMBNAIL: &str = r#"{"spec":{"name":"thumbnail"}}"#;
    const LARGE: &str = r#"{"spec":{"name":"large"}}"#;

    #[test]
    fn a_try_that_failed_is_told_of_its_own_state() {
        let history = [
            entered(1, 0, "Resize Renditions", "{}"),
            entered(2, 1, "Resize Rendition", THUMBNAIL),
            entered(3, 1, "Resize Rendition", LARGE),
            failed(4, 2, "DependencyUnavailable"),
            exited(
                5,
                4,
                "Resize Rendition",
                r#"{"outcome":"rendered","rendition":{"name":"thumbnail"}}"#,
            ),
        ];
        let steps = steps(&history);
        let told: Vec<_> = steps
            .iter()
            .map(|step| (step.title(), step.failures.len(), step.ms, step.said()))
            .collect();
        let expected = [
            ("Resize Renditions".to_owned(), 0, None, String::new()),
            ("  Resize Rendition (thumbnail)".to_owned(), 1, Some(30), "rendered".to_owned()),
            ("  Resize Rendition (large)".to_owned(), 0, None, String::new()),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_state_is_left_where_its_trail_leads_whatever_its_output_says() {
        let history = [
            entered(1, 0, "Resize Rendition", THUMBNAIL),
            entered(2, 0, "Resize Rendition", LARGE),
            exited(3, 1, "Resize Rendition", r#"{"outcome":"corrupt"}"#),
        ];
        let left: Vec<_> = steps(&history).iter().map(|step| step.ms.is_some()).collect();
        assert_eq!(left, [true, false]);
    }

    #[test]
    fn without_a_trail_a_failure_is_told_of_the_state_that_surely_holds_it() {
        let cases = [
            (vec![entered(1, 0, "Validate Upload", "{}")], "Validate Upload"),
            (
                vec![
                    entered(1, 0, "Resize Renditions", "{}"),
                    entered(2, 0, "Resize Rendition", LARGE),
                ],
                "Resize Rendition",
            ),
            (
                vec![
                    entered(1, 0, "Resize Renditions", "{}"),
                    entered(2, 0, "Resize Rendition", LARGE),
                    entered(3, 0, "Resize Rendition", THUMBNAIL),
                ],
                "Resize Renditions",
            ),
        ];
        for (mut history, expected) in cases {
            history.push(failed(9, 0, "Misconfigured"));
            let steps = steps(&history);
            let failed = steps.iter().find(|step| !step.failures.is_empty());
            assert_eq!(failed.map(|step| step.state.as_str()), Some(expected));
        }
    }

    #[test]
    fn a_functions_error_is_told_by_its_message() {
        let cases = [
            (r#"{"errorType":"SourceGone","errorMessage":"no such version"}"#, "no such version"),
            ("waited 40 s", "waited 40 s"),
        ];
        for (cause, told) in cases {
            let failure = Failure { error: "SourceGone".to_owned(), cause: cause.to_owned() };
            assert_eq!(failure.to_string(), format!("SourceGone: {told}"));
        }
    }

    #[test]
    fn a_state_that_was_never_left_says_what_it_failed_of() {
        let history = [entered(1, 0, "Notify Completion", "{}"), failed(2, 1, "Misconfigured")];
        assert_eq!(steps(&history)[0].said(), "Misconfigured");
    }

    fn entered(id: i64, previous: i64, state: &str, input: &str) -> HistoryEvent {
        let details = StateEnteredEventDetails::builder().name(state).input(input).build();
        let event = event(id, previous).r#type(HistoryEventType::TaskStateEntered);
        built(event.state_entered_event_details(details.expect("complete")))
    }

    fn exited(id: i64, previous: i64, state: &str, output: &str) -> HistoryEvent {
        let details = StateExitedEventDetails::builder().name(state).output(output).build();
        let event = event(id, previous).r#type(HistoryEventType::TaskStateExited);
        built(event.state_exited_event_details(details.expect("complete")))
    }

    fn failed(id: i64, previous: i64, error: &str) -> HistoryEvent {
        let details = TaskFailedEventDetails::builder()
            .error(error)
            .resource("invoke")
            .resource_type("lambda")
            .build();
        let event = event(id, previous).r#type(HistoryEventType::TaskFailed);
        built(event.task_failed_event_details(details.expect("complete")))
    }

    /// Each event comes 10 ms after the one before it.
    fn event(id: i64, previous: i64) -> HistoryEventBuilder {
        HistoryEvent::builder()
            .id(id)
            .previous_event_id(previous)
            .timestamp(DateTime::from_millis(1_000 + 10 * id))
    }

    fn built(event: HistoryEventBuilder) -> HistoryEvent {
        event.build().expect("complete")
    }
}
