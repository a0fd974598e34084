//! Which pictures are accepted. Formats and limits are checked on the header, before any pixel is decoded.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Format, Header, Rejection};

/// The formats and limits of a profile.
///
/// ```
/// use imaging::{Policy, RejectionCode};
///
/// let policy: Policy = serde_json::from_str(r#"{"limits": {"max_bytes": 1000}}"#)?;
/// assert!(policy.judge_byte_len(1000).is_ok());
/// assert_eq!(policy.judge_byte_len(1001).unwrap_err().code(), RejectionCode::TooManyBytes);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The formats that are accepted. The default is every format that can be read.
    #[serde(default = "all_source_formats", deserialize_with = "source_formats")]
    pub accepts: Vec<Format>,
    /// The limits.
    #[serde(default)]
    pub limits: Limits,
}

impl Policy {
    /// Checks the length, which is known before the first byte is read.
    ///
    /// # Errors
    /// [`Rejection::Empty`], [`Rejection::TooManyBytes`].
    pub fn judge_byte_len(&self, byte_len: u64) -> Result<(), Rejection> {
        let limit = self.limits.max_bytes;
        match byte_len {
            0 => Err(Rejection::Empty),
            found if found > limit => Err(Rejection::TooManyBytes { limit, found }),
            _ => Ok(()),
        }
    }

    /// Checks the header.
    ///
    /// # Errors
    /// [`Rejection::UnsupportedFormat`], [`Rejection::TooManyPixels`], [`Rejection::TooManyFrames`]: the first one that
    /// applies, in this order.
    pub fn judge(&self, header: &Header) -> Result<(), Rejection> {
        let Limits { max_pixels, max_frames, .. } = self.limits;
        if !self.accepts.contains(&header.format) {
            return Err(Rejection::UnsupportedFormat {
                found: header.format.to_string(),
                accepted: self.accepts.clone(),
            });
        }
        if header.size.pixels() > max_pixels {
            return Err(Rejection::TooManyPixels { limit: max_pixels, found: header.size });
        }
        if header.frames > max_frames {
            return Err(Rejection::TooManyFrames { limit: max_frames, found: header.frames });
        }
        Ok(())
    }

    /// Checks the [memory that rendering takes](crate::memory_needed), in bytes.
    ///
    /// # Errors
    /// [`Rejection::TooMuchMemory`].
    pub fn judge_memory(&self, needed: u64) -> Result<(), Rejection> {
        match self.limits.max_memory_bytes {
            Some(limit) if needed > limit => Err(Rejection::TooMuchMemory { limit, needed }),
            _ => Ok(()),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Policy { accepts: all_source_formats(), limits: Limits::default() }
    }
}

fn all_source_formats() -> Vec<Format> {
    Format::SOURCES.to_vec()
}

fn source_formats<'de, D: Deserializer<'de>>(json: D) -> Result<Vec<Format>, D::Error> {
    let formats = Vec::<Format>::deserialize(json)?;
    match formats.iter().find(|format| !Format::SOURCES.contains(format)) {
        Some(format) => Err(D::Error::custom(format_args!("{format} is not read"))),
        None => Ok(formats),
    }
}

/// The limits of a picture. Each limit is the largest value that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of the source. The default is 100,000,000.
    pub max_bytes: u64,
    /// Width × height in px. The default is 268,402,689, which is 16,383², the size of the largest WebP.
    pub max_pixels: u64,
    /// Frames of an animation, as far as the header tells. The default is 1,000.
    pub max_frames: u32,
    /// Bytes of memory that rendering takes, as [estimated](crate::memory_needed) from the header. By default, the
    /// renderer's memory is the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_memory_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_bytes: 100_000_000, max_pixels: 16_383 * 16_383, max_frames: 1_000, max_memory_bytes: None }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{DecodedPixels, Orientation, RejectionCode, Size};

    fn header(format: Format, size: Size, frames: u32) -> Header {
        let pixels = DecodedPixels { pixel_bytes: 4, has_alpha: true, decoder_bytes: 0 };
        let orientation = Orientation::UPRIGHT;
        Header { format, size, orientation, frames, pixels, header_len: 0, header_memory: 0 }
    }

    #[test]
    fn each_limit_accepts_its_value_and_rejects_one_more() {
        let limits = Limits { max_bytes: 100, max_pixels: 12, max_frames: 3, max_memory_bytes: Some(9) };
        let policy = Policy { accepts: vec![Format::Gif], limits };
        let judge = |width, height, frames| policy.judge(&header(Format::Gif, Size::new(width, height), frames));

        assert_eq!(policy.judge_byte_len(100), Ok(()));
        assert_eq!(policy.judge_byte_len(101), Err(Rejection::TooManyBytes { limit: 100, found: 101 }));
        assert_eq!(judge(4, 3, 3), Ok(()));
        assert_eq!(judge(13, 1, 3), Err(Rejection::TooManyPixels { limit: 12, found: Size::new(13, 1) }));
        assert_eq!(judge(4, 3, 4), Err(Rejection::TooManyFrames { limit: 3, found: 4 }));
        assert_eq!(policy.judge_memory(9), Ok(()));
        assert_eq!(policy.judge_memory(10), Err(Rejection::TooMuchMemory { limit: 9, needed: 10 }));
    }

    #[test]
    fn memory_has_no_limit_by_default() {
        assert_eq!(Policy::default().judge_memory(u64::MAX), Ok(()));
    }

    #[test]
    fn a_source_of_zero_bytes_is_empty() {
        assert_eq!(Policy::default().judge_byte_len(0), Err(Rejection::Empty));
        assert_eq!(Policy::default().judge_byte_len(1), Ok(()));
    }

    #[test]
    fn the_message_names_the_format_and_the_accepted_formats() {
        let policy = Policy { accepts: vec![Format::Jpeg, Format::Png], ..Policy::default() };
        let rejection = policy.judge(&header(Format::Gif, Size::new(1, 1), 1)).unwrap_err();
        assert_eq!(rejection.code(), RejectionCode::UnsupportedFormat);
        assert_eq!(rejection.to_string(), "gif is not accepted, only jpeg, png; convert the file to one of these");
    }

    #[test]
    fn a_pixel_count_above_32_bits_does_not_overflow() {
        let policy = Policy::default();
        let huge = header(Format::Png, Size::new(65_536, 65_536), 1);
        assert_eq!(policy.judge(&huge).unwrap_err().code(), RejectionCode::TooManyPixels);
    }

    #[test]
    fn an_unknown_limit_is_refused() {
        assert!(serde_json::from_str::<Limits>(r#"{"max_byte": 1}"#).is_err());
        assert_eq!(serde_json::from_str::<Policy>("{}").unwrap(), Policy::default());
    }

    #[test]
    fn a_format_that_is_not_read_cannot_be_accepted() {
        let unread = Format::ALL.into_iter().find(|format| !Format::SOURCES.contains(format));
        if let Some(format) = unread {
            let error = serde_json::from_str::<Policy>(&format!(r#"{{"accepts": ["png", "{format}"]}}"#)).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{format} is not read")), "{error}");
        }
        assert!(serde_json::from_str::<Policy>(r#"{"accepts": ["png", "avif"]}"#).is_ok());
    }
}
