//! WebP through libwebp, whole: its simple interface takes the file in one piece.

use std::io::{Cursor, Read};

use image::codecs::webp::WebPDecoder;
use webp::{BitstreamFeatures, Decoder, PixelLayout};

use super::{Decoded, Region, gif};
use crate::geometry::Rect;
use crate::rows::{Channels, Frame};
use crate::source::Source;
use crate::{Header, RenderError, Size};

pub(super) fn decode<'a, R: Read>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let bytes = source.into_bytes()?;
    let frame = frame(&bytes)?;
    let stored = header.orientation.size(header.size);
    if frame.size != stored {
        let reason =
            format_args!("the header says {stored}, the pixels are {}", frame.size).to_string();
        return Err(RenderError::corrupt(reason));
    }
    let profile = chunk(&bytes, *b"ICCP").map(<[u8]>::to_vec);
    Ok(Decoded { rows: Box::new(frame), region: Region::at_full_scale(crop), profile })
}

fn frame(bytes: &[u8]) -> Result<Frame, RenderError> {
    let damaged = || RenderError::corrupt("damaged WebP bitstream");
    let features = BitstreamFeatures::new(bytes).ok_or_else(damaged)?;
    if features.has_animation() {
        return first_frame(bytes);
    }
    let picture = Decoder::new(bytes).decode().ok_or_else(damaged)?;
    let size = Size::new(picture.width(), picture.height());
    let channels = match picture.layout() {
        PixelLayout::Rgb => Channels::Rgb,
        PixelLayout::Rgba => Channels::Rgba,
    };
    Ok(Frame::new(size, channels.eight(), picture.to_vec()))
}

/// libwebp's simple interface refuses animations.
fn first_frame(bytes: &[u8]) -> Result<Frame, RenderError> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(RenderError::corrupt)?;
    gif::frame_of(decoder).map_err(RenderError::corrupt)
}

/// The first chunk of that name.
fn chunk(webp: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let mut rest = webp.get(12..)?;
    loop {
        let (found, after) = rest.split_first_chunk::<4>()?;
        let (len, after) = after.split_first_chunk::<4>()?;
        let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
        if *found == name {
            return after.get(..len);
        }
        rest = after.get(len + len % 2..)?;
    }
}
