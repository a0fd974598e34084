//! The picture formats that Darkroom reads and writes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A picture format. It is detected from a file's content, never from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JPEG, baseline or progressive, 8 bits.
    Jpeg,
    /// PNG, with any colour type and depth.
    Png,
    /// WebP, lossy or lossless.
    Webp,
    /// GIF. It is only read. With the format `source`, its renditions are PNG.
    Gif,
    /// AVIF. It is only written; a source in AVIF is not supported.
    Avif,
    /// TIFF. It is only read, as are the formats below. With the format `source`, their renditions are PNG.
    Tiff,
    /// BMP, the bitmap of Windows and OS/2.
    Bmp,
    /// ICO and CUR, the icons and cursors of Windows.
    Ico,
    /// QOI, the Quite OK Image format.
    Qoi,
    /// PNM: PBM, PGM, PPM and PAM.
    Pnm,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 10] = [
        Format::Jpeg,
        Format::Png,
        Format::Webp,
        Format::Gif,
        Format::Avif,
        Format::Tiff,
        Format::Bmp,
        Format::Ico,
        Format::Qoi,
        Format::Pnm,
    ];

    /// The formats that are read, in the order in which messages list them.
    pub const SOURCES: [Format; 4] = [Format::Jpeg, Format::Png, Format::Webp, Format::Gif];

    /// The extension of keys of this format, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Jpeg => "jpg",
            Format::Png => "png",
            Format::Webp => "webp",
            Format::Gif => "gif",
            Format::Avif => "avif",
            Format::Tiff => "tif",
            Format::Bmp => "bmp",
            Format::Ico => "ico",
            Format::Qoi => "qoi",
            Format::Pnm => "pnm",
        }
    }

    /// The media type, for a `Content-Type` header.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::Webp => "image/webp",
            Format::Gif => "image/gif",
            Format::Avif => "image/avif",
            Format::Tiff => "image/tiff",
            Format::Bmp => "image/bmp",
            Format::Ico => "image/x-icon",
            Format::Qoi => "image/qoi",
            Format::Pnm => "image/x-portable-anymap",
        }
    }

    /// The name in JSON, such as `jpeg`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "jpeg",
            Format::Png => "png",
            Format::Webp => "webp",
            Format::Gif => "gif",
            Format::Avif => "avif",
            Format::Tiff => "tiff",
            Format::Bmp => "bmp",
            Format::Ico => "ico",
            Format::Qoi => "qoi",
            Format::Pnm => "pnm",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_displayed_and_serialized_alike() {
        for format in Format::ALL {
            assert_eq!(serde_json::to_string(&format).unwrap(), format!("\"{format}\""));
        }
    }
}
