//! GIF through `image`: the first frame, laid on its screen.

use std::io::Read;

use image::codecs::gif::GifDecoder;
use image::{DynamicImage, ImageDecoder, ImageResult};

use super::whole;
use crate::rows::{Frame, Layout, Rows};
use crate::source::Source;
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read>(source: Source<R>) -> Result<Box<dyn Rows + 'a>, RenderError> {
    let blame = source.blame();
    let frame = GifDecoder::new(source).and_then(frame_of);
    frame.map(whole).map_err(|error| blame.reader_or_picture(error))
}

/// What a decoder of `image` holds, with an alpha channel only where it is needed.
pub(super) fn frame_of(decoder: impl ImageDecoder) -> ImageResult<Frame> {
    let picture = DynamicImage::from_decoder(decoder)?;
    let size = Size::new(picture.width(), picture.height());
    let rgba = picture.into_rgba8();
    if rgba.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        let rgb = DynamicImage::from(rgba).into_rgb8();
        return Ok(Frame::new(size, Layout::Rgb8, rgb.into_raw()));
    }
    Ok(Frame::new(size, Layout::Rgba8, rgba.into_raw()))
}
