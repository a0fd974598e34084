//! WebP through libwebp, which wants the file whole, and scales down while it decodes.

use std::io::Read;

use super::{Decoded, Region};
use crate::ffi::libwebp::animation::Decoder;
use crate::ffi::libwebp::{self, Features};
use crate::geometry::Rect;
use crate::rows::{Channels, Frame};
use crate::source::Source;
use crate::{Header, RenderError, Size};

/// How much of the picture libwebp's scaler leaves: it averages, which is fast and soft, so that
/// the last halving is not for it to do.
const GAP: u32 = 2;

pub(super) fn decode<'a, R: Read>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    let webp = source.into_bytes()?;
    let features = libwebp::features(&webp).ok_or_else(|| damaged("the header makes no sense"))?;
    let stored = header.orientation.size(header.size);
    if features.size != stored {
        return Err(damaged(format_args!(
            "of {stored} in its header and {} in truth",
            features.size
        )));
    }
    let profile = chunk(&webp, *b"ICCP").map(<[u8]>::to_vec);
    let (frame, region) = if features.is_animated {
        (first_frame(webp)?, Region::at_full_scale(crop))
    } else if is_worth_scaling(features.has_alpha, crop.size, size) {
        let half_done = half_done(size);
        (still(&webp, features, crop, half_done)?, Region::whole(half_done))
    } else {
        (still(&webp, features, Rect::whole(stored), stored)?, Region::at_full_scale(crop))
    };
    Ok(Decoded::packed(Box::new(frame), region, profile))
}

/// The scaler does not weigh colours by their alpha, and gains nothing on a few pixels.
pub(super) fn is_worth_scaling(has_alpha: bool, from: Size, to: Size) -> bool {
    let is_smaller = |from: u32, to: u32| u64::from(from) >= u64::from(to) * u64::from(GAP);
    !has_alpha
        && is_smaller(from.width, to.width)
        && is_smaller(from.height, to.height)
        && from != half_done(to)
}

/// What the scaler leaves to be done.
pub(super) fn half_done(size: Size) -> Size {
    Size::new(size.width.saturating_mul(GAP), size.height.saturating_mul(GAP))
}

fn still(webp: &[u8], features: Features, crop: Rect, size: Size) -> Result<Frame, RenderError> {
    let channels = if features.has_alpha { Channels::Rgba } else { Channels::Rgb };
    let pixels =
        libwebp::decode(webp, crop, size).map_err(|status| damaged(format_args!("{status:?}")))?;
    Ok(Frame::new(size, channels.eight(), pixels))
}

pub(super) fn damaged(reason: impl std::fmt::Display) -> RenderError {
    RenderError::corrupt(format_args!("damaged WebP: {reason}"))
}

/// An animation's, as it is laid on the canvas.
fn first_frame(webp: Vec<u8>) -> Result<Frame, RenderError> {
    let mut decoder = Decoder::new(webp).ok_or_else(|| damaged("its chunks make no sense"))?;
    let size = decoder.size();
    match decoder.next() {
        Some(Ok((canvas, _))) => Ok(Frame::new(size, Channels::Rgba.eight(), canvas.to_vec())),
        _ => Err(damaged("its first frame can't be decoded")),
    }
}

/// The first chunk of that name.
pub(super) fn chunk(webp: &[u8], name: [u8; 4]) -> Option<&[u8]> {
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
