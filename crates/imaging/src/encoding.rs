//! What a rendition is encoded as, and how: each encoder has scales of its own.

use serde::{Deserialize, Serialize};

use crate::{Format, SpecError};

/// What a rendition is encoded as. Each encoder has its own scale of quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// JPEG; transparent pictures are put over white.
    Jpeg {
        /// libjpeg's scale; 85 unless told.
        quality: Quality,
        /// Baseline unless told.
        scans: Scans,
    },
    /// PNG, which loses nothing.
    Png,
    /// Lossy WebP.
    Webp {
        /// libwebp's scale; 77 unless told.
        quality: Quality,
        /// 4 unless told.
        method: Method,
    },
    /// WebP that loses nothing.
    WebpLossless,
    /// AVIF: AV1 of 8 bits, 4:2:0.
    Avif {
        /// libavif's scale; 60 unless told.
        quality: Quality,
        /// 9 unless told.
        speed: Speed,
    },
    /// The source's own format at its default quality; GIF becomes PNG.
    Source,
}

impl Encoding {
    /// The format that is written; none where that is left to the source.
    pub fn format(self) -> Option<Format> {
        match self {
            Encoding::Jpeg { .. } => Some(Format::Jpeg),
            Encoding::Png => Some(Format::Png),
            Encoding::Webp { .. } | Encoding::WebpLossless => Some(Format::Webp),
            Encoding::Avif { .. } => Some(Format::Avif),
            Encoding::Source => None,
        }
    }

    pub(crate) const JPEG_DEFAULT: Encoding =
        Encoding::Jpeg { quality: Quality::JPEG_DEFAULT, scans: Scans::Baseline };
    pub(crate) const WEBP_DEFAULT: Encoding =
        Encoding::Webp { quality: Quality::WEBP_DEFAULT, method: Method::DEFAULT };
    pub(crate) const AVIF_DEFAULT: Encoding =
        Encoding::Avif { quality: Quality::AVIF_DEFAULT, speed: Speed::DEFAULT };
}

/// The order in which a JPEG holds its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scans {
    /// From top to bottom.
    #[default]
    Baseline,
    /// All of it from coarse to fine: 7 % fewer bytes, for seven times the time.
    Progressive,
}

/// How hard libwebp tries, 0–6: 2 takes half the time of 4, and 9 % more bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Method(u8);

impl Method {
    /// What a WebP gets unless told: 4.
    pub const DEFAULT: Method = Method(4);

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Method {
    type Error = SpecError;

    fn try_from(found: u8) -> Result<Self, SpecError> {
        if found <= 6 { Ok(Method(found)) } else { Err(SpecError::MethodOutOfRange { found }) }
    }
}

impl From<Method> for u8 {
    fn from(method: Method) -> u8 {
        method.0
    }
}

/// How little libaom tries, 6–9: 6 takes seven times the time of 9, and 4–20 % fewer bytes.
///
/// 5 would take two seconds for a megapixel of noise: the largest that fit the memory of a function
/// would not be done in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Speed(u8);

impl Speed {
    /// What an AVIF gets unless told: 9.
    pub const DEFAULT: Speed = Speed(9);

    /// From here on, libaom does not try blocks of several sizes.
    pub(crate) const DECIDES_AT_ONCE: Speed = Speed(7);

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Speed {
    type Error = SpecError;

    fn try_from(found: u8) -> Result<Self, SpecError> {
        if (6..=9).contains(&found) {
            Ok(Speed(found))
        } else {
            Err(SpecError::SpeedOutOfRange { found })
        }
    }
}

impl From<Speed> for u8 {
    fn from(speed: Speed) -> u8 {
        speed.0
    }
}

/// A quality of 1–100 on one encoder's own scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Quality(u8);

impl Quality {
    /// What a JPEG gets unless told: 85.
    pub const JPEG_DEFAULT: Quality = Quality(85);
    /// What a WebP gets unless told: 77, which looks like a JPEG of 85 (docs/quality.md).
    pub const WEBP_DEFAULT: Quality = Quality(77);
    /// What an AVIF gets unless told: 60, which looks like a JPEG of 85, too.
    pub const AVIF_DEFAULT: Quality = Quality(60);

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Quality {
    type Error = SpecError;

    fn try_from(found: u8) -> Result<Self, SpecError> {
        if (1..=100).contains(&found) {
            Ok(Quality(found))
        } else {
            Err(SpecError::QualityOutOfRange { found })
        }
    }
}

impl From<Quality> for u8 {
    fn from(quality: Quality) -> u8 {
        quality.0
    }
}
