//! The rendition spec: the recipe of one rendition. It is checked when it is parsed, so every parsed spec is valid.
//!
//! A spec does not depend on a picture. [`geometry`](crate::geometry) computes the size for a picture, and
//! [`Target::encoding_for`] says what `"format": "source"` means for the format of a source.

mod error;
mod json;
mod name;
mod target;

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use self::json::SpecJson;
pub use self::{
    error::SpecError,
    name::{InvalidRenditionName, RenditionName},
    target::{Fit, Frames, Target},
};
use crate::Format;

/// The recipe of one rendition.
///
/// ```
/// let spec: imaging::RenditionSpec = serde_json::from_str(
///     r#"{"name": "thumbnail", "width": 300, "height": 300, "format": "webp"}"#,
/// )?;
/// // The serialized spec contains the defaults.
/// assert_eq!(
///     serde_json::to_string(&spec)?,
///     r#"{"name":"thumbnail","fit":"inside","width":300,"height":300,"format":"webp","quality":77}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "SpecJson", into = "SpecJson")]
pub struct RenditionSpec {
    /// The rendition's name, unique within a profile.
    pub name: RenditionName,
    /// How the picture fits the box. The default is inside.
    pub fit: Fit,
    /// The box's width in px. Without it, any width fits.
    pub width: Option<NonZeroU32>,
    /// The box's height in px. Without it, any height fits.
    pub height: Option<NonZeroU32>,
    /// The format that is written.
    pub target: Target,
    /// Which frames of an animation are rendered. The default is the first.
    pub frames: Frames,
}

impl RenditionSpec {
    /// The format of the rendition of a source with this format.
    pub fn output_format(&self, source: Format) -> Format {
        self.target.encoding_for(source).format()
    }
}

impl TryFrom<SpecJson> for RenditionSpec {
    type Error = SpecError;

    fn try_from(json: SpecJson) -> Result<Self, SpecError> {
        let target = json.target()?;
        let frames = if json.animated { Frames::All } else { Frames::First };
        let SpecJson { name, fit, width, height, .. } = json;
        if fit == Fit::Cover && (width.is_none() || height.is_none()) {
            return Err(SpecError::CoverNeedsBothSides { name });
        }
        Ok(RenditionSpec { name, fit, width, height, target, frames })
    }
}

impl From<RenditionSpec> for SpecJson {
    fn from(spec: RenditionSpec) -> SpecJson {
        let RenditionSpec { name, fit, width, height, target, frames } = spec;
        SpecJson::new(name, (fit, width, height), target, frames)
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
    fn an_invalid_spec_is_refused_with_the_reason() {
        let cases = [
            (r#"{"name":"a","fit":"cover","width":3,"format":"png"}"#, "fit cover needs both width and height"),
            (r#"{"name":"a","format":"png","quality":80}"#, "format png takes no quality"),
            (r#"{"name":"a","format":"source","quality":80}"#, "format source takes no quality"),
            (r#"{"name":"a","format":"webp","progressive":true}"#, "webp takes no progressive"),
            (r#"{"name":"a","format":"jpeg","lossless":true}"#, "jpeg takes no lossless"),
            (r#"{"name":"a","format":"jpeg","method":2}"#, "jpeg takes no method"),
            (r#"{"name":"a","format":"source","animated":true}"#, "source takes no animated"),
            (r#"{"name":"a","format":"webp","lossless":true,"quality":9}"#, "lossless webp takes no quality"),
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
    }

    #[test]
    fn a_spec_is_serialized_as_it_was_parsed() {
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
}
