//! WebP through libwebp, which decodes a file as a whole.
//!
//! - A lossy picture that is scaled down is decoded to planes of luma and chroma, which are resized separately.
//!   libwebp's own scaler takes longer, and its result is softer.
//! - libwebp's scaler is used if the planes would take too much memory, and for lossless pictures, which are RGB.
//! - Pictures with alpha, and those that are scaled by less than [`MIN_OVERSAMPLE`], are decoded at full size.

use std::io::Read;

use super::decoded::Decoded;
use crate::colour::{ColourProfile, MAX_PROFILE_BYTES};
use crate::damage::DamageLog;
use crate::ffi::libwebp::{self, AnimationDecoder, Extent, Features, RowCount, VP8StatusCode};
use crate::geometry::Rect;
use crate::probe::riff;
use crate::raster::{Channels, PixelBuffer, Raster, Region, RowsToCrop, YccCoding};
use crate::source_reader::SourceReader;
use crate::{Corruption, Header, Rejection, RenderError, Size, words};

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
    let log = source.damage();
    let mut webp = source.into_bytes();
    let features = libwebp::features(&webp).ok_or_else(|| RenderError::corrupt("the header is invalid"))?;
    let stored = header.orientation.size(header.size);
    if features.size != stored {
        return Err(RenderError::corrupt(format_args!(
            "the header says {stored}, but the pixels are {}",
            features.size
        )));
    }
    let profiles = profiles(&webp);
    if features.is_animated {
        let frame = first_frame(webp, header, &log)?;
        return Ok(Decoded::packed(Box::new(frame), Region::at_full_scale(crop), profiles));
    }
    let decode = |webp: &[u8], extent| {
        let (picture, rows) = if features.is_lossy && uses_planes(features.has_alpha, crop.size, size) {
            decode_planes(webp, stored, crop, extent)?
        } else if uses_scaler(features.has_alpha, crop.size, size) {
            let scaler_size = scaler_size(size);
            decode_still(webp, features, crop, scaler_size, Region::whole(scaler_size), extent)?
        } else {
            decode_still(webp, features, Rect::whole(stored), stored, Region::at_full_scale(crop), extent)?
        };
        Ok((Decoded { picture, profiles: profiles.clone() }, rows))
    };
    // libwebp refuses a file that is shorter than its header says, even if only other chunks are missing.
    let byte_len = webp.len();
    let stated_len = riff::file_len(&webp).map_or(byte_len, |len| len.max(byte_len));
    set_len(&mut webp, byte_len);
    let status = match decode(&webp, Extent::Whole) {
        Ok((decoded, _)) => return Ok(decoded),
        Err(status) => status,
    };
    let reason = match status {
        // libwebp also returns this for an invalid alpha header.
        VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY if !has_memory(header) => return Err(OUT_OF_MEMORY),
        VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY => Corruption::new("the alpha channel is invalid"),
        _ if stated_len > byte_len => Corruption::new(words::FILE_ENDS).at_byte(webp.len() as u64),
        status => Corruption::new(words::of_webp(status)),
    };
    // Otherwise libwebp takes the chunk with the pixels to be longer than the file.
    set_len(&mut webp, stated_len);
    match decode(&webp, Extent::Part) {
        Ok((decoded, rows)) => log.accept(reason.after(rows.decoded.into(), rows.total.into())).map(|()| decoded),
        Err(_) => Err(Rejection::Corrupt(reason).into()),
    }
}

fn set_len(webp: &mut [u8], len: usize) {
    if let Ok(len) = u32::try_from(len) {
        riff::set_file_len(webp, len);
    }
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
fn decode_planes(
    webp: &[u8],
    stored: Size,
    crop: Rect,
    extent: Extent,
) -> Result<(Raster<'static>, RowCount), VP8StatusCode> {
    // A pixel of chroma covers two rows and two columns of luma, so the crop is extended to even ones.
    let (left, top) = (crop.x % 2, crop.y % 2);
    let size = Size::new(crop.size.width + left, crop.size.height + top);
    let even = Rect { x: crop.x - left, y: crop.y - top, size };
    debug_assert!(even.x + size.width <= stored.width && even.y + size.height <= stored.height);
    let ([luma, blue, red], rows) = libwebp::decode_planes(webp, even, extent)?;

    let within = Rect { x: left, y: top, size: crop.size };
    let half = Size::new(size.width.div_ceil(2), size.height.div_ceil(2));
    let part = |bytes, size, eighths| {
        let frame = PixelBuffer::new(size, Channels::Grey.eight_bit(), bytes);
        RowsToCrop { rows: Box::new(frame), region: Region::at_scale(within, eighths) }
    };
    let parts = [part(luma, size, 8), part(blue, half, 4), part(red, half, 4)];
    Ok((Raster::Ycc(parts, YccCoding::WEBP), rows))
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
fn decode_still(
    webp: &[u8],
    features: Features,
    crop: Rect,
    size: Size,
    region: Region,
    extent: Extent,
) -> Result<(Raster<'static>, RowCount), VP8StatusCode> {
    let channels = if features.has_alpha { Channels::Rgba } else { Channels::Rgb };
    let (pixels, rows) = libwebp::decode(webp, crop, size, extent)?;
    let frame = Box::new(PixelBuffer::new(size, channels.eight_bit(), pixels));
    Ok((Raster::Packed(RowsToCrop { rows: frame, region }), rows))
}

/// The error for a failure of libwebp: lack of memory, or a corrupt picture. libwebp reports some corrupt pictures as lack
/// of memory, so this tries to allocate all that decoding needs. If it can, the picture is corrupt.
pub(super) fn decoder_error(reason: impl std::fmt::Display, header: &Header) -> RenderError {
    if has_memory(header) { RenderError::corrupt(reason) } else { OUT_OF_MEMORY }
}

const OUT_OF_MEMORY: RenderError = RenderError::OutOfMemory { step: "decoding WebP" };

fn has_memory(header: &Header) -> bool {
    let needed = usize::try_from(header.pixels.decoder_bytes).unwrap_or(usize::MAX);
    let mut trial = Vec::<u8>::new();
    let has_memory = trial.try_reserve_exact(needed).is_ok();
    // Otherwise the compiler may remove the allocation and assume that it succeeds.
    std::hint::black_box(&mut trial);
    has_memory
}

/// Decodes the first frame of an animation, on its canvas.
fn first_frame(mut webp: Vec<u8>, header: &Header, log: &DamageLog) -> Result<PixelBuffer, RenderError> {
    let failed = |reason| decoder_error(reason, header);
    let ends = Corruption::new(words::FILE_ENDS).at_byte(webp.len() as u64);
    // Later frames that are missing are not shown.
    if riff::cut_incomplete_chunk(&mut webp) && !log.renders_damaged() {
        return Err(Rejection::Corrupt(ends).into());
    }
    let mut decoder = AnimationDecoder::new(webp).ok_or_else(|| failed("the chunks of the animation are invalid"))?;
    let size = decoder.size();
    match decoder.next() {
        Some(Ok((canvas, _))) => Ok(PixelBuffer::new(size, Channels::Rgba.eight_bit(), canvas.to_vec())),
        _ => Err(failed("the first frame is damaged")),
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
            let planes = all(decode_planes(&webp, stored, crop, Extent::Whole).unwrap().0);
            let features = libwebp::features(&webp).unwrap();
            let region = Region::at_full_scale(crop);
            let still = decode_still(&webp, features, Rect::whole(stored), stored, region, Extent::Whole);
            let packed = all(still.unwrap().0);

            let differences = || planes.iter().zip(&packed).map(|(a, b)| a.abs_diff(*b));
            let mean = differences().map(f64::from).sum::<f64>() / planes.len() as f64;
            assert!(mean < 0.7 && differences().max() < Some(24), "{crop:?}: {mean}, {:?}", differences().max());
        }
    }
}
