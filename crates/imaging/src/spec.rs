//! The rendition spec: the recipe of one rendition, parsed once and valid ever after.
//!
//! A spec says nothing about a particular picture. How it lands on one is
//! [`geometry`](crate::geometry)'s business, and [`RenditionSpec::resolved`] settles what
//! `"format": "source"` means for it.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Encoding, Format, Method, Quality, Scans, Speed};

/// The recipe of one rendition.
///
/// ```
/// let spec: imaging::RenditionSpec = serde_json::from_str(
///     r#"{"name": "thumbnail", "width": 300, "height": 300, "format": "webp"}"#,
/// )?;
/// // Serialized, nothing is left to a default.
/// assert_eq!(
///     serde_json::to_string(&spec)?,
///     r#"{"name":"thumbnail","fit":"inside","width":300,"height":300,"format":"webp","quality":77}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSpec", into = "RawSpec")]
pub struct RenditionSpec {
    /// What the rendition is called, unique within a profile.
    pub name: RenditionName,
    /// How the picture meets the box.
    pub fit: Fit,
    /// The box's width in px; absent, the width is free.
    pub width: Option<NonZeroU32>,
    /// The box's height in px; absent, the height is free.
    pub height: Option<NonZeroU32>,
    /// The format that is written, and how.
    pub encoding: Encoding,
    /// What becomes of an animation.
    pub frames: Frames,
}

impl RenditionSpec {
    /// The same spec with [`Encoding::Source`] replaced by what it means for a source of this
    /// format.
    #[must_use]
    pub fn resolved(self, source: Format) -> RenditionSpec {
        let encoding = match self.encoding {
            Encoding::Source => match source {
                Format::Jpeg => Encoding::JPEG_DEFAULT,
                Format::Webp => Encoding::WEBP_DEFAULT,
                // A still of a GIF has at most 256 colours, but not after it was resized.
                Format::Png | Format::Gif => Encoding::Png,
                Format::Avif => Encoding::AVIF_DEFAULT,
            },
            explicit => explicit,
        };
        RenditionSpec { encoding, ..self }
    }

    /// The format of the rendition that this spec makes of a source of that format.
    pub fn output_format(&self, source: Format) -> Format {
        self.encoding.format().unwrap_or(match source {
            Format::Gif => Format::Png,
            other => other,
        })
    }
}

/// How a picture meets its box. Neither enlarges it, ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// The whole picture, within the box.
    #[default]
    Inside,
    /// The box filled, its overflow cropped evenly from both ends.
    Cover,
}

/// Which frames of an animation are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Frames {
    /// The first, as a still.
    #[default]
    First,
    /// All of them, as an animation: a choice that only WebP has. A still stays a still.
    All,
}

/// A rendition's name: `[a-z0-9][a-z0-9-]{0,31}`, so that it reads well in a key and needs no
/// escaping in a URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RenditionName(String);

impl RenditionName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RenditionName {
    type Error = SpecError;

    fn try_from(found: String) -> Result<Self, SpecError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&found.len()) && found.bytes().all(allowed) && !found.starts_with('-')
        {
            Ok(RenditionName(found))
        } else {
            Err(SpecError::InvalidName { found })
        }
    }
}

impl TryFrom<&str> for RenditionName {
    type Error = SpecError;

    fn try_from(found: &str) -> Result<Self, SpecError> {
        RenditionName::try_from(found.to_owned())
    }
}

impl From<RenditionName> for String {
    fn from(name: RenditionName) -> String {
        name.0
    }
}

impl fmt::Display for RenditionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What is wrong with a spec.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpecError {
    /// A name that would not read well in a key.
    #[error(
        "rendition name {found:?} is not 1–32 of a-z, 0-9 and -, starting with a letter or digit"
    )]
    InvalidName {
        /// The name.
        found: String,
    },
    /// A quality outside 1–100.
    #[error("quality {found} is not within 1–100")]
    QualityOutOfRange {
        /// The quality.
        found: u8,
    },
    /// A cover without a complete box to fill.
    #[error("rendition {name}: fit cover needs both width and height")]
    CoverNeedsBothSides {
        /// The rendition.
        name: RenditionName,
    },
    /// A method outside 0–6.
    #[error("method {found} is not within 0–6")]
    MethodOutOfRange {
        /// The method.
        found: u8,
    },
    /// A speed outside 6–9.
    #[error("speed {found} is not within 6–9")]
    SpeedOutOfRange {
        /// The speed.
        found: u8,
    },
    /// An option of another format's encoder.
    #[error("rendition {name}: {format} takes no {option}")]
    OptionNotTaken {
        /// The rendition.
        name: RenditionName,
        /// The format, `lossless webp` among them.
        format: &'static str,
        /// The option.
        option: &'static str,
    },
}

/// A spec as JSON has it, before it is checked and after it is complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpec {
    name: RenditionName,
    #[serde(default)]
    fit: Fit,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<NonZeroU32>,
    format: RawFormat,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<Quality>,
    // Absent at their defaults, so that a spec which never knew them keeps its keys.
    #[serde(default, skip_serializing_if = "is_false")]
    progressive: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    lossless: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
    #[serde(default, skip_serializing_if = "is_false")]
    animated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<Speed>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_false(flag: &bool) -> bool {
    !flag
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawFormat {
    Jpeg,
    Png,
    Webp,
    Avif,
    Source,
}

impl RawSpec {
    /// The encoding, if it is given no option that it does not take.
    fn encoding(&self) -> Result<Encoding, SpecError> {
        let (format, encoding, taken): (_, _, &[&str]) = match self.format {
            RawFormat::Jpeg => ("jpeg", self.jpeg(), &["quality", "progressive"]),
            RawFormat::Webp if self.lossless => {
                ("lossless webp", Encoding::WebpLossless, &["lossless", "animated"])
            }
            RawFormat::Webp => ("webp", self.webp(), &["quality", "method", "animated"]),
            RawFormat::Avif => ("avif", self.avif(), &["quality", "speed"]),
            RawFormat::Png => ("format png", Encoding::Png, &[]),
            RawFormat::Source => ("format source", Encoding::Source, &[]),
        };
        let given = [
            ("quality", self.quality.is_some()),
            ("progressive", self.progressive),
            ("lossless", self.lossless),
            ("method", self.method.is_some()),
            ("animated", self.animated),
            ("speed", self.speed.is_some()),
        ];
        match given.into_iter().find(|(option, is_given)| *is_given && !taken.contains(option)) {
            Some((option, _)) => {
                Err(SpecError::OptionNotTaken { name: self.name.clone(), format, option })
            }
            None => Ok(encoding),
        }
    }

    fn jpeg(&self) -> Encoding {
        let scans = if self.progressive { Scans::Progressive } else { Scans::Baseline };
        Encoding::Jpeg { quality: self.quality.unwrap_or(Quality::JPEG_DEFAULT), scans }
    }

    fn webp(&self) -> Encoding {
        let quality = self.quality.unwrap_or(Quality::WEBP_DEFAULT);
        Encoding::Webp { quality, method: self.method.unwrap_or(Method::DEFAULT) }
    }

    fn avif(&self) -> Encoding {
        let quality = self.quality.unwrap_or(Quality::AVIF_DEFAULT);
        Encoding::Avif { quality, speed: self.speed.unwrap_or(Speed::DEFAULT) }
    }
}

impl TryFrom<RawSpec> for RenditionSpec {
    type Error = SpecError;

    fn try_from(raw: RawSpec) -> Result<Self, SpecError> {
        let encoding = raw.encoding()?;
        let frames = if raw.animated { Frames::All } else { Frames::First };
        let RawSpec { name, fit, width, height, .. } = raw;
        if fit == Fit::Cover && (width.is_none() || height.is_none()) {
            return Err(SpecError::CoverNeedsBothSides { name });
        }
        Ok(RenditionSpec { name, fit, width, height, encoding, frames })
    }
}

impl From<RenditionSpec> for RawSpec {
    fn from(spec: RenditionSpec) -> RawSpec {
        let RenditionSpec { name, fit, width, height, encoding, frames } = spec;
        let (format, quality) = match encoding {
            Encoding::Jpeg { quality, .. } => (RawFormat::Jpeg, Some(quality)),
            Encoding::Png => (RawFormat::Png, None),
            Encoding::Webp { quality, .. } => (RawFormat::Webp, Some(quality)),
            Encoding::WebpLossless => (RawFormat::Webp, None),
            Encoding::Avif { quality, .. } => (RawFormat::Avif, Some(quality)),
            Encoding::Source => (RawFormat::Source, None),
        };
        let progressive = matches!(encoding, Encoding::Jpeg { scans: Scans::Progressive, .. });
        let lossless = encoding == Encoding::WebpLossless;
        let method = match encoding {
            Encoding::Webp { method, .. } if method != Method::DEFAULT => Some(method),
            _ => None,
        };
        let speed = match encoding {
            Encoding::Avif { speed, .. } if speed != Speed::DEFAULT => Some(speed),
            _ => None,
        };
        let animated = frames == Frames::All;
        RawSpec {
            name,
            fit,
            width,
            height,
            format,
            quality,
            progressive,
            lossless,
            method,
            animated,
            speed,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<RenditionSpec, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_wrong_spec_is_refused_with_its_reason() {
        let cases = [
            (
                r#"{"name":"a","fit":"cover","width":3,"format":"png"}"#,
                "fit cover needs both width and height",
            ),
            (r#"{"name":"a","format":"png","quality":80}"#, "format png takes no quality"),
            (r#"{"name":"a","format":"source","quality":80}"#, "format source takes no quality"),
            (r#"{"name":"a","format":"webp","progressive":true}"#, "webp takes no progressive"),
            (r#"{"name":"a","format":"jpeg","lossless":true}"#, "jpeg takes no lossless"),
            (r#"{"name":"a","format":"jpeg","method":2}"#, "jpeg takes no method"),
            (r#"{"name":"a","format":"source","animated":true}"#, "source takes no animated"),
            (
                r#"{"name":"a","format":"webp","lossless":true,"quality":9}"#,
                "lossless webp takes no quality",
            ),
            (r#"{"name":"a","format":"webp","method":7}"#, "method 7 is not within 0–6"),
            (r#"{"name":"a","format":"avif","speed":5}"#, "speed 5 is not within 6–9"),
            (r#"{"name":"a","format":"avif","speed":10}"#, "speed 10 is not within 6–9"),
            (r#"{"name":"a","format":"avif","method":4}"#, "avif takes no method"),
            (r#"{"name":"a","format":"avif","lossless":true}"#, "avif takes no lossless"),
            (r#"{"name":"a","format":"webp","speed":9}"#, "webp takes no speed"),
            (r#"{"name":"a","format":"jpeg","quality":0}"#, "quality 0 is not within 1–100"),
            (r#"{"name":"a","format":"jpeg","quality":101}"#, "quality 101 is not within 1–100"),
            (r#"{"name":"a","format":"jpeg","width":0}"#, "expected a nonzero u32"),
            (r#"{"name":"a","format":"jpeg","widht":1}"#, "unknown field `widht`"),
            (r#"{"name":"a","format":"gif"}"#, "unknown variant `gif`"),
            (r#"{"name":"a"}"#, "missing field `format`"),
            (r#"{"name":"A","format":"png"}"#, "rendition name \"A\""),
            (r#"{"name":"","format":"png"}"#, "rendition name \"\""),
            (r#"{"name":"-a","format":"png"}"#, "rendition name \"-a\""),
            (r#"{"name":"a/b","format":"png"}"#, "rendition name \"a/b\""),
        ];
        for (json, reason) in cases {
            let error = parse(json).unwrap_err();
            assert!(error.contains(reason), "{json}: {error}");
        }
        assert!(RenditionName::try_from("a".repeat(32)).is_ok());
        assert!(RenditionName::try_from("a".repeat(33)).is_err());
    }

    #[test]
    fn a_spec_survives_its_own_json() {
        for json in [
            r#"{"name":"thumbnail","fit":"cover","width":300,"height":200,"format":"jpeg","quality":1}"#,
            r#"{"name":"w-150","fit":"inside","width":150,"format":"source"}"#,
            r#"{"name":"0","fit":"inside","format":"png"}"#,
            r#"{"name":"a","fit":"inside","format":"jpeg","quality":85,"progressive":true}"#,
            r#"{"name":"a","fit":"inside","format":"webp","lossless":true}"#,
            r#"{"name":"a","fit":"inside","format":"webp","quality":80,"method":2}"#,
            r#"{"name":"a","fit":"inside","format":"webp","quality":80,"animated":true}"#,
            r#"{"name":"a","fit":"inside","format":"webp","lossless":true,"animated":true}"#,
            r#"{"name":"a","fit":"inside","format":"avif","quality":50}"#,
            r#"{"name":"a","fit":"inside","format":"avif","quality":50,"speed":6}"#,
        ] {
            assert_eq!(serde_json::to_string(&parse(json).unwrap()).unwrap(), json);
        }
    }

    #[test]
    fn source_becomes_the_sources_format_and_gif_becomes_png() {
        let spec = parse(r#"{"name":"a","format":"source"}"#).unwrap();
        let cases = [
            (
                Format::Jpeg,
                Encoding::Jpeg { quality: Quality::JPEG_DEFAULT, scans: Scans::Baseline },
            ),
            (Format::Png, Encoding::Png),
            (
                Format::Webp,
                Encoding::Webp { quality: Quality::WEBP_DEFAULT, method: Method::DEFAULT },
            ),
            (Format::Gif, Encoding::Png),
        ];
        for (source, encoding) in cases {
            let resolved = spec.clone().resolved(source);
            assert_eq!(resolved.encoding, encoding);
            assert_eq!(resolved.output_format(source), spec.output_format(source));
        }
    }

    #[test]
    fn an_explicit_format_is_left_alone() {
        let spec = parse(r#"{"name":"a","format":"webp","quality":7}"#).unwrap();
        assert_eq!(spec.clone().resolved(Format::Jpeg), spec);
    }
}
