//! Groups the events of a history into steps: one step for each time that a state was entered.
//!
//! Each event names the event before it. Following these names back from a failed attempt leads to its state. The
//! events of the local cloud name no previous event: a failure inside the Map may then belong to any of several open
//! states, and is attributed to the Map.

use std::collections::HashMap;

use aws_sdk_sfn::types::HistoryEvent;

use super::step::{Step, StepFailure, rendition_name};

/// The steps of an execution, in the order in which their states were entered.
pub(crate) fn read_steps(events: &[HistoryEvent]) -> Vec<Step> {
    let mut reader = StepReader::default();
    reader.read_new(events);
    reader.steps
}

/// Reads a history that is still growing.
#[derive(Debug, Default)]
pub(crate) struct StepReader {
    steps: Vec<Step>,
    /// Index of the step that an event belongs to, by the id of the event.
    step_of_event: HashMap<i64, usize>,
    events_read: usize,
    start_ms: Option<i64>,
}

impl StepReader {
    /// Reads the events that were added since the last call. Returns the steps that have ended.
    ///
    /// `events` are all events of the history so far.
    pub(crate) fn read_new(&mut self, events: &[HistoryEvent]) -> Vec<Step> {
        let new = events.iter().skip(self.events_read);
        let ended = new.filter_map(|event| self.read(event)).collect();
        self.events_read = events.len();
        ended
    }

    /// Reads one event. Returns the step that it ended, if it ended one.
    fn read(&mut self, event: &HistoryEvent) -> Option<Step> {
        let time_ms = event.timestamp().to_millis().unwrap_or_default();
        let after_ms = time_ms - *self.start_ms.get_or_insert(time_ms);
        let mut step = self.step_of_event.get(&event.previous_event_id()).copied();
        let mut ended = None;
        if let Some(entered) = event.state_entered_event_details() {
            step = Some(self.steps.len());
            self.steps.push(Step {
                state: entered.name().to_owned(),
                rendition: entered.input().and_then(rendition_name),
                entered_after_ms: after_ms,
                duration_ms: None,
                input: entered.input().map(str::to_owned),
                output: None,
                failures: Vec::new(),
            });
        } else if let Some(exited) = event.state_exited_event_details() {
            ended = self.find_exited_step(step, exited.name(), exited.output());
            if let Some(index) = ended {
                let step = &mut self.steps[index];
                step.duration_ms = Some(after_ms - step.entered_after_ms);
                step.output = exited.output().map(str::to_owned);
            }
        } else if let Some(failure) = read_failure(event) {
            step = step.or_else(|| self.find_open_step());
            if let Some(step) = step {
                self.steps[step].failures.push(failure);
            }
        }
        if let Some(step) = step {
            self.step_of_event.insert(event.id(), step);
        }
        ended.map(|index| self.steps[index].clone())
    }

    /// The open step of a state that was exited: the step of the previous event, or the one whose rendition is in the
    /// output.
    fn find_exited_step(&self, previous: Option<usize>, state: &str, output: Option<&str>) -> Option<usize> {
        let rendition = output.and_then(rendition_name);
        let is_open = |step: &Step| step.duration_ms.is_none() && step.state == state;
        let by_previous = previous.filter(|&index| is_open(&self.steps[index]));
        let by_output = || self.steps.iter().rposition(|step| is_open(step) && step.rendition == rendition);
        by_previous.or_else(by_output)
    }

    /// The innermost open step. If several iterations of a Map are open, the step of the Map.
    fn find_open_step(&self) -> Option<usize> {
        let is_open = |&index: &usize| self.steps[index].duration_ms.is_none();
        let mut open = (0..self.steps.len()).filter(is_open);
        let outermost = open.next()?;
        match (open.next(), open.next()) {
            (Some(inner), None) => Some(inner),
            _ => Some(outermost),
        }
    }
}

/// The failure that an event reports, if it reports one.
fn read_failure(event: &HistoryEvent) -> Option<StepFailure> {
    let failed = event.task_failed_event_details().map(|why| (why.error(), why.cause()));
    let timed_out = || event.task_timed_out_event_details().map(|why| (why.error(), why.cause()));
    let not_started = || event.task_start_failed_event_details().map(|why| (why.error(), why.cause()));
    let (error, cause) = failed.or_else(timed_out).or_else(not_started)?;
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some(StepFailure { error: owned(error), cause: owned(cause) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sfn::{
        primitives::DateTime,
        types::{
            HistoryEventType, StateEnteredEventDetails, StateExitedEventDetails, TaskFailedEventDetails,
            builders::HistoryEventBuilder,
        },
    };

    const THUMBNAIL: &str = r#"{"spec":{"name":"thumbnail"}}"#;
    const LARGE: &str = r#"{"spec":{"name":"large"}}"#;
    const THUMBNAIL_RENDERED: &str = r#"{"outcome":"rendered","rendition":{"name":"thumbnail"}}"#;

    #[test]
    fn a_failed_attempt_belongs_to_the_state_of_the_previous_event() {
        let history = [
            entered(1, 0, "Resize Renditions", "{}"),
            entered(2, 1, "Resize Rendition", THUMBNAIL),
            entered(3, 1, "Resize Rendition", LARGE),
            failed(4, 2, "DependencyUnavailable"),
            exited(5, 4, "Resize Rendition", THUMBNAIL_RENDERED),
        ];
        let steps = read_steps(&history);
        let actual: Vec<_> =
            steps.iter().map(|step| (step.title(), step.failures.len(), step.duration_ms, step.result())).collect();
        let expected = [
            ("Resize Renditions".to_owned(), 0, None, String::new()),
            ("  Resize Rendition (thumbnail)".to_owned(), 1, Some(30), "rendered".to_owned()),
            ("  Resize Rendition (large)".to_owned(), 0, None, String::new()),
        ];
        assert_eq!(actual, expected);
    }

    #[test]
    fn overlapping_iterations_without_previous_events_are_timed_by_their_renditions() {
        let history = [
            entered(1, 0, "Resize Rendition", LARGE),
            entered(2, 0, "Resize Rendition", THUMBNAIL),
            exited(11, 0, "Resize Rendition", THUMBNAIL_RENDERED),
            exited(91, 0, "Resize Rendition", r#"{"outcome":"rejected","name":"large"}"#),
        ];
        let mut reader = StepReader::default();
        let mut ended = Vec::new();
        for len in 1..=history.len() {
            ended.extend(reader.read_new(&history[..len]));
            assert!(reader.read_new(&history[..len]).is_empty(), "an event is read only once");
        }
        let ended: Vec<_> = ended.iter().map(|step| (step.title(), step.duration_ms)).collect();
        let expected = [
            ("  Resize Rendition (thumbnail)".to_owned(), Some(90)),
            ("  Resize Rendition (large)".to_owned(), Some(900)),
        ];
        assert_eq!(ended, expected);
    }

    #[test]
    fn the_previous_event_decides_which_state_was_exited_and_not_the_output() {
        let history = [
            entered(1, 0, "Resize Rendition", THUMBNAIL),
            entered(2, 0, "Resize Rendition", LARGE),
            exited(3, 1, "Resize Rendition", r#"{"outcome":"corrupt"}"#),
        ];
        let has_ended: Vec<_> = read_steps(&history).iter().map(|step| step.duration_ms.is_some()).collect();
        assert_eq!(has_ended, [true, false]);
    }

    #[test]
    fn without_a_previous_event_a_failure_belongs_to_the_innermost_state_that_is_certain() {
        let cases = [
            (vec![entered(1, 0, "Validate Upload", "{}")], "Validate Upload"),
            (
                vec![entered(1, 0, "Resize Renditions", "{}"), entered(2, 0, "Resize Rendition", LARGE)],
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
            let steps = read_steps(&history);
            let failed = steps.iter().find(|step| !step.failures.is_empty());
            assert_eq!(failed.map(|step| step.state.as_str()), Some(expected));
        }
    }

    #[test]
    fn the_result_of_a_state_that_was_not_exited_is_its_error() {
        let history = [entered(1, 0, "Notify Completion", "{}"), failed(2, 1, "Misconfigured")];
        assert_eq!(read_steps(&history)[0].result(), "Misconfigured");
    }

    fn entered(id: i64, previous: i64, state: &str, input: &str) -> HistoryEvent {
        let details = StateEnteredEventDetails::builder().name(state).input(input).build();
        let event = event(id, previous).r#type(HistoryEventType::TaskStateEntered);
        build(event.state_entered_event_details(details.expect("complete")))
    }

    fn exited(id: i64, previous: i64, state: &str, output: &str) -> HistoryEvent {
        let details = StateExitedEventDetails::builder().name(state).output(output).build();
        let event = event(id, previous).r#type(HistoryEventType::TaskStateExited);
        build(event.state_exited_event_details(details.expect("complete")))
    }

    fn failed(id: i64, previous: i64, error: &str) -> HistoryEvent {
        let details = TaskFailedEventDetails::builder().error(error).resource("invoke").resource_type("lambda").build();
        let event = event(id, previous).r#type(HistoryEventType::TaskFailed);
        build(event.task_failed_event_details(details.expect("complete")))
    }

    /// The time of an event is its id times 10 ms.
    fn event(id: i64, previous: i64) -> HistoryEventBuilder {
        HistoryEvent::builder().id(id).previous_event_id(previous).timestamp(DateTime::from_millis(1_000 + 10 * id))
    }

    fn build(event: HistoryEventBuilder) -> HistoryEvent {
        event.build().expect("complete")
    }
}
