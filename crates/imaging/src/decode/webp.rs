//! WebP through libwebp, which wants the file whole.
//!
//! Of what is lossy it hands out luma and chroma as they are stored, to be resized apart: its own
//! scaler takes longer, and is softer. That is for what would take too much memory, and for lossless
//! pictures, which are RGB.

use std::io::Read;

use super::Decoded;
use crate::colour::MAX_PROFILE_BYTES;
use crate::ffi::libwebp::animation::Decoder;
use crate::ffi::libwebp::{self, Features, VP8StatusCode};
use crate::geometry::Rect;
use crate::probe::riff;
use crate::raster::{Channels, CroppedRows, PixelBuffer, Raster, Region, YccRange};
use crate::source::Source;
use crate::{Header, RenderError, Size};

/// Bytes of the planes that are held; larger pictures are scaled down while they are decoded. As much
/// as 42 MP take.
const MAX_PLANES: u64 = 64_000_000;

/// How much of the picture libwebp's scaler leaves: it averages, which is fast and soft, so that
/// the last halving is not for it to do.
const GAP: u32 = 2;

pub(super) fn decode<'a, R: Read>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    let webp = source.into_bytes();
    let features = libwebp::features(&webp).ok_or_else(|| damaged("the header makes no sense"))?;
    let stored = header.orientation.size(header.size);
    if features.size != stored {
        return Err(damaged(format_args!(
            "of {stored} in its header and {} in truth",
            features.size
        )));
    }
    let profile = profile(&webp);
    let failed = |status| match status {
        // libwebp also returns this for an invalid header of alpha.
        VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY => decoder_error("its alpha is invalid", header),
        status => decoder_error(format_args!("{status:?}"), header),
    };
    if features.is_lossy && are_planes_worth_it(features.has_alpha, crop.size, size) {
        return Ok(Decoded { picture: planes(&webp, stored, crop).map_err(failed)?, profile });
    }
    let (frame, region) = if features.is_animated {
        (first_frame(webp, header)?, Region::at_full_scale(crop))
    } else if is_worth_scaling(features.has_alpha, crop.size, size) {
        let half_done = half_done(size);
        (still(&webp, features, crop, half_done).map_err(failed)?, Region::whole(half_done))
    } else {
        let still = still(&webp, features, Rect::whole(stored), stored).map_err(failed)?;
        (still, Region::at_full_scale(crop))
    };
    Ok(Decoded::packed(Box::new(frame), region, profile))
}

/// Whether the planes of a lossy picture may be held, and even chroma has more than is needed.
pub(super) fn are_planes_worth_it(has_alpha: bool, from: Size, to: Size) -> bool {
    is_worth_scaling(has_alpha, from, to) && planes_bytes(from) <= MAX_PLANES
}

/// Of luma, and of chroma of half the size.
pub(super) fn planes_bytes(size: Size) -> u64 {
    size.pixels() * 3 / 2
}

fn planes(webp: &[u8], stored: Size, crop: Rect) -> Result<Raster<'static>, VP8StatusCode> {
    // Chroma begins with every other pixel.
    let (left, top) = (crop.x % 2, crop.y % 2);
    let size = Size::new(crop.size.width + left, crop.size.height + top);
    let even = Rect { x: crop.x - left, y: crop.y - top, size };
    debug_assert!(even.x + size.width <= stored.width && even.y + size.height <= stored.height);
    let [luma, blue, red] = libwebp::decode_planes(webp, even)?;

    let within = Rect { x: left, y: top, size: crop.size };
    let half = Size::new(size.width.div_ceil(2), size.height.div_ceil(2));
    let part = |bytes, size, eighths| {
        let frame = PixelBuffer::new(size, Channels::Grey.eight_bit(), bytes);
        CroppedRows { rows: Box::new(frame), region: Region::at_scale(within, eighths) }
    };
    let parts = [part(luma, size, 8), part(blue, half, 4), part(red, half, 4)];
    Ok(Raster::Ycc(parts, YccRange::Video))
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

fn still(
    webp: &[u8],
    features: Features,
    crop: Rect,
    size: Size,
) -> Result<PixelBuffer, VP8StatusCode> {
    let channels = if features.has_alpha { Channels::Rgba } else { Channels::Rgb };
    Ok(PixelBuffer::new(size, channels.eight_bit(), libwebp::decode(webp, crop, size)?))
}

/// Whether libwebp failed for lack of memory, or because the picture is damaged. libwebp reports some
/// damage as lack of memory, so this tries to allocate all that decoding needs: if it can, it was damage.
pub(super) fn decoder_error(reason: impl std::fmt::Display, header: &Header) -> RenderError {
    let needed = usize::try_from(header.pixels.held).unwrap_or(usize::MAX);
    let mut room = Vec::<u8>::new();
    let has_room = room.try_reserve_exact(needed).is_ok();
    // Without it, the compiler may remove the allocation and assume that it succeeds.
    std::hint::black_box(&mut room);
    if has_room { damaged(reason) } else { RenderError::OutOfMemory { step: "decoding WebP" } }
}

pub(super) fn damaged(reason: impl std::fmt::Display) -> RenderError {
    RenderError::corrupt(format_args!("damaged WebP: {reason}"))
}

/// An animation's, as it is laid on the canvas.
fn first_frame(webp: Vec<u8>, header: &Header) -> Result<PixelBuffer, RenderError> {
    let failed = |reason| decoder_error(reason, header);
    let mut decoder = Decoder::new(webp).ok_or_else(|| failed("its chunks are invalid"))?;
    let size = decoder.size();
    match decoder.next() {
        Some(Ok((canvas, _))) => {
            Ok(PixelBuffer::new(size, Channels::Rgba.eight_bit(), canvas.to_vec()))
        }
        _ => Err(failed("its first frame can't be decoded")),
    }
}

/// The colour profile, if there is one of a sensible length.
pub(super) fn profile(webp: &[u8]) -> Option<Vec<u8>> {
    let profile = riff::find_chunk(webp, b"ICCP")?;
    (profile.len() <= MAX_PROFILE_BYTES).then(|| profile.to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::resize::resize;
    use crate::{Encoding, Method, Quality, chart};

    /// In its planes and in the colours that libwebp makes of them: from a crop that begins in the
    /// middle of chroma's pixels, in a picture whose last row and column have half of one.
    #[test]
    fn planes_are_the_picture() {
        let stored = Size::new(301, 203);
        let webp = chart::encoded(
            stored,
            Encoding::Webp { quality: Quality::try_from(95).unwrap(), method: Method::DEFAULT },
        );
        let size = Size::new(60, 48);
        for crop in [Rect::whole(stored), Rect { x: 7, y: 3, size: Size::new(294, 199) }] {
            let all = |picture| {
                let mut out = vec![0; 60 * 48 * 3];
                resize(picture, size).read(&mut out).unwrap();
                out
            };
            let planes = all(planes(&webp, stored, crop).unwrap());
            let features = libwebp::features(&webp).unwrap();
            let frame = still(&webp, features, Rect::whole(stored), stored).unwrap();
            let part = CroppedRows { rows: Box::new(frame), region: Region::at_full_scale(crop) };
            let packed = all(Raster::Packed(part));

            let apart = || planes.iter().zip(&packed).map(|(a, b)| a.abs_diff(*b));
            let mean = apart().map(f64::from).sum::<f64>() / planes.len() as f64;
            assert!(
                mean < 0.7 && apart().max() < Some(24),
                "{crop:?}: {mean}, {:?}",
                apart().max()
            );
        }
    }
}
