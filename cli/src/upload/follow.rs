//! A picture's way through the state machine, as its execution tells it.

use std::{collections::HashMap, time::Duration};

use anyhow::bail;
use aws_sdk_sfn::types::HistoryEvent;
use pipeline::{Record, Status, ports::Records};
use serde_json::Value;

use super::send::Sent;
use crate::{history::rendition_of, stack::Stack};

/// A state that an execution has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed {
    /// The state's name.
    pub(super) state: String,
    /// Which rendition it was for, inside the Map.
    pub(super) rendition: Option<String>,
    /// How long it was in that state, in milliseconds.
    pub(super) ms: i64,
    /// How long each rendition took to render, if this state is the Map over them.
    pub(super) render_ms: Vec<(String, u64)>,
}

impl Passed {
    pub(super) fn title(&self) -> String {
        match &self.rendition {
            Some(rendition) => format!("  {} ({rendition})", self.state),
            None => self.state.clone(),
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Stack {
    /// Waits for the outcome of an upload, and shows each state as the execution leaves it.
    ///
    /// # Errors
    /// If a later upload took the key over, or AWS does not answer.
    pub(super) async fn follow(
        &self,
        sent: &Sent,
        mut see: impl FnMut(Passed),
    ) -> anyhow::Result<Record> {
        let mut pause = FIRST_PAUSE;
        let mut journey = Journey::default();
        loop {
            if let Some(record) = self.record_of(sent).await? {
                let ended = self.look(&record.execution, &mut journey, &mut see).await?;
                if record.status != Status::Processing && ended {
                    return Ok(record);
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 5 / 4).min(LONGEST_PAUSE);
        }
    }

    /// The record, once it is about this upload.
    async fn record_of(&self, sent: &Sent) -> anyhow::Result<Option<Record>> {
        let Some(record) = self.records.get(&sent.key).await? else { return Ok(None) };
        if record.version_id == sent.version_id {
            return Ok(Some(record));
        }
        if record.version_id != sent.earlier_version_id {
            bail!("superseded: another upload has taken the key '{}'", sent.key);
        }
        Ok(None)
    }

    /// Shows what is new in an execution's history; whether it has ended.
    ///
    /// An express execution has none to show, and counts as ended.
    async fn look(
        &self,
        execution: &str,
        journey: &mut Journey,
        see: &mut impl FnMut(Passed),
    ) -> anyhow::Result<bool> {
        if execution.contains(":express:") {
            return Ok(true);
        }
        let request = self.step_functions.get_execution_history().execution_arn(execution);
        let mut pages = request.into_paginator().items().send();
        let mut ended = false;
        while let Some(event) = pages.next().await {
            let event = event.map_err(aws_sdk_sfn::Error::from)?;
            if let Some(passed) = journey.note(&event) {
                see(passed);
            }
            ended |= matches!(
                event.r#type().as_str(),
                "ExecutionSucceeded" | "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted"
            );
        }
        Ok(ended)
    }
}

/// How far a history was read, and which states are entered and not yet left.
#[derive(Debug, Default)]
struct Journey {
    read: i64,
    entered: HashMap<(String, Option<String>), i64>,
}

impl Journey {
    /// Takes the next event; what state it left, if it left one.
    fn note(&mut self, event: &HistoryEvent) -> Option<Passed> {
        if event.id() <= self.read {
            return None;
        }
        self.read = event.id();
        let at = event.timestamp().to_millis().unwrap_or_default();
        if let Some(entered) = event.state_entered_event_details() {
            let rendition = entered.input().and_then(rendition_of);
            self.entered.insert((entered.name().to_owned(), rendition), at);
        }
        let exited = event.state_exited_event_details()?;
        let rendition = exited.output().and_then(rendition_of);
        let render_ms = exited.output().map(render_times).unwrap_or_default();
        let id = (exited.name().to_owned(), rendition);
        let ms = self.entered.remove(&id).map(|since| at - since).unwrap_or_default();
        let (state, rendition) = id;
        Some(Passed { state, rendition, ms, render_ms })
    }
}

/// The times in the Map's output; nothing in any other.
fn render_times(json: &str) -> Vec<(String, u64)> {
    let output: Value = serde_json::from_str(json).unwrap_or_default();
    let results = output.get("results").and_then(Value::as_array);
    let time = |result: &Value| {
        let name = result.pointer("/rendition/name")?.as_str()?;
        Some((name.to_owned(), result.get("render_ms")?.as_u64()?))
    };
    results.into_iter().flatten().filter_map(time).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sfn::{
        primitives::DateTime,
        types::{HistoryEventType, StateEnteredEventDetails, StateExitedEventDetails},
    };

    #[test]
    fn renditions_that_overlap_in_the_map_are_timed_apart() {
        let mut journey = Journey::default();
        let story = [
            (1, 1_000, Some(r#"{"spec":{"name":"large"}}"#), None),
            (2, 1_010, Some(r#"{"spec":{"name":"thumbnail"}}"#), None),
            (3, 1_100, None, Some(r#"{"outcome":"rendered","rendition":{"name":"thumbnail"}}"#)),
            (4, 1_900, None, Some(r#"{"outcome":"rejected","name":"large"}"#)),
        ];
        let mut passed = Vec::new();
        for (id, at, input, output) in story {
            passed.extend(journey.note(&event(id, at, input, output)));
            assert_eq!(journey.note(&event(id, at, input, output)), None, "read again");
        }
        let seen: Vec<_> = passed.iter().map(|state| (state.title(), state.ms)).collect();
        let expected = [
            ("  Resize Rendition (thumbnail)".to_owned(), 90),
            ("  Resize Rendition (large)".to_owned(), 900),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn render_times_are_read_from_the_maps_output() {
        let output = r#"{"picture":{},"results":[
            {"outcome":"rendered","rendition":{"name":"large"},"render_ms":41},
            {"outcome":"rejected","name":"small","message":"cut short"}]}"#;
        assert_eq!(render_times(output), [("large".to_owned(), 41)]);
        assert!(render_times(r#"{"verdict":"accepted"}"#).is_empty());
    }

    fn event(id: i64, at: i64, input: Option<&str>, output: Option<&str>) -> HistoryEvent {
        let name = "Resize Rendition";
        let event = HistoryEvent::builder().id(id).timestamp(DateTime::from_millis(at));
        let event = match (input, output) {
            (Some(input), _) => {
                let details = StateEnteredEventDetails::builder().name(name).input(input).build();
                event
                    .r#type(HistoryEventType::TaskStateEntered)
                    .state_entered_event_details(details.expect("complete"))
            }
            (None, output) => {
                let details = StateExitedEventDetails::builder()
                    .name(name)
                    .set_output(output.map(str::to_owned))
                    .build();
                event
                    .r#type(HistoryEventType::TaskStateExited)
                    .state_exited_event_details(details.expect("complete"))
            }
        };
        event.build().expect("complete")
    }
}
