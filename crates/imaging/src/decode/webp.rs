//! WebP through libwebp, which decodes a file as a whole.
//!
//! - A lossy picture that is scaled down is decoded to planes of luma and chroma, which are resized separately.
//!   libwebp's own scaler takes longer, and its result is softer.
//! - libwebp's scaler is used if the planes would take too much memory, and for lossless pictures, which are RGB.
//! - Pictures with alpha, and those that are scaled by less than [`MIN_OVERSAMPLE`], are decoded at full size.

use std::io::Read;

use super::decoded::Decoded;
use crate::colour::{ColourProfile, MAX_PROFILE_BYTES};
use crate::ffi::libwebp::{self, AnimationDecoder, Features, VP8StatusCode};
use crate::geometry::Rect;
use crate::probe::riff;
use crate::raster::{Channels, PixelBuffer, Raster, Region, RowsToCrop, YccCoding};
use crate::source_reader::SourceReader;
use crate::{Header, RenderError, Size};

/// Limit on the bytes of the planes, which are those of 42 MP. Larger pictures are scaled down while they are decoded.
const MAX_PLANE_BYTES: u64 = 64_000_000;

/// The smallest ratio of decoded pixels to the rendition's pixels, per side.
// libwebp's scaler averages, which is fast but soft. Our own filter therefore does the last halving.
const MIN_OVERSAMPLE: u32 = 2;

pub(super) fn decode<'a, R: Read>(
    source: SourceReader<R>,
    header: &Header,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    let webp = source.into_bytes();
    let features = libwebp::features(&webp).ok_or_else(|| corrupt_webp("the header is invalid"))?;
    let stored = header.orientation.size(header.size);
    if features.size != stored {
        return Err(corrupt_webp(format_args!("its header says {stored}, its pixels are {}", features.size)));
    }
    let profiles = profiles(&webp);
    let failed = |status| match status {
        // libwebp also returns this for an invalid alpha header.
        VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY => decoder_error("its alpha is invalid", header),
        status => decoder_error(format_args!("{status:?}"), header),
    };
    if features.is_lossy && uses_planes(features.has_alpha, crop.size, size) {
        return Ok(Decoded { picture: decode_planes(&webp, stored, crop).map_err(failed)?, profiles });
    }
    let (frame, region) = if features.is_animated {
        (first_frame(webp, header)?, Region::at_full_scale(crop))
    } else if uses_scaler(features.has_alpha, crop.size, size) {
        let scaler_size = scaler_size(size);
        (decode_still(&webp, features, crop, scaler_size).map_err(failed)?, Region::whole(scaler_size))
    } else {
        let still = decode_still(&webp, features, Rect::whole(stored), stored).map_err(failed)?;
        (still, Region::at_full_scale(crop))
    };
    Ok(Decoded::packed(Box::new(frame), region, profiles))
}

/// Whether a lossy picture is decoded to planes: even chroma then has enough pixels, and the planes fit in memory.
pub(super) fn uses_planes(has_alpha: bool, from: Size, to: Size) -> bool {
    uses_scaler(has_alpha, from, to) && plane_bytes(from) <= MAX_PLANE_BYTES
}

/// Bytes of a plane of luma, and of two of chroma with half the width and height.
pub(super) fn plane_bytes(size: Size) -> u64 {
    size.pixels() * 3 / 2
}

/// Decodes the crop of a lossy picture to luma and chroma.
fn decode_planes(webp: &[u8], stored: Size, crop: Rect) -> Result<Raster<'static>, VP8StatusCode> {
    // A pixel of chroma covers two rows and two columns of luma, so the crop is extended to even ones.
    let (left, top) = (crop.x % 2, crop.y % 2);
    let size = Size::new(crop.size.width + left, crop.size.height + top);
    let even = Rect { x: crop.x - left, y: crop.y - top, size };
    debug_assert!(even.x + size.width <= stored.width && even.y + size.height <= stored.height);
    let [luma, blue, red] = libwebp::decode_planes(webp, even)?;

    let within = Rect { x: left, y: top, size: crop.size };
    let half = Size::new(size.width.div_ceil(2), size.height.div_ceil(2));
    let part = |bytes, size, eighths| {
        let frame = PixelBuffer::new(size, Channels::Grey.eight_bit(), bytes);
        RowsToCrop { rows: Box::new(frame), region: Region::at_scale(within, eighths) }
    };
    let parts = [part(luma, size, 8), part(blue, half, 4), part(red, half, 4)];
    Ok(Raster::Ycc(parts, YccCoding::WEBP))
}

/// Whether the picture can be decoded to a smaller size than the stored one, and that saves pixels. libwebp's scaler does
/// not weight colours by their alpha.
pub(super) fn uses_scaler(has_alpha: bool, from: Size, to: Size) -> bool {
    let is_smaller = |from: u32, to: u32| u64::from(from) >= u64::from(to) * u64::from(MIN_OVERSAMPLE);
    !has_alpha && is_smaller(from.width, to.width) && is_smaller(from.height, to.height) && from != scaler_size(to)
}

/// The size that libwebp's scaler makes for a rendition of this size.
pub(super) fn scaler_size(size: Size) -> Size {
    Size::new(size.width.saturating_mul(MIN_OVERSAMPLE), size.height.saturating_mul(MIN_OVERSAMPLE))
}

/// Decodes the crop of a still, scaled to `size`.
fn decode_still(webp: &[u8], features: Features, crop: Rect, size: Size) -> Result<PixelBuffer, VP8StatusCode> {
    let channels = if features.has_alpha { Channels::Rgba } else { Channels::Rgb };
    Ok(PixelBuffer::new(size, channels.eight_bit(), libwebp::decode(webp, crop, size)?))
}

/// The error for a failure of libwebp: lack of memory, or a corrupt picture. libwebp reports some corrupt pictures as lack
/// of memory, so this tries to allocate all that decoding needs. If it can, the picture is corrupt.
pub(super) fn decoder_error(reason: impl std::fmt::Display, header: &Header) -> RenderError {
    let needed = usize::try_from(header.pixels.decoder_bytes).unwrap_or(usize::MAX);
    let mut trial = Vec::<u8>::new();
    let has_memory = trial.try_reserve_exact(needed).is_ok();
    // Otherwise the compiler may remove the allocation and assume that it succeeds.
    std::hint::black_box(&mut trial);
    if has_memory { corrupt_webp(reason) } else { RenderError::OutOfMemory { step: "decoding WebP" } }
}

pub(super) fn corrupt_webp(reason: impl std::fmt::Display) -> RenderError {
    RenderError::corrupt(format_args!("damaged WebP: {reason}"))
}

/// Decodes the first frame of an animation, on its canvas.
fn first_frame(webp: Vec<u8>, header: &Header) -> Result<PixelBuffer, RenderError> {
    let failed = |reason| decoder_error(reason, header);
    let mut decoder = AnimationDecoder::new(webp).ok_or_else(|| failed("its chunks are invalid"))?;
    let size = decoder.size();
    match decoder.next() {
        Some(Ok((canvas, _))) => Ok(PixelBuffer::new(size, Channels::Rgba.eight_bit(), canvas.to_vec())),
        _ => Err(failed("its first frame cannot be decoded")),
    }
}

/// The colour profile, if there is one that is not too long.
pub(super) fn profiles(webp: &[u8]) -> Vec<ColourProfile> {
    let profile = riff::find_chunk(webp, b"ICCP").filter(|profile| profile.len() <= MAX_PROFILE_BYTES);
    ColourProfile::icc(profile.map(<[u8]>::to_vec))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::resize::resize;
    use crate::{Encoding, Method, Quality, chart};

    /// Compares planes with the colours that libwebp makes of them. The crop begins within a pixel of chroma, and the
    /// picture's last row and column have half a pixel of chroma.
    #[test]
    fn planes_show_the_same_picture_as_colours() {
        let stored = Size::new(301, 203);
        let webp =
            chart::encoded(stored, Encoding::Webp { quality: Quality::try_from(95).unwrap(), method: Method::DEFAULT });
        let size = Size::new(60, 48);
        for crop in [Rect::whole(stored), Rect { x: 7, y: 3, size: Size::new(294, 199) }] {
            let all = |picture| {
                let mut out = vec![0; 60 * 48 * 3];
                resize(picture, size).read(&mut out).unwrap();
                out
            };
            let planes = all(decode_planes(&webp, stored, crop).unwrap());
            let features = libwebp::features(&webp).unwrap();
            let frame = decode_still(&webp, features, Rect::whole(stored), stored).unwrap();
            let part = RowsToCrop { rows: Box::new(frame), region: Region::at_full_scale(crop) };
            let packed = all(Raster::Packed(part));

            let differences = || planes.iter().zip(&packed).map(|(a, b)| a.abs_diff(*b));
            let mean = differences().map(f64::from).sum::<f64>() / planes.len() as f64;
            assert!(mean < 0.7 && differences().max() < Some(24), "{crop:?}: {mean}, {:?}", differences().max());
        }
    }
}
