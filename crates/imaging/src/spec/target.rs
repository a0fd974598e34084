//! What a spec asks for: how the picture fits the box, which frames, and the format that is written.

use serde::{Deserialize, Serialize};

use crate::{Encoding, Format};

/// How a picture fits its box. Neither way enlarges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// The whole picture, inside the box.
    #[default]
    Inside,
    /// The box is filled. What overflows is cropped by the same amount at both ends.
    Cover,
}

/// Which frames of an animation are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Frames {
    /// The first frame, as a still.
    #[default]
    First,
    /// All frames, as an animation. Only WebP supports this. A still stays a still.
    All,
}

/// The format that a spec asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The source's own format at its default quality. A format that is not written becomes PNG, and HEIC becomes JPEG.
    Source,
    /// The same encoding for every source.
    Encoding(Encoding),
}

impl Target {
    /// The encoding for a source of this format.
    pub fn encoding_for(self, source: Format) -> Encoding {
        match (self, source) {
            (Target::Encoding(encoding), _) => encoding,
            // Phones take photographs as HEIC, which few browsers show.
            (Target::Source, Format::Jpeg | Format::Heic) => Encoding::JPEG_DEFAULT,
            (Target::Source, Format::Webp) => Encoding::WEBP_DEFAULT,
            (Target::Source, Format::Avif) => Encoding::AVIF_DEFAULT,
            // A GIF has at most 256 colours per frame. After resizing it usually has more, so it is written as PNG. No
            // browser shows TIFF, QOI or PNM, and BMP and ICO are large.
            (
                Target::Source,
                Format::Png | Format::Gif | Format::Tiff | Format::Bmp | Format::Ico | Format::Qoi | Format::Pnm,
            ) => Encoding::Png,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_means_the_format_of_the_source_or_the_nearest_that_is_written() {
        let cases = [
            (Format::Jpeg, Encoding::JPEG_DEFAULT),
            (Format::Png, Encoding::Png),
            (Format::Webp, Encoding::WEBP_DEFAULT),
            (Format::Gif, Encoding::Png),
            (Format::Tiff, Encoding::Png),
            (Format::Heic, Encoding::JPEG_DEFAULT),
        ];
        for (source, encoding) in cases {
            assert_eq!(Target::Source.encoding_for(source), encoding);
        }
    }

    #[test]
    fn an_explicit_encoding_does_not_depend_on_the_source() {
        for source in Format::ALL {
            let target = Target::Encoding(Encoding::WebpLossless);
            assert_eq!(target.encoding_for(source), Encoding::WebpLossless);
        }
    }
}
