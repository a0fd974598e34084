//! Animations, frame by frame, with one file per format. Each frame is the whole canvas as it is shown.
//!
//! A file stores a frame as a patch on the frame before. Patches cannot be resized separately, because the filter reaches
//! beyond their edges.

mod frames;
mod gif;
mod pixel_budget;
mod webp;

pub(crate) use frames::{Animation, AnimationFrame};

use std::io::Read;

use crate::source_reader::SourceReader;
use crate::{Format, Header, RenderError};

/// Whether a picture with this header can have more than one frame. The frames of a GIF are only counted as far as the
/// header was read.
pub(crate) fn can_animate(header: &Header) -> bool {
    match header.format {
        Format::Gif => true,
        Format::Webp => header.frames > 1,
        Format::Jpeg
        | Format::Png
        | Format::Avif
        | Format::Heic
        | Format::Tiff
        | Format::Bmp
        | Format::Ico
        | Format::Qoi
        | Format::Pnm => false,
    }
}

/// Opens a source for all its frames. Its header is one that [`can_animate`].
pub(crate) fn open<'a, R: Read + 'a>(source: SourceReader<R>, header: &Header) -> Result<Animation<'a>, RenderError> {
    match header.format {
        Format::Webp => webp::open(source, header),
        _ => gif::open(source, header),
    }
}
