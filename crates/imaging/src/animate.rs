//! Renders an animation: every frame takes the steps of a still, one after the other.

use std::io::{Read, Write};

use crate::colour::SrgbConverter;
use crate::convert::convert_pixels;
use crate::decode::animation::{self, Animation, AnimationFrame};
use crate::encode::{WebpAnimationEncoder, WebpMode, encode_webp};
use crate::geometry::Rect;
use crate::raster::{Channels, PixelBuffer, Raster, Region, RowsToCrop, SrgbFormat};
use crate::source_reader::SourceReader;
use crate::time_budget::TimeBudget;
use crate::{HdrTransfer, Header, RenderError, Size};

/// Renders all frames. Returns the number of frames and of bytes, and whether colours were tone-mapped. If the source has
/// only one frame, this writes a still.
pub(crate) fn animate<R: Read>(
    source: SourceReader<R>,
    header: &Header,
    crop: Rect,
    size: Size,
    mode: WebpMode,
    budget: &TimeBudget,
    out: impl Write,
) -> Result<(u32, u64, Option<HdrTransfer>), RenderError> {
    let stored = header.orientation.size(header.size);
    let Animation { mut frames, loop_count, profiles } = animation::open(source, header)?;
    // All frames have the same profile and format, so that one converter is built for all of them.
    let canvas_format = Channels::Rgba.eight_bit();
    let to_srgb = SrgbConverter::new(&profiles, canvas_format);
    let mut next = || -> Result<Option<(PixelBuffer<SrgbFormat>, u32)>, RenderError> {
        let Some(AnimationFrame { canvas, duration_ms }) = frames.next()? else { return Ok(None) };
        let rows = Box::new(PixelBuffer::new(stored, canvas_format, canvas));
        let canvas = Raster::Packed(RowsToCrop { rows, region: Region::at_full_scale(crop) });
        let mut pixels = convert_pixels(canvas, size, &to_srgb, header.orientation, budget)?;
        Ok(Some((PixelBuffer::collect(&mut *pixels)?, duration_ms)))
    };

    let (mut first, duration_ms) = next()?.ok_or_else(|| RenderError::corrupt("there is no frame"))?;
    let Some((second, second_duration_ms)) = next()? else {
        return Ok((1, encode_webp(&mut first, mode, budget, out)?, to_srgb.tone_mapped()));
    };
    let mut encoder = WebpAnimationEncoder::new(first.size, mode, loop_count)?;
    encoder.add(first, duration_ms)?;
    encoder.add(second, second_duration_ms)?;
    let mut count = 2;
    while let Some((frame, duration_ms)) = next()? {
        encoder.add(frame, duration_ms)?;
        count += 1;
    }
    Ok((count, encoder.finish(out)?, to_srgb.tone_mapped()))
}
