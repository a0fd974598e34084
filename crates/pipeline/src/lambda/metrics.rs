//! Metrics, in the logs: one line of CloudWatch's embedded metric format an answer, and no call to anybody.
//!
//! What each answer counts is in `answer_metrics.rs`; this file writes it down. Dimensions are bounded: stack, outcome,
//! rejection code, format, and the names of the deployment's own renditions. The key, which has no bound, is a
//! field of the line, for queries.
//!
//! Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{panics, peak_memory::MemoryUse};
use crate::Timestamp;

/// The namespace of every metric.
const NAMESPACE: &str = "Darkroom";

/// An answer that has something to count.
pub trait Measured {
    /// What it counts.
    fn measures(&self) -> Vec<Measure>;

    /// What the memory that it took is broken down by.
    fn memory_by(&self) -> Vec<(Dimension, String)> {
        Vec::new()
    }

    /// The key that it is about, for queries: a source's or a rendition's.
    fn key(&self) -> Option<&str>;
}

/// One value of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Which metric.
    pub metric: Metric,
    /// In the metric's unit.
    pub value: f64,
    /// What it is broken down by, one at a time; in total, by stack, it is always there.
    pub by: Vec<(Dimension, String)>,
}

/// The metrics; the name in CloudWatch is the variant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Metric {
    /// Uploads that were looked at. S3's events come at least once, and so does this.
    Uploads,
    /// Bytes of the uploads.
    BytesIn,
    /// Uploads that came to an end, by outcome.
    Outcomes,
    /// Pictures that were refused, by code.
    Rejections,
    /// From the upload to its event, for completed pictures.
    TimeToCompletion,
    /// From the first byte read to the last encoded.
    RenderTime,
    /// Bytes of the renditions.
    BytesOut,
    /// The most memory that the process held while it answered.
    PeakMemory,
    /// The same, in per cent of what the function has.
    MemoryUse,
    /// Panics that the function survived while it answered: 0, unless the renderer has a defect.
    Panics,
}

impl Metric {
    /// Its unit, in CloudWatch's words.
    fn unit(self) -> &'static str {
        match self {
            Self::Uploads | Self::Outcomes | Self::Rejections | Self::Panics => "Count",
            Self::BytesIn | Self::BytesOut => "Bytes",
            Self::TimeToCompletion | Self::RenderTime => "Milliseconds",
            Self::PeakMemory => "Megabytes",
            Self::MemoryUse => "Percent",
        }
    }
}

/// What metrics are broken down by, beside the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Dimension {
    /// How an upload ended.
    Outcome,
    /// Why a picture was refused.
    Code,
    /// What a rendition is encoded as.
    Format,
    /// A rendition's name in its profile.
    Rendition,
}

/// Where metrics are written, if anywhere.
#[derive(Debug)]
pub struct Metrics {
    stack: String,
    memory: MemoryUse,
}

impl Metrics {
    /// For the stack named by `METRICS_STACK`; none without it, and nothing is measured then.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let stack = lookup("METRICS_STACK").filter(|stack| !stack.is_empty())?;
        Some(Self { stack, memory: MemoryUse::read(lookup) })
    }

    /// Begins the measuring of one answer's memory.
    pub(crate) fn begin(&self) {
        self.memory.begin();
    }

    /// Writes what `answer` counts as one line on standard output.
    pub(crate) fn write(&self, answer: &impl Measured) {
        let mut measures = answer.measures();
        measures.extend(self.memory.measures(answer.memory_by()));
        measures.push(survived_panics());
        let line = self.line(&measures, answer.key(), Timestamp::now());
        // A line that cannot be written does not change the answer.
        let _ = writeln!(io::stdout().lock(), "{line}");
    }

    fn line(&self, measures: &[Measure], key: Option<&str>, now: Timestamp) -> Value {
        let mut line = Map::new();
        line.extend(key.map(|key| ("key".to_owned(), json!(key))));
        let directives: Vec<Value> = measures
            .iter()
            .map(|measure| {
                line.insert(name(&measure.metric), json!(measure.value));
                let mut sets = vec![json!(["Stack"])];
                for (dimension, value) in &measure.by {
                    line.insert(name(dimension), json!(value));
                    sets.push(json!(["Stack", dimension]));
                }
                json!({
                    "Namespace": NAMESPACE,
                    "Dimensions": sets,
                    "Metrics": [{"Name": measure.metric, "Unit": measure.metric.unit()}],
                })
            })
            .collect();
        line.insert("Stack".to_owned(), json!(self.stack));
        line.insert(
            "_aws".to_owned(),
            json!({"Timestamp": now.unix_milliseconds(), "CloudWatchMetrics": directives}),
        );
        Value::Object(line)
    }
}

fn survived_panics() -> Measure {
    Measure { metric: Metric::Panics, value: panics::take_count().into(), by: Vec::new() }
}

fn name(named: &impl Serialize) -> String {
    match serde_json::to_value(named) {
        Ok(Value::String(name)) => name,
        _ => unreachable!("unit variants serialize to their names"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let metrics = Metrics::read(|name| (name == "METRICS_STACK").then(|| "dev".to_owned()));
        let measures = [Measure {
            metric: Metric::RenderTime,
            value: 12.0,
            by: vec![
                (Dimension::Format, "webp".to_owned()),
                (Dimension::Rendition, "large".to_owned()),
            ],
        }];
        let now: Timestamp = serde_json::from_str("\"2026-05-01T12:00:00.5Z\"").unwrap();
        assert_eq!(
            metrics.unwrap().line(&measures, Some("cat.jpg"), now),
            json!({
                "_aws": {
                    "Timestamp": 1_777_636_800_500_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Darkroom",
                        "Dimensions": [["Stack"], ["Stack", "Format"], ["Stack", "Rendition"]],
                        "Metrics": [{"Name": "RenderTime", "Unit": "Milliseconds"}],
                    }],
                },
                "Stack": "dev",
                "Format": "webp",
                "Rendition": "large",
                "RenderTime": 12.0,
                "key": "cat.jpg",
            })
        );
    }

    #[test]
    fn a_panic_that_a_function_survives_is_counted_once() {
        panics::report_all();
        panics::take_count();
        std::panic::catch_unwind(|| panic!("a defect in a decoder")).unwrap_err();
        assert_eq!(
            survived_panics(),
            Measure { metric: Metric::Panics, value: 1.0, by: Vec::new() }
        );
        assert_eq!(survived_panics().value, 0.0);
    }

    #[test]
    fn without_a_stack_nothing_is_measured() {
        assert!(Metrics::read(|_| None).is_none());
        assert!(Metrics::read(|_| Some(String::new())).is_none());
    }
}
