//! Decodes stills.

use std::ffi::c_int;
use std::ptr;

use libwebp_sys::{
    VP8StatusCode, WEBP_CSP_MODE, WebPBitstreamFeatures, WebPDecode, WebPDecoderConfig, WebPGetFeatures, WebPIDecode,
    WebPIDecodedArea, WebPIDelete, WebPIUpdate, WebPRGBABuffer, WebPYUVABuffer,
};

use crate::Size;
use crate::damage::MISSING;
use crate::geometry::Rect;

/// The header of a WebP, as libwebp reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) size: Size,
    pub(crate) has_alpha: bool,
    pub(crate) is_animated: bool,
    pub(crate) is_lossy: bool,
}

/// Reads the header. `None` if it is invalid.
pub(crate) fn features(webp: &[u8]) -> Option<Features> {
    // SAFETY: the struct has only integers, for which zero is a valid value.
    let mut found: WebPBitstreamFeatures = unsafe { std::mem::zeroed() };
    // SAFETY: libwebp reads no further than the given length, and writes the struct.
    let status = unsafe { WebPGetFeatures(webp.as_ptr(), webp.len(), &mut found) };
    if status != VP8StatusCode::VP8_STATUS_OK {
        return None;
    }
    let size = Size::new(found.width.try_into().ok()?, found.height.try_into().ok()?);
    Some(Features {
        size,
        has_alpha: found.has_alpha != 0,
        is_animated: found.has_animation != 0,
        is_lossy: found.format == LOSSY,
    })
}

/// The format in [`WebPBitstreamFeatures`]. 2 is lossless, 0 is a mixture.
const LOSSY: c_int = 1;

/// How much of a picture must be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it; otherwise, decoding fails.
    Whole,
    /// Whole rows from the top on. What is missing is [`MISSING`], or transparent. The rows of a file that is shorter than
    /// its RIFF header says are decoded as far as they go.
    Part,
}

/// Rows of the output that were decoded, and all of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowCount {
    pub(crate) decoded: u32,
    pub(crate) total: u32,
}

/// Decodes the `crop` of a still, scaled down to `size`. Returns RGBA if the picture has alpha, otherwise RGB.
///
/// # Errors
/// libwebp's status: the picture is corrupt, or `crop` is not within it.
pub(crate) fn decode(
    webp: &[u8],
    crop: Rect,
    size: Size,
    extent: Extent,
) -> Result<(Vec<u8>, RowCount), VP8StatusCode> {
    let features = features(webp).ok_or(VP8StatusCode::VP8_STATUS_BITSTREAM_ERROR)?;
    let (pixel_bytes, colours) =
        if features.has_alpha { (4, WEBP_CSP_MODE::MODE_RGBA) } else { (3, WEBP_CSP_MODE::MODE_RGB) };
    let stride = size.width as usize * pixel_bytes;
    let is_grey = extent == Extent::Part && !features.has_alpha;
    let mut pixels = vec![if is_grey { MISSING } else { 0 }; stride * size.height as usize];

    let mut config = crop_config(crop)?;
    let options = &mut config.options;
    if size != crop.size {
        options.use_scaling = 1;
        (options.scaled_width, options.scaled_height) = (to_c_int(size.width)?, to_c_int(size.height)?);
    }
    config.output.colorspace = colours;
    config.output.u.RGBA = WebPRGBABuffer { rgba: pixels.as_mut_ptr(), stride: to_c_int(stride)?, size: pixels.len() };
    // SAFETY: `webp` and `pixels` are valid for their lengths and outlive the call. libwebp rejects an output buffer that
    // is too small, and a crop outside the picture.
    let rows = unsafe { run(webp, &mut config, size.height, extent) }?;
    Ok((pixels, rows))
}

/// Decodes the `crop` of a lossy still to luma, blue chroma and red chroma. The crop begins at an even row and column.
/// Chroma has half of its rows and columns, rounded up.
///
/// # Errors
/// libwebp's status, if the file is corrupt or memory is missing.
pub(crate) fn decode_planes(
    webp: &[u8],
    crop: Rect,
    extent: Extent,
) -> Result<([Vec<u8>; 3], RowCount), VP8StatusCode> {
    let Size { width, height } = crop.size;
    let half = Size::new(width.div_ceil(2), height.div_ceil(2));
    let level = if extent == Extent::Part { MISSING } else { 0 };
    let plane = |size: Size| vec![level; size.width as usize * size.height as usize];
    let [mut luma, mut blue, mut red] = [crop.size, half, half].map(plane);

    let mut config = crop_config(crop)?;
    config.output.colorspace = WEBP_CSP_MODE::MODE_YUV;
    config.output.u.YUVA = WebPYUVABuffer {
        y: luma.as_mut_ptr(),
        u: blue.as_mut_ptr(),
        v: red.as_mut_ptr(),
        a: ptr::null_mut(),
        y_stride: to_c_int(width)?,
        u_stride: to_c_int(half.width)?,
        v_stride: to_c_int(half.width)?,
        a_stride: 0,
        y_size: luma.len(),
        u_size: blue.len(),
        v_size: red.len(),
        a_size: 0,
    };
    // SAFETY: `webp` and the planes are valid for their lengths and outlive the call. libwebp rejects planes that are too
    // small, and a crop outside the picture.
    let rows = unsafe { run(webp, &mut config, height, extent) }?;
    Ok(([luma, blue, red], rows))
}

/// Decodes to the output buffer of `config`, which has `total` rows.
///
/// # Safety
/// The buffer is valid for the lengths that `config` states.
unsafe fn run(
    webp: &[u8],
    config: &mut WebPDecoderConfig,
    total: u32,
    extent: Extent,
) -> Result<RowCount, VP8StatusCode> {
    if extent == Extent::Whole {
        // SAFETY: the caller guarantees the output. libwebp reads no further than the given length.
        return match unsafe { WebPDecode(webp.as_ptr(), webp.len(), config) } {
            VP8StatusCode::VP8_STATUS_OK => Ok(RowCount { decoded: total, total }),
            status => Err(status),
        };
    }
    // SAFETY: the decoder is used while `config`, its output and the file live, and is freed once. Without a file, libwebp
    // reads none. It writes to four variables.
    unsafe {
        let decoder = WebPIDecode(ptr::null(), 0, config);
        if decoder.is_null() {
            return Err(VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY);
        }
        let status = WebPIUpdate(decoder, webp.as_ptr(), webp.len());
        let [mut left, mut top, mut width, mut height] = [0; 4];
        let area = WebPIDecodedArea(decoder, &mut left, &mut top, &mut width, &mut height);
        let decoded = if area.is_null() { 0 } else { height.max(0).unsigned_abs().min(total) };
        WebPIDelete(decoder);
        if decoded > 0 { Ok(RowCount { decoded, total }) } else { Err(status) }
    }
}

/// The configuration for decoding a part of a picture into the caller's memory.
fn crop_config(crop: Rect) -> Result<WebPDecoderConfig, VP8StatusCode> {
    let invalid = VP8StatusCode::VP8_STATUS_INVALID_PARAM;
    let mut config = WebPDecoderConfig::new().map_err(|()| invalid)?;
    let options = &mut config.options;
    options.use_cropping = 1;
    (options.crop_left, options.crop_top) = (to_c_int(crop.x)?, to_c_int(crop.y)?);
    (options.crop_width, options.crop_height) = (to_c_int(crop.size.width)?, to_c_int(crop.size.height)?);
    config.output.is_external_memory = 1;
    Ok(config)
}

/// Converts a parameter for libwebp.
fn to_c_int(value: impl TryInto<c_int>) -> Result<c_int, VP8StatusCode> {
    value.try_into().map_err(|_| VP8StatusCode::VP8_STATUS_INVALID_PARAM)
}
