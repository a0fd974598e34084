//! The whole way of an animation: every frame as a still goes it, one after the other.

use std::io::{Read, Write};

use crate::convert::convert_pixels;
use crate::decode::Decoded;
use crate::decode::animation::{self, Animation, Shown};
use crate::encode::{self, encode};
use crate::geometry::Rect;
use crate::raster::{Channels, PixelBuffer, Region};
use crate::source::Source;
use crate::time_budget::TimeBudget;
use crate::{Encoding, Header, RenderError, Size};

/// Renders all frames, and says how many there were and how many bytes they took. What turns out to
/// have one alone becomes a still.
pub(crate) fn animate<R: Read>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
    size: Size,
    encoding: Encoding,
    budget: &TimeBudget,
    out: impl Write,
) -> Result<(u32, u64), RenderError> {
    let stored = header.orientation.size(header.size);
    let Animation { mut frames, loop_count, profile } = animation::open(source, header)?;
    let mut next = || -> Result<Option<(PixelBuffer, u32)>, RenderError> {
        let Some(Shown { canvas, duration_ms }) = frames.next()? else { return Ok(None) };
        let rows = Box::new(PixelBuffer::new(stored, Channels::Rgba.eight_bit(), canvas));
        let decoded = Decoded::packed(rows, Region::at_full_scale(crop), profile.clone());
        let mut upright = convert_pixels(decoded, size, header.orientation, budget)?;
        Ok(Some((PixelBuffer::collect(&mut *upright)?, duration_ms)))
    };

    let (mut first, duration_ms) =
        next()?.ok_or_else(|| RenderError::corrupt("there is no frame in it"))?;
    let Some((second, second_duration_ms)) = next()? else {
        return Ok((1, encode(&mut first, encoding, budget, out)?));
    };
    let mut made = encode::Animation::new(first.size, encoding, loop_count)?;
    made.add(first, duration_ms)?;
    made.add(second, second_duration_ms)?;
    let mut count = 2;
    while let Some((frame, duration_ms)) = next()? {
        made.add(frame, duration_ms)?;
        count += 1;
    }
    Ok((count, made.finish(out)?))
}
