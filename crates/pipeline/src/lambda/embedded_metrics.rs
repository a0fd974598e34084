//! Writes metrics to standard output, and measures the memory of the process.
//!
//! Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".

use std::{
    fs,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    metrics::{Dimension, HasMetrics, Metric, MetricValue},
    panics,
};
use crate::Timestamp;

/// The CloudWatch namespace of every metric.
const NAMESPACE: &str = "Darkroom";

/// Writes the metrics of a function's answers.
#[derive(Debug)]
pub struct MetricsWriter {
    stack: String,
    /// Memory size of the function in MB; none outside Lambda.
    memory_size_mb: Option<f64>,
}

impl MetricsWriter {
    /// A writer for the stack that `METRICS_STACK` names; none without that variable.
    ///
    /// Lambda sets `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in MB.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let stack = lookup("METRICS_STACK").filter(|stack| !stack.is_empty())?;
        let memory_size = lookup("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
        let memory_size_mb = memory_size.and_then(|size| size.parse().ok());
        Some(Self { stack, memory_size_mb })
    }

    /// Resets the peak memory of the process, at the beginning of an invocation.
    ///
    /// If the kernel does not allow it, the peak stays that of the whole life of the process, which is not smaller.
    pub(super) fn reset_peak_memory(&self) {
        // proc(5): 5 resets the peak resident set size.
        let _ = fs::write("/proc/self/clear_refs", "5");
    }

    /// Writes the metrics of `answer` as one line.
    pub(super) fn write(&self, answer: &impl HasMetrics) {
        let mut metrics = answer.metrics();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        if let Some(peak_mb) = peak_mb(&status) {
            metrics.extend(self.memory_metrics(peak_mb, answer.memory_dimensions()));
        }
        metrics.push(survived_panics());
        let line = self.line(&metrics, answer.key(), Timestamp::now());
        // A line that cannot be written does not change the answer.
        let _ = writeln!(io::stdout().lock(), "{line}");
    }

    fn memory_metrics(&self, peak_mb: f64, dimensions: Vec<(Dimension, String)>) -> impl Iterator<Item = MetricValue> {
        let peak = MetricValue { metric: Metric::PeakMemory, value: peak_mb, dimensions };
        let used = self.memory_size_mb.map(|size_mb| MetricValue {
            metric: Metric::MemoryUse,
            value: 100.0 * peak_mb / size_mb,
            dimensions: Vec::new(),
        });
        std::iter::once(peak).chain(used)
    }

    fn line(&self, metrics: &[MetricValue], key: Option<&str>, now: Timestamp) -> Value {
        let mut line = Map::new();
        line.extend(key.map(|key| ("key".to_owned(), json!(key))));
        let directives: Vec<Value> = metrics
            .iter()
            .map(|it| {
                line.insert(name(&it.metric), json!(it.value));
                // One dimension at a time: each combination of values would be a metric of its own, which costs money.
                let mut sets = vec![json!(["Stack"])];
                for (dimension, value) in &it.dimensions {
                    line.insert(name(dimension), json!(value));
                    sets.push(json!(["Stack", dimension]));
                }
                json!({
                    "Namespace": NAMESPACE,
                    "Dimensions": sets,
                    "Metrics": [{"Name": it.metric, "Unit": it.metric.unit()}],
                })
            })
            .collect();
        line.insert("Stack".to_owned(), json!(self.stack));
        line.insert("_aws".to_owned(), json!({"Timestamp": now.unix_milliseconds(), "CloudWatchMetrics": directives}));
        Value::Object(line)
    }
}

fn survived_panics() -> MetricValue {
    MetricValue::new(Metric::Panics, panics::take_count().into())
}

/// The peak of the resident set in `/proc/self/status`, in MB.
fn peak_mb(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024.0)
}

fn name(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(Value::String(name)) => name,
        _ => unreachable!("unit variants serialize to their names"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let writer = MetricsWriter::read(|name| (name == "METRICS_STACK").then(|| "dev".to_owned()));
        let metrics = [MetricValue {
            metric: Metric::RenderTime,
            value: 12.0,
            dimensions: vec![(Dimension::Format, "webp".to_owned()), (Dimension::Rendition, "large".to_owned())],
        }];
        let now: Timestamp = serde_json::from_str("\"2026-05-01T12:00:00.5Z\"").unwrap();
        assert_eq!(
            writer.unwrap().line(&metrics, Some("cat.jpg"), now),
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
        assert_eq!(survived_panics(), MetricValue::new(Metric::Panics, 1));
        assert_eq!(survived_panics().value, 0.0);
    }

    #[test]
    fn without_a_stack_there_is_no_writer() {
        assert!(MetricsWriter::read(|_| None).is_none());
        assert!(MetricsWriter::read(|_| Some(String::new())).is_none());
    }

    #[test]
    fn the_peak_memory_is_parsed_from_the_kernels_status() {
        let status = "Name:\tresize\nVmPeak:\t  900000 kB\nVmHWM:\t   18432 kB\nVmRSS:\t   12288 kB\n";
        assert_eq!(peak_mb(status), Some(18.0));
        assert_eq!(peak_mb("Name:\tresize\n"), None);
        assert!(peak_mb(&fs::read_to_string("/proc/self/status").unwrap()).unwrap() > 0.0);
    }

    #[test]
    fn memory_is_also_written_in_per_cent_of_the_functions_memory() {
        let writer = MetricsWriter::read(|_| Some("1024".to_owned())).unwrap();
        let metrics: Vec<_> = writer.memory_metrics(256.0, Vec::new()).collect();
        let values: Vec<_> = metrics.iter().map(|it| (it.metric, it.value)).collect();
        assert_eq!(values, [(Metric::PeakMemory, 256.0), (Metric::MemoryUse, 25.0)]);
    }
}
