//! What each answer counts: the whole list of Darkroom's metrics, by where they come from.

use crate::{
    Notice, Status,
    lambda::metrics::{Dimension, Measure, Measured, Metric},
    messages::{Resized, Verdict},
};

/// How an upload ends that another one has overtaken; the others end as their record's status says.
const SUPERSEDED: &str = "superseded";

impl Measured for Verdict {
    fn measures(&self) -> Vec<Measure> {
        let (Self::Accepted { picture, .. }
        | Self::Rejected { picture, .. }
        | Self::Superseded { picture }) = self;
        let mut measures =
            vec![total(Metric::Uploads, 1), total(Metric::BytesIn, picture.byte_len)];
        if let Self::Superseded { .. } = self {
            measures.push(outcome(SUPERSEDED));
        }
        measures
    }

    fn key(&self) -> Option<&str> {
        let (Self::Accepted { picture, .. }
        | Self::Rejected { picture, .. }
        | Self::Superseded { picture }) = self;
        Some(&picture.key)
    }
}

impl Measured for Resized {
    fn measures(&self) -> Vec<Measure> {
        // That a picture is rejected is counted once, when its record is closed.
        let Self::Rendered { rendition, render_ms } = self else { return Vec::new() };
        vec![
            Measure { by: self.memory_by(), ..total(Metric::RenderTime, *render_ms) },
            Measure { by: self.memory_by(), ..total(Metric::BytesOut, rendition.byte_len) },
        ]
    }

    fn memory_by(&self) -> Vec<(Dimension, String)> {
        let Self::Rendered { rendition, .. } = self else { return Vec::new() };
        vec![
            (Dimension::Format, rendition.format.to_string()),
            (Dimension::Rendition, rendition.name.clone()),
        ]
    }

    fn key(&self) -> Option<&str> {
        match self {
            Self::Rendered { rendition, .. } => Some(&rendition.key),
            Self::Rejected { .. } => None,
        }
    }
}

impl Measured for Notice {
    fn measures(&self) -> Vec<Measure> {
        match self {
            Self::Published { status, rejection, after_ms, .. } => {
                let mut measures = vec![outcome(status.as_str())];
                if let Some(code) = rejection {
                    let by = vec![(Dimension::Code, code.to_string())];
                    measures.push(Measure { by, ..total(Metric::Rejections, 1) });
                }
                if *status == Status::Completed {
                    measures.push(total(Metric::TimeToCompletion, *after_ms));
                }
                measures
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

fn total(metric: Metric, value: u64) -> Measure {
    // Exact up to 2^53, which no byte count comes near.
    #[allow(clippy::cast_precision_loss)]
    let value = value as f64;
    Measure { metric, value, by: Vec::new() }
}

fn outcome(outcome: &str) -> Measure {
    let by = vec![(Dimension::Outcome, outcome.to_owned())];
    Measure { by, ..total(Metric::Outcomes, 1) }
}
