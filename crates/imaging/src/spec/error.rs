//! Errors of a rendition spec.

use thiserror::Error;

use super::name::RenditionName;

/// Why a spec is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpecError {
    /// The fit is cover, and the box has no width or no height.
    #[error("rendition {name}: fit cover needs both width and height")]
    CoverNeedsBothSides {
        /// The rendition.
        name: RenditionName,
    },
    /// The option belongs to another encoder.
    #[error("rendition {name}: {format} takes no {option}")]
    OptionNotTaken {
        /// The rendition.
        name: RenditionName,
        /// The format, or `lossless webp`.
        format: &'static str,
        /// The option.
        option: &'static str,
    },
    /// A job has the format `source`. Its source is known, so it must have the format of that source.
    #[error("rendition {name}: a job's format must not be source")]
    Unresolved {
        /// The rendition.
        name: RenditionName,
    },
}
