//! GIF through `image`: the first frame, laid on its screen.

use std::io::Read;

use image::codecs::gif::GifDecoder;
use image::{DynamicImage, ImageDecoder, ImageResult};

use super::{Decoded, Region};
use crate::geometry::Rect;
use crate::rows::{Channels, Frame};
use crate::source::Source;
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read>(
    source: Source<R>,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let blame = source.blame();
    let frame = GifDecoder::new(source).and_then(frame_of);
    let frame = frame.map_err(|error| blame.reader_or_picture(error))?;
    Ok(Decoded { rows: Box::new(frame), region: Region::at_full_scale(crop), profile: None })
}

/// What a decoder of `image` holds, with an alpha channel only where it is needed.
pub(super) fn frame_of(decoder: impl ImageDecoder) -> ImageResult<Frame> {
    let picture = DynamicImage::from_decoder(decoder)?;
    let size = Size::new(picture.width(), picture.height());
    let rgba = picture.into_rgba8();
    if rgba.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        let rgb = DynamicImage::from(rgba).into_rgb8();
        return Ok(Frame::new(size, Channels::Rgb.eight(), rgb.into_raw()));
    }
    Ok(Frame::new(size, Channels::Rgba.eight(), rgba.into_raw()))
}
