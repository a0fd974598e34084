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
    /// AVIF, with 8, 10 or 12 bits. Of an animation, the still picture is read.
    Avif,
    /// HEIC: HEIF with pictures in HEVC. It is only read. With the format `source`, its renditions are JPEG.
    Heic,
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
    pub const ALL: [Format; 11] = [
        Format::Jpeg,
        Format::Png,
        Format::Webp,
        Format::Gif,
        Format::Avif,
        Format::Heic,
        Format::Tiff,
        Format::Bmp,
        Format::Ico,
        Format::Qoi,
        Format::Pnm,
    ];

    /// The formats that are read, in the order in which messages list them. A build can leave out HEIC; its profiles may
    /// accept it nevertheless.
    pub const SOURCES: [Format; 11] = [
        Format::Jpeg,
        Format::Png,
        Format::Webp,
        Format::Gif,
        Format::Avif,
        Format::Heic,
        Format::Tiff,
        Format::Bmp,
        Format::Ico,
        Format::Qoi,
        Format::Pnm,
    ];

    /// Whether this build leaves out the decoder of the format.
    pub(crate) fn is_left_out(self) -> bool {
        self == Format::Heic && !cfg!(feature = "heic")
    }

    /// The names of this format. They stand here only: a new format adds a row.
    fn names(self) -> Names {
        let (name, extensions, content_types): (_, &[_], &[_]) = match self {
            Format::Jpeg => ("jpeg", &["jpg", "jpeg", "jpe", "jfif"], &["image/jpeg", "image/jpg", "image/pjpeg"]),
            Format::Png => ("png", &["png", "apng"], &["image/png", "image/x-png", "image/apng"]),
            Format::Webp => ("webp", &["webp"], &["image/webp"]),
            Format::Gif => ("gif", &["gif"], &["image/gif"]),
            Format::Avif => ("avif", &["avif"], &["image/avif"]),
            Format::Heic => (
                "heic",
                &["heic", "heif", "hif"],
                &["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"],
            ),
            Format::Tiff => ("tiff", &["tif", "tiff"], &["image/tiff", "image/tif", "image/x-tiff"]),
            Format::Bmp => ("bmp", &["bmp", "dib"], &["image/bmp", "image/x-bmp", "image/x-ms-bmp"]),
            Format::Ico => ("ico", &["ico", "cur"], &["image/x-icon", "image/vnd.microsoft.icon"]),
            Format::Qoi => ("qoi", &["qoi"], &["image/qoi", "image/x-qoi"]),
            Format::Pnm => (
                "pnm",
                &["pnm", "pbm", "pgm", "ppm", "pam"],
                &[
                    "image/x-portable-anymap",
                    "image/x-portable-bitmap",
                    "image/x-portable-graymap",
                    "image/x-portable-pixmap",
                ],
            ),
        };
        Names { name, extensions, content_types }
    }

    /// The extension of keys of this format, without the dot.
    pub fn extension(self) -> &'static str {
        self.names().extensions[0]
    }

    /// The media type, for a `Content-Type` header.
    pub fn content_type(self) -> &'static str {
        self.names().content_types[0]
    }

    /// The media types that clients send for this format, the registered one first.
    pub fn content_types(self) -> &'static [&'static str] {
        self.names().content_types
    }

    /// The name in JSON, such as `jpeg`.
    pub fn name(self) -> &'static str {
        self.names().name
    }

    /// The format that a `Content-Type` header means. Case and parameters do not matter.
    ///
    /// ```
    /// use imaging::Format;
    /// assert_eq!(Format::of_content_type("IMAGE/JPG; charset=binary"), Some(Format::Jpeg));
    /// assert_eq!(Format::of_content_type("text/plain"), None);
    /// ```
    pub fn of_content_type(header: &str) -> Option<Self> {
        let media_type = header.split(';').next().unwrap_or_default().trim_ascii();
        Self::ALL.into_iter().find(|format| contains(format.content_types(), media_type))
    }

    /// The format with that name or file extension, such as `jpeg`, `jpg` and `JPE`.
    pub fn of_name(name: &str) -> Option<Self> {
        let is_named = |format: &Self| format.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(|format| is_named(format) || contains(format.names().extensions, name))
    }
}

/// What a format is called.
struct Names {
    /// In JSON, in messages and on the command line.
    name: &'static str,
    /// Without the dot. The first one is the extension of renditions.
    extensions: &'static [&'static str],
    /// The first one is the registered media type. Clients send the others.
    content_types: &'static [&'static str],
}

fn contains(names: &[&str], wanted: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(wanted))
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

    #[test]
    fn a_content_type_means_a_format_in_any_case_and_with_parameters() {
        for (header, expected) in [
            ("image/jpeg", Some(Format::Jpeg)),
            ("image/jpg", Some(Format::Jpeg)),
            ("image/pjpeg", Some(Format::Jpeg)),
            ("IMAGE/JPEG", Some(Format::Jpeg)),
            (" image/jpeg ; charset=binary", Some(Format::Jpeg)),
            ("image/x-png", Some(Format::Png)),
            ("image/jpegs", None),
            ("jpeg", None),
            ("", None),
            (";", None),
        ] {
            assert_eq!(Format::of_content_type(header), expected, "'{header}'");
        }
    }

    #[test]
    fn no_two_formats_share_a_name_or_a_content_type() {
        for format in Format::ALL {
            for content_type in format.content_types() {
                assert_eq!(Format::of_content_type(content_type), Some(format), "{content_type}");
            }
            for name in format.names().extensions.iter().chain([&format.name()]) {
                assert_eq!(Format::of_name(name), Some(format), "{name}");
            }
        }
        assert_eq!(Format::of_name("JPE"), Some(Format::Jpeg));
        assert_eq!(Format::of_name("source"), None);
    }
}
