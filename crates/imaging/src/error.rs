//! Rejections and errors, grouped by fault.
//!
//! A [`Rejection`] is the picture's fault. It is a verdict: no alarm is raised, and clients may read its message. All other
//! [`RenderError`]s are faults of the reader, of the writer or of our code, and must be looked at.

use std::fmt;
use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Corruption, Format, Size};

/// Why a picture is rejected. `Display` gives the public message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// The bytes are not a picture of a known format.
    #[error("the file is not an image{}", found.map(|found| format!(", but {found}")).unwrap_or_default())]
    NotAnImage {
        /// What the file looks like, with its article, such as `a video (MP4)`.
        found: Option<&'static str>,
    },
    /// A picture in a format that is not accepted.
    #[error("{found} is not accepted, only {}; convert the file to one of these", list(accepted))]
    UnsupportedFormat {
        /// The name of the format, such as `TIFF`.
        found: String,
        /// The formats that are accepted.
        accepted: Vec<Format>,
    },
    /// The source has more bytes than the limit.
    #[error("the file has {found} bytes, more than the limit of {limit}")]
    TooManyBytes {
        /// `max_bytes` of the policy.
        limit: u64,
        /// The source's length.
        found: u64,
    },
    /// Width × height is more than the limit.
    #[error("the image has {} pixels ({found}), more than the limit of {limit}", found.pixels())]
    TooManyPixels {
        /// `max_pixels` of the policy.
        limit: u64,
        /// The picture's size.
        found: Size,
    },
    /// The animation has more frames than the limit.
    #[error("the image has at least {found} frames, more than the limit of {limit}")]
    TooManyFrames {
        /// `max_frames` of the policy.
        limit: u32,
        /// Frames counted until the limit was exceeded.
        found: u32,
    },
    /// All frames of an animation together have more pixels than the limit. A smaller
    /// frame counts as the whole canvas.
    #[error("the animation has at least {frames} frames of {canvas}, more than the limit of {limit} pixels in all")]
    TooManyAnimationPixels {
        /// Pixels of all frames together.
        limit: u64,
        /// Frames counted until the limit was exceeded.
        frames: u32,
        /// The size of the canvas.
        canvas: Size,
    },
    /// Rendering takes more memory than the limit.
    #[error(
        "rendering the image takes {} MB of memory, more than the limit of {} MB",
        needed.div_ceil(1_000_000),
        limit / 1_000_000
    )]
    TooMuchMemory {
        /// `max_memory_bytes` of the policy.
        limit: u64,
        /// Bytes that the most demanding rendition [takes](crate::memory_needed).
        needed: u64,
    },
    /// A frame of an animated WebP has more groups of Huffman codes than any encoder writes. Each group takes memory.
    #[error("a frame of the image has {found} groups of Huffman codes, more than the limit of {limit}")]
    TooManyHuffmanGroups {
        /// The largest number of groups that is accepted.
        limit: u32,
        /// Groups of the frame.
        found: u32,
    },
    /// A JPEG has more scans over the same pixels than the limit. Each scan takes time.
    #[error("the image has at least {found} scans, more than the limit of {limit}")]
    TooManyScans {
        /// The largest number of scans that is decoded.
        limit: u32,
        /// Scans counted until the limit was exceeded.
        found: u32,
    },
    /// Rendering takes more time than the limit.
    #[error(
        "rendering the image was not done after {:.1} s, more than the limit of {:.1} s",
        taken.as_secs_f64(),
        limit.as_secs_f64()
    )]
    TooMuchTime {
        /// The time that the renderer may take, without the time of its reader and writer.
        limit: Duration,
        /// The time that it had taken when it stopped.
        taken: Duration,
    },
    /// The picture is damaged or truncated.
    #[error("{0}")]
    Corrupt(Corruption),
    /// The source has no bytes.
    #[error("the file is empty")]
    Empty,
}

impl Rejection {
    /// The code of this rejection, which clients rely on.
    pub fn code(&self) -> RejectionCode {
        match self {
            Rejection::NotAnImage { .. } => RejectionCode::NotAnImage,
            Rejection::UnsupportedFormat { .. } => RejectionCode::UnsupportedFormat,
            Rejection::TooManyBytes { .. } => RejectionCode::TooManyBytes,
            Rejection::TooManyPixels { .. } => RejectionCode::TooManyPixels,
            Rejection::TooManyFrames { .. } | Rejection::TooManyAnimationPixels { .. } => RejectionCode::TooManyFrames,
            Rejection::TooMuchMemory { .. } | Rejection::TooManyHuffmanGroups { .. } => RejectionCode::TooMuchMemory,
            Rejection::TooManyScans { .. } => RejectionCode::TooManyScans,
            Rejection::TooMuchTime { .. } => RejectionCode::TooMuchTime,
            Rejection::Corrupt(_) => RejectionCode::Corrupt,
            Rejection::Empty => RejectionCode::Empty,
        }
    }

    /// Damage at an unknown place. `reason` is a clause in lower case, without a full stop.
    pub(crate) fn corrupt(reason: impl fmt::Display) -> Self {
        Rejection::Corrupt(Corruption::new(reason))
    }

    /// A rejection of a format that no profile can accept.
    pub(crate) fn unsupported(found: impl Into<String>) -> Self {
        let accepted = Format::SOURCES.into_iter().filter(|format| !format.is_left_out()).collect();
        Rejection::UnsupportedFormat { found: found.into(), accepted }
    }
}

/// The code of a [`Rejection`], `snake_case` in JSON. Clients rely on it, so the names do not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the variants of `Rejection` with the same names have the docs
pub enum RejectionCode {
    NotAnImage,
    UnsupportedFormat,
    TooManyBytes,
    TooManyPixels,
    TooManyFrames,
    TooMuchMemory,
    TooManyScans,
    TooMuchTime,
    Corrupt,
    Empty,
    /// No [`Rejection`] has it: the application rejects a source whose key it cannot use.
    UnsupportedKey,
}

impl fmt::Display for RejectionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RejectionCode::NotAnImage => "not_an_image",
            RejectionCode::UnsupportedFormat => "unsupported_format",
            RejectionCode::TooManyBytes => "too_many_bytes",
            RejectionCode::TooManyPixels => "too_many_pixels",
            RejectionCode::TooManyFrames => "too_many_frames",
            RejectionCode::TooMuchMemory => "too_much_memory",
            RejectionCode::TooManyScans => "too_many_scans",
            RejectionCode::TooMuchTime => "too_much_time",
            RejectionCode::Corrupt => "corrupt",
            RejectionCode::Empty => "empty",
            RejectionCode::UnsupportedKey => "unsupported_key",
        })
    }
}

/// Why a picture was not rendered.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The picture's fault. Rendering it again would give the same result.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The reader failed. The picture may be sound.
    #[error("reading the source failed")]
    Read(#[source] io::Error),
    /// The writer failed.
    #[error("writing the rendition failed")]
    Write(#[source] io::Error),
    /// Our fault: our own JPEG decoder panicked. The picture may be sound: [render it
    /// again](crate::render_within) with [`JpegDecoder::Libjpeg`](crate::JpegDecoder::Libjpeg).
    #[error("the JPEG decoder panicked")]
    JpegDecoderPanicked,
    /// The end of a progressive JPEG is missing behind a scan that was passed over, because the rendition does not need it.
    /// The picture is whole if this scan is: [render it again](crate::render_within) with
    /// [`JpegDecoder::Libjpeg`](crate::JpegDecoder::Libjpeg), which decodes all scans.
    #[error("the end of the JPEG is missing, and its last scan was not decoded")]
    JpegEndUnknown,
    /// Our fault: a decoder got no memory, although the estimate is within the limit.
    #[error("{step} failed: there is not enough memory")]
    OutOfMemory {
        /// The step that failed.
        step: &'static str,
    },
    /// Our fault: an encoder or the resampler failed.
    #[error("{step} failed: {reason}")]
    Encode {
        /// The step that failed.
        step: &'static str,
        /// Its message.
        reason: String,
    },
}

impl RenderError {
    pub(crate) fn corrupt(reason: impl fmt::Display) -> Self {
        RenderError::Rejected(Rejection::corrupt(reason))
    }

    pub(crate) fn encode(step: &'static str, reason: impl fmt::Display) -> Self {
        RenderError::Encode { step, reason: reason.to_string() }
    }
}

fn list(formats: &[Format]) -> String {
    formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_limit_and_what_was_found() {
        let cases = [
            (Rejection::TooManyBytes { limit: 10, found: 11 }, "the file has 11 bytes, more than the limit of 10"),
            (
                Rejection::TooManyPixels { limit: 5, found: Size::new(3, 2) },
                "the image has 6 pixels (3×2), more than the limit of 5",
            ),
            (
                Rejection::TooMuchMemory { limit: 192_999_999, needed: 912_000_001 },
                "rendering the image takes 913 MB of memory, more than the limit of 192 MB",
            ),
            (
                Rejection::TooMuchTime { limit: Duration::from_secs(80), taken: Duration::from_millis(80_149) },
                "rendering the image was not done after 80.1 s, more than the limit of 80.0 s",
            ),
            (
                Rejection::UnsupportedFormat { found: "TIFF".into(), accepted: vec![Format::Jpeg, Format::Png] },
                "TIFF is not accepted, only jpeg, png; convert the file to one of these",
            ),
            (Rejection::NotAnImage { found: None }, "the file is not an image"),
            (Rejection::NotAnImage { found: Some("a video (MP4)") }, "the file is not an image, but a video (MP4)"),
            (
                Rejection::TooManyAnimationPixels { limit: 9, frames: 3, canvas: Size::new(2, 2) },
                "the animation has at least 3 frames of 2×2, more than the limit of 9 pixels in all",
            ),
        ];
        for (rejection, message) in cases {
            assert_eq!(rejection.to_string(), message);
        }
    }

    #[test]
    fn a_code_is_displayed_as_it_is_serialized() {
        for rejection in [
            Rejection::NotAnImage { found: None },
            Rejection::Empty,
            Rejection::TooManyFrames { limit: 1, found: 2 },
            Rejection::TooMuchMemory { limit: 1, needed: 2 },
            Rejection::TooManyScans { limit: 1, found: 2 },
            Rejection::TooMuchTime { limit: Duration::ZERO, taken: Duration::MAX },
        ] {
            let code = rejection.code();
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
        }
        let code = RejectionCode::UnsupportedKey;
        assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
    }
}
