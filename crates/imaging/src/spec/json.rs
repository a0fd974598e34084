//! The JSON of a rendition spec.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::error::SpecError;
use super::name::RenditionName;
use super::target::{Fit, Frames, Target};
use crate::{Encoding, Method, Quality, ScanMode, Speed};

/// The fields of a spec's JSON. Reading it does not check that they fit together; [`SpecJson::target`] does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpecJson {
    pub(super) name: RenditionName,
    #[serde(default)]
    pub(super) fit: Fit,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) width: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) height: Option<NonZeroU32>,
    format: FormatName,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<Quality>,
    // The fields below were added later. They are left out at their defaults, so that specs written before keep their
    // JSON, and their renditions keep their keys.
    #[serde(default, skip_serializing_if = "is_false")]
    progressive: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    lossless: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) animated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<Speed>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    Jpeg,
    Png,
    Webp,
    Avif,
    Source,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_false(flag: &bool) -> bool {
    !flag
}

impl SpecJson {
    /// The JSON of a spec with these fields.
    pub(super) fn new(
        name: RenditionName,
        (fit, width, height): (Fit, Option<NonZeroU32>, Option<NonZeroU32>),
        target: Target,
        frames: Frames,
    ) -> Self {
        let mut json = SpecJson {
            name,
            fit,
            width,
            height,
            format: FormatName::Source,
            quality: None,
            progressive: false,
            lossless: false,
            method: None,
            animated: frames == Frames::All,
            speed: None,
        };
        match target {
            Target::Source => {}
            Target::Encoding(Encoding::Jpeg { quality, scan_mode }) => {
                json.format = FormatName::Jpeg;
                json.quality = Some(quality);
                json.progressive = scan_mode == ScanMode::Progressive;
            }
            Target::Encoding(Encoding::Png) => json.format = FormatName::Png,
            Target::Encoding(Encoding::Webp { quality, method }) => {
                json.format = FormatName::Webp;
                json.quality = Some(quality);
                json.method = (method != Method::DEFAULT).then_some(method);
            }
            Target::Encoding(Encoding::WebpLossless) => {
                json.format = FormatName::Webp;
                json.lossless = true;
            }
            Target::Encoding(Encoding::Avif { quality, speed }) => {
                json.format = FormatName::Avif;
                json.quality = Some(quality);
                json.speed = (speed != Speed::DEFAULT).then_some(speed);
            }
        }
        json
    }

    /// The target, with defaults for options that are absent.
    ///
    /// # Errors
    /// [`SpecError::OptionNotTaken`].
    pub(super) fn target(&self) -> Result<Target, SpecError> {
        let (format, target, taken_options): (_, _, &[&str]) = match self.format {
            FormatName::Jpeg => ("jpeg", self.jpeg(), &["quality", "progressive"]),
            FormatName::Webp if self.lossless => {
                let target = Target::Encoding(Encoding::WebpLossless);
                ("lossless webp", target, &["lossless", "animated"])
            }
            FormatName::Webp => ("webp", self.webp(), &["quality", "method", "animated"]),
            FormatName::Avif => ("avif", self.avif(), &["quality", "speed"]),
            FormatName::Png => ("format png", Target::Encoding(Encoding::Png), &[]),
            FormatName::Source => ("format source", Target::Source, &[]),
        };
        let options = [
            ("quality", self.quality.is_some()),
            ("progressive", self.progressive),
            ("lossless", self.lossless),
            ("method", self.method.is_some()),
            ("animated", self.animated),
            ("speed", self.speed.is_some()),
        ];
        let is_refused = |(option, is_given): &(_, bool)| *is_given && !taken_options.contains(option);
        match options.into_iter().find(is_refused) {
            Some((option, _)) => Err(SpecError::OptionNotTaken { name: self.name.clone(), format, option }),
            None => Ok(target),
        }
    }

    fn jpeg(&self) -> Target {
        let scan_mode = if self.progressive { ScanMode::Progressive } else { ScanMode::Baseline };
        let quality = self.quality.unwrap_or(Quality::JPEG_DEFAULT);
        Target::Encoding(Encoding::Jpeg { quality, scan_mode })
    }

    fn webp(&self) -> Target {
        let quality = self.quality.unwrap_or(Quality::WEBP_DEFAULT);
        let method = self.method.unwrap_or(Method::DEFAULT);
        Target::Encoding(Encoding::Webp { quality, method })
    }

    fn avif(&self) -> Target {
        let quality = self.quality.unwrap_or(Quality::AVIF_DEFAULT);
        let speed = self.speed.unwrap_or(Speed::DEFAULT);
        Target::Encoding(Encoding::Avif { quality, speed })
    }
}
