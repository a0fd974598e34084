//! WebP through libwebp, whole: its simple interface takes the file in one piece.

use std::io::{Cursor, Read};

use image::codecs::webp::WebPDecoder;
use webp::{BitstreamFeatures, Decoder, PixelLayout};

use super::{gif, whole};
use crate::rows::{Frame, Layout, Rows};
use crate::source::Source;
use crate::{Header, RenderError, Size};

pub(super) fn decode<'a, R: Read>(
    source: Source<R>,
    header: &Header,
) -> Result<Box<dyn Rows + 'a>, RenderError> {
    let bytes = source.into_bytes()?;
    let features = BitstreamFeatures::new(&bytes)
        .ok_or_else(|| RenderError::corrupt("not a WebP bitstream"))?;
    let stored = header.orientation.size(header.size);
    let size = Size::new(features.width(), features.height());
    if size != stored {
        return Err(RenderError::corrupt(format_args!(
            "the header says {stored}, the pixels are {size}"
        )));
    }
    if features.has_animation() {
        return first_frame(&bytes).map(whole);
    }
    let picture = Decoder::new(&bytes)
        .decode()
        .ok_or_else(|| RenderError::corrupt("damaged WebP bitstream"))?;
    let layout = match picture.layout() {
        PixelLayout::Rgb => Layout::Rgb8,
        PixelLayout::Rgba => Layout::Rgba8,
    };
    Ok(whole(Frame::new(size, layout, picture.to_vec())))
}

/// libwebp's simple interface refuses animations.
fn first_frame(bytes: &[u8]) -> Result<Frame, RenderError> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(RenderError::corrupt)?;
    gif::frame_of(decoder).map_err(RenderError::corrupt)
}
