//! Metrics, written to the log as lines of CloudWatch's embedded metric format: no call to a service is needed.
//!
//! This file has all metrics of Darkroom; `embedded_metrics.rs` writes them. Dimensions have a bounded number of
//! values: stack, outcome, rejection code, format, and the names of the deployment's renditions. The key, which is
//! unbounded, is only a field of the line, for queries.

use serde::Serialize;

use crate::{
    NotifyOutcome, Status,
    messages::{ResizeResult, Verdict},
};

/// The answer of a function that has metrics.
pub trait HasMetrics {
    /// The metrics of this answer.
    fn metrics(&self) -> Vec<MetricValue>;

    /// The dimensions of the memory that the function used for this answer.
    fn memory_dimensions(&self) -> Vec<(Dimension, String)> {
        Vec::new()
    }

    /// The source key or rendition key of this answer, for queries.
    fn key(&self) -> Option<&str>;
}

/// One value of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricValue {
    /// The metric.
    pub metric: Metric,
    /// The value, in the metric's unit.
    pub value: f64,
    /// The dimensions to break it down by, one at a time. The total of the stack is always there.
    pub dimensions: Vec<(Dimension, String)>,
}

impl MetricValue {
    pub(super) fn new(metric: Metric, value: u64) -> Self {
        // Exact up to 2^53, far more than any file has bytes.
        #[allow(clippy::cast_precision_loss)]
        let value = value as f64;
        Self { metric, value, dimensions: Vec::new() }
    }

    fn by(self, dimensions: Vec<(Dimension, String)>) -> Self {
        Self { dimensions, ..self }
    }
}

/// The metrics. Their names in CloudWatch are those of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Metric {
    /// Validated uploads. An event of S3 that is delivered twice counts twice.
    Uploads,
    /// Bytes of the uploads.
    BytesIn,
    /// Finished uploads, by outcome.
    Outcomes,
    /// Rejected pictures, by code.
    Rejections,
    /// Time from the upload to its event, for completed pictures.
    TimeToCompletion,
    /// Time from the first byte read to the last byte encoded.
    RenderTime,
    /// Bytes of the renditions.
    BytesOut,
    /// Peak memory of the process during an invocation.
    PeakMemory,
    /// Peak memory in per cent of the function's memory size.
    MemoryUse,
    /// Panics that the function survived: 0, unless the renderer has a defect.
    Panics,
}

impl Metric {
    /// CloudWatch's name of the unit.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Uploads | Self::Outcomes | Self::Rejections | Self::Panics => "Count",
            Self::BytesIn | Self::BytesOut => "Bytes",
            Self::TimeToCompletion | Self::RenderTime => "Milliseconds",
            Self::PeakMemory => "Megabytes",
            Self::MemoryUse => "Percent",
        }
    }
}

/// The dimensions of metrics, in addition to the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Dimension {
    /// Outcome of an upload.
    Outcome,
    /// Code of a rejection.
    Code,
    /// Format of a rendition.
    Format,
    /// Name of a rendition in its profile.
    Rendition,
}

impl HasMetrics for Verdict {
    fn metrics(&self) -> Vec<MetricValue> {
        if let Self::Ignored { .. } = self {
            return Vec::new();
        }
        let mut metrics = vec![
            MetricValue::new(Metric::Uploads, 1),
            MetricValue::new(Metric::BytesIn, self.picture().upload.byte_len),
        ];
        if let Self::Superseded { .. } = self {
            metrics.push(outcome(SUPERSEDED));
        }
        metrics
    }

    fn key(&self) -> Option<&str> {
        Some(&self.picture().key)
    }
}

impl HasMetrics for ResizeResult {
    fn metrics(&self) -> Vec<MetricValue> {
        // A rejection is counted once, when notify closes the record.
        let Self::Rendered { rendition, render_ms } = self else { return Vec::new() };
        let dimensions = self.memory_dimensions();
        vec![
            MetricValue::new(Metric::RenderTime, *render_ms).by(dimensions.clone()),
            MetricValue::new(Metric::BytesOut, rendition.byte_len).by(dimensions),
        ]
    }

    fn memory_dimensions(&self) -> Vec<(Dimension, String)> {
        let Self::Rendered { rendition, .. } = self else { return Vec::new() };
        vec![(Dimension::Format, rendition.format.to_string()), (Dimension::Rendition, rendition.name.clone())]
    }

    fn key(&self) -> Option<&str> {
        match self {
            Self::Rendered { rendition, .. } => Some(&rendition.key),
            Self::Rejected { .. } => None,
        }
    }
}

impl HasMetrics for NotifyOutcome {
    fn metrics(&self) -> Vec<MetricValue> {
        match self {
            Self::Published { status, rejection, after_ms, .. } => {
                let mut metrics = vec![outcome(status.as_str())];
                if let Some(code) = rejection {
                    let dimensions = vec![(Dimension::Code, code.to_string())];
                    metrics.push(MetricValue::new(Metric::Rejections, 1).by(dimensions));
                }
                if *status == Status::Completed {
                    metrics.push(MetricValue::new(Metric::TimeToCompletion, *after_ms));
                }
                metrics
            }
            Self::Superseded { .. } => vec![outcome(SUPERSEDED)],
            Self::Ignored { .. } => Vec::new(),
        }
    }

    fn key(&self) -> Option<&str> {
        match self {
            Self::Published { key, .. } | Self::Superseded { key } => Some(key),
            Self::Ignored { .. } => None,
        }
    }
}

/// Outcome of an upload that a later one has superseded. The other outcomes are the statuses of records.
const SUPERSEDED: &str = "superseded";

fn outcome(outcome: &str) -> MetricValue {
    MetricValue::new(Metric::Outcomes, 1).by(vec![(Dimension::Outcome, outcome.to_owned())])
}
