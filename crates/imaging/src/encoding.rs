//! The formats that renditions are encoded in, and the options of each encoder.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Format;

/// A format that is written, with the options of its encoder.
///
/// Every encoder has its own scale of quality: the same number means something else to another encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// JPEG. Transparent pictures are drawn on white.
    Jpeg {
        /// On libjpeg's scale; the default is 85.
        quality: Quality,
        /// The default is baseline.
        scan_mode: ScanMode,
    },
    /// PNG, which is lossless.
    Png,
    /// Lossy WebP.
    Webp {
        /// On libwebp's scale; the default is 77.
        quality: Quality,
        /// The default is 4.
        method: Method,
    },
    /// Lossless WebP.
    WebpLossless,
    /// AVIF: AV1 with 8 bits, 4:2:0.
    Avif {
        /// On libavif's scale; the default is 60.
        quality: Quality,
        /// The default is 9.
        speed: Speed,
    },
}

impl Encoding {
    pub(crate) const JPEG_DEFAULT: Encoding =
        Encoding::Jpeg { quality: Quality::JPEG_DEFAULT, scan_mode: ScanMode::Baseline };
    pub(crate) const WEBP_DEFAULT: Encoding =
        Encoding::Webp { quality: Quality::WEBP_DEFAULT, method: Method::DEFAULT };
    pub(crate) const AVIF_DEFAULT: Encoding = Encoding::Avif { quality: Quality::AVIF_DEFAULT, speed: Speed::DEFAULT };

    /// The format that is written.
    pub fn format(self) -> Format {
        match self {
            Encoding::Jpeg { .. } => Format::Jpeg,
            Encoding::Png => Format::Png,
            Encoding::Webp { .. } | Encoding::WebpLossless => Format::Webp,
            Encoding::Avif { .. } => Format::Avif,
        }
    }
}

/// The order in which a JPEG stores its coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ScanMode {
    /// One scan, from top to bottom.
    #[default]
    Baseline,
    /// Several scans of the whole picture, from coarse to fine: 7 % fewer bytes, seven times the time.
    Progressive,
}

/// How much time libwebp spends on compression, 0–6. 2 takes half the time of 4 and gives 9 % more bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Method(u8);

impl Method {
    /// The default for WebP: 4.
    pub const DEFAULT: Method = Method(4);

    /// The number, 0–6.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Method {
    type Error = OptionOutOfRange;

    fn try_from(found: u8) -> Result<Self, OptionOutOfRange> {
        OptionOutOfRange::check("method", found, 0, 6).map(Method)
    }
}

impl From<Method> for u8 {
    fn from(method: Method) -> u8 {
        method.0
    }
}

/// How little time libaom spends on compression, 6–9. 6 takes seven times the time of 9 and gives 4–20 % fewer bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Speed(u8);

impl Speed {
    /// The default for AVIF: 9.
    pub const DEFAULT: Speed = Speed(9);

    /// From this speed on, libaom does not try blocks of several sizes.
    pub(crate) const SINGLE_BLOCK_SIZE: Speed = Speed(7);

    // Speed 5 takes two seconds per megapixel of noise. The largest picture that fits into a function's memory would
    // not be encoded before the function's timeout.
    const MIN: u8 = 6;
    const MAX: u8 = 9;

    /// The number, 6–9.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Speed {
    type Error = OptionOutOfRange;

    fn try_from(found: u8) -> Result<Self, OptionOutOfRange> {
        OptionOutOfRange::check("speed", found, Speed::MIN, Speed::MAX).map(Speed)
    }
}

impl From<Speed> for u8 {
    fn from(speed: Speed) -> u8 {
        speed.0
    }
}

/// A quality of 1–100, on the scale of one encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Quality(u8);

impl Quality {
    // The defaults look alike at the sizes measured in docs/quality.md.

    /// The default for JPEG: 85.
    pub const JPEG_DEFAULT: Quality = Quality(85);
    /// The default for WebP: 77, which looks like a JPEG of 85.
    pub const WEBP_DEFAULT: Quality = Quality(77);
    /// The default for AVIF: 60, which looks like a JPEG of 85.
    pub const AVIF_DEFAULT: Quality = Quality(60);

    /// The number, 1–100.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Quality {
    type Error = OptionOutOfRange;

    fn try_from(found: u8) -> Result<Self, OptionOutOfRange> {
        OptionOutOfRange::check("quality", found, 1, 100).map(Quality)
    }
}

impl From<Quality> for u8 {
    fn from(quality: Quality) -> u8 {
        quality.0
    }
}

/// The value of an encoder's option is out of range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{option} {found} is not within {min}–{max}")]
pub struct OptionOutOfRange {
    /// The option's name in JSON.
    pub option: &'static str,
    /// The value.
    pub found: u8,
    /// The lowest value that is accepted.
    pub min: u8,
    /// The highest value that is accepted.
    pub max: u8,
}

impl OptionOutOfRange {
    fn check(option: &'static str, found: u8, min: u8, max: u8) -> Result<u8, OptionOutOfRange> {
        if (min..=max).contains(&found) { Ok(found) } else { Err(OptionOutOfRange { option, found, min, max }) }
    }
}
