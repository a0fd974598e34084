//! Decodes stills.

use std::ffi::c_int;
use std::ptr;

use libwebp_sys::{
    VP8StatusCode, WEBP_CSP_MODE, WebPBitstreamFeatures, WebPDecode, WebPDecoderConfig, WebPGetFeatures,
    WebPRGBABuffer, WebPYUVABuffer,
};

use crate::Size;
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

/// Decodes the `crop` of a still, scaled down to `size`. Returns RGBA if the picture has alpha, otherwise RGB.
///
/// # Errors
/// libwebp's status: the picture is corrupt, or `crop` is not within it.
pub(crate) fn decode(webp: &[u8], crop: Rect, size: Size) -> Result<Vec<u8>, VP8StatusCode> {
    let features = features(webp).ok_or(VP8StatusCode::VP8_STATUS_BITSTREAM_ERROR)?;
    let (pixel_bytes, colours) =
        if features.has_alpha { (4, WEBP_CSP_MODE::MODE_RGBA) } else { (3, WEBP_CSP_MODE::MODE_RGB) };
    let stride = size.width as usize * pixel_bytes;
    let mut pixels = vec![0; stride * size.height as usize];

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
    match unsafe { WebPDecode(webp.as_ptr(), webp.len(), &mut config) } {
        VP8StatusCode::VP8_STATUS_OK => Ok(pixels),
        status => Err(status),
    }
}

/// Decodes the `crop` of a lossy still to luma, blue chroma and red chroma. The crop begins at an even row and column.
/// Chroma has half of its rows and columns, rounded up.
///
/// # Errors
/// libwebp's status, if the file is corrupt or memory is missing.
pub(crate) fn decode_planes(webp: &[u8], crop: Rect) -> Result<[Vec<u8>; 3], VP8StatusCode> {
    let Size { width, height } = crop.size;
    let half = Size::new(width.div_ceil(2), height.div_ceil(2));
    let plane = |size: Size| vec![0; size.width as usize * size.height as usize];
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
    match unsafe { WebPDecode(webp.as_ptr(), webp.len(), &mut config) } {
        VP8StatusCode::VP8_STATUS_OK => Ok([luma, blue, red]),
        status => Err(status),
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
