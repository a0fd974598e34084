//! libwebp's C interface, where no safe binding has what is needed: its scaler while decoding, its
//! importer straight to the colour space that is encoded, and its animations.

pub(crate) mod animation;

use std::ffi::{c_int, c_void};
use std::ptr;

pub(crate) use libwebp_sys::VP8StatusCode;
use libwebp_sys::{
    WEBP_CSP_MODE, WebPBitstreamFeatures, WebPConfig, WebPConfigLosslessPreset, WebPDecode,
    WebPDecoderConfig, WebPEncode, WebPGetFeatures, WebPPicture, WebPPictureFree,
    WebPPictureImportRGB, WebPPictureImportRGBA, WebPRGBABuffer, WebPYUVABuffer,
};

use crate::Size;
use crate::geometry::Rect;

/// What a WebP's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) size: Size,
    pub(crate) has_alpha: bool,
    pub(crate) is_animated: bool,
    pub(crate) is_lossy: bool,
}

/// `None` where it makes no sense.
pub(crate) fn features(webp: &[u8]) -> Option<Features> {
    // SAFETY: integers only, of which zero is a value.
    let mut found: WebPBitstreamFeatures = unsafe { std::mem::zeroed() };
    // SAFETY: reads no further than the length it is given, and writes the struct.
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

/// In [`WebPBitstreamFeatures`]; 2 is lossless, 0 a mixture.
const LOSSY: c_int = 1;

/// The `crop` of a still, scaled down to `size`: red, green, blue, and alpha where it has one.
///
/// # Errors
/// libwebp's status: the picture is damaged, or `crop` does not lie within it.
pub(crate) fn decode(webp: &[u8], crop: Rect, size: Size) -> Result<Vec<u8>, VP8StatusCode> {
    let features = features(webp).ok_or(VP8StatusCode::VP8_STATUS_BITSTREAM_ERROR)?;
    let (pixel_bytes, colours) = if features.has_alpha {
        (4, WEBP_CSP_MODE::MODE_RGBA)
    } else {
        (3, WEBP_CSP_MODE::MODE_RGB)
    };
    let stride = size.width as usize * pixel_bytes;
    let mut pixels = vec![0; stride * size.height as usize];

    let mut config = cropped(crop)?;
    let options = &mut config.options;
    if size != crop.size {
        options.use_scaling = 1;
        (options.scaled_width, options.scaled_height) =
            (parameter(size.width)?, parameter(size.height)?);
    }
    config.output.colorspace = colours;
    config.output.u.RGBA = WebPRGBABuffer {
        rgba: pixels.as_mut_ptr(),
        stride: parameter(stride)?,
        size: pixels.len(),
    };
    // SAFETY: `webp` and `pixels` are valid for their lengths and outlive the call; libwebp refuses
    // an output buffer that is too small for what it is asked for, and a crop outside the picture.
    match unsafe { WebPDecode(webp.as_ptr(), webp.len(), &mut config) } {
        VP8StatusCode::VP8_STATUS_OK => Ok(pixels),
        status => Err(status),
    }
}

/// Luma and chroma of the `crop` of a lossy still, which begins at an even row and column; chroma has
/// half of its rows and columns, rounded up.
///
/// # Errors
/// As [`decode`]'s.
pub(crate) fn decode_planes(webp: &[u8], crop: Rect) -> Result<[Vec<u8>; 3], VP8StatusCode> {
    let Size { width, height } = crop.size;
    let half = Size::new(width.div_ceil(2), height.div_ceil(2));
    let plane = |size: Size| vec![0; size.width as usize * size.height as usize];
    let [mut luma, mut blue, mut red] = [crop.size, half, half].map(plane);

    let mut config = cropped(crop)?;
    config.output.colorspace = WEBP_CSP_MODE::MODE_YUV;
    config.output.u.YUVA = WebPYUVABuffer {
        y: luma.as_mut_ptr(),
        u: blue.as_mut_ptr(),
        v: red.as_mut_ptr(),
        a: ptr::null_mut(),
        y_stride: parameter(width)?,
        u_stride: parameter(half.width)?,
        v_stride: parameter(half.width)?,
        a_stride: 0,
        y_size: luma.len(),
        u_size: blue.len(),
        v_size: red.len(),
        a_size: 0,
    };
    // SAFETY: `webp` and the planes are valid for their lengths and outlive the call; libwebp refuses
    // planes that are too small for what it is asked for, and a crop outside the picture.
    match unsafe { WebPDecode(webp.as_ptr(), webp.len(), &mut config) } {
        VP8StatusCode::VP8_STATUS_OK => Ok([luma, blue, red]),
        status => Err(status),
    }
}

/// Decoding a part of a picture into memory of the caller's.
fn cropped(crop: Rect) -> Result<WebPDecoderConfig, VP8StatusCode> {
    let invalid = VP8StatusCode::VP8_STATUS_INVALID_PARAM;
    let mut config = WebPDecoderConfig::new().map_err(|()| invalid)?;
    let options = &mut config.options;
    options.use_cropping = 1;
    (options.crop_left, options.crop_top) = (parameter(crop.x)?, parameter(crop.y)?);
    (options.crop_width, options.crop_height) =
        (parameter(crop.size.width)?, parameter(crop.size.height)?);
    config.output.is_external_memory = 1;
    Ok(config)
}

fn parameter(value: impl TryInto<c_int>) -> Result<c_int, VP8StatusCode> {
    value.try_into().map_err(|_| VP8StatusCode::VP8_STATUS_INVALID_PARAM)
}

/// How pixels are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Lossy { quality: u8, method: u8 },
    Lossless { level: u8 },
}

impl Mode {
    /// What a still is encoded from, without a detour.
    fn colour_space(self) -> ColourSpace {
        match self {
            Mode::Lossy { .. } => ColourSpace::Yuva,
            Mode::Lossless { .. } => ColourSpace::Argb,
        }
    }
}

/// What libwebp keeps pixels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColourSpace {
    Yuva,
    Argb,
}

/// Encodes red, green, blue, and alpha where `pixels` has four bytes to one of `size`.
///
/// `goes_on` is asked on the way, some hundred times where it is lossy, and may answer that it is
/// enough.
///
/// # Errors
/// What libwebp says.
pub(crate) fn encode(
    pixels: &[u8],
    size: Size,
    mode: Mode,
    goes_on: &dyn Fn() -> bool,
) -> Result<Vec<u8>, String> {
    let config = config(mode)?;
    let mut encoded = Vec::new();
    let mut picture = import(pixels, size, mode.colour_space())?;
    picture.0.writer = Some(write);
    picture.0.custom_ptr = (&raw mut encoded).cast::<c_void>();
    picture.0.progress_hook = Some(progress);
    picture.0.user_data = (&raw const goes_on).cast_mut().cast::<c_void>();
    // SAFETY: both were set up by libwebp; `encoded`, which the writer gets, outlives the call, and
    // so does `goes_on`, which the hook gets.
    if unsafe { WebPEncode(&config, &mut picture.0) } == 0 {
        return Err(format!("{:?}", picture.0.error_code));
    }
    drop(picture);
    Ok(encoded)
}

fn config(mode: Mode) -> Result<WebPConfig, String> {
    let mut config = WebPConfig::new().map_err(|()| "no configuration".to_owned())?;
    match mode {
        Mode::Lossy { quality, method } => {
            config.quality = quality.into();
            config.method = method.into();
        }
        Mode::Lossless { level } => {
            // SAFETY: writes the struct that it is given.
            if unsafe { WebPConfigLosslessPreset(&mut config, level.into()) } == 0 {
                return Err(format!("no lossless level {level}"));
            }
            config.thread_level = 0;
        }
    }
    Ok(config)
}

/// A copy of pixels for libwebp: red, green, blue, and alpha where there are four bytes to one.
fn import(pixels: &[u8], size: Size, colours: ColourSpace) -> Result<Picture, String> {
    let pixel_bytes = match pixels.len() as u64 {
        len if len == size.pixels() * 3 => 3,
        len if len == size.pixels() * 4 => 4,
        len => return Err(format!("{len} bytes are no pixels of {size}")),
    };
    let mut picture = Picture::new()?;
    picture.0.use_argb = c_int::from(colours == ColourSpace::Argb);
    (picture.0.width, picture.0.height) = (int(size.width)?, int(size.height)?);
    let stride = int(size.width)? * pixel_bytes;
    let import = if pixel_bytes == 3 { WebPPictureImportRGB } else { WebPPictureImportRGBA };
    // SAFETY: as many rows of `stride` bytes as the picture is high, by the check of its length.
    if unsafe { import(&mut picture.0, pixels.as_ptr(), stride) } == 0 {
        return Err(format!("{:?}", picture.0.error_code));
    }
    Ok(picture)
}

fn int(number: u32) -> Result<c_int, String> {
    c_int::try_from(number).map_err(|error| error.to_string())
}

/// A picture of libwebp's, with what libwebp allocates for it.
struct Picture(WebPPicture);

impl Picture {
    fn new() -> Result<Self, String> {
        WebPPicture::new().map(Picture).map_err(|()| "no picture".to_owned())
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: set up by libwebp, and freed only here.
        unsafe { WebPPictureFree(&mut self.0) };
    }
}

/// Collects what libwebp writes in the vector that the picture points to. For libwebp alone to call.
unsafe extern "C" fn write(bytes: *const u8, len: usize, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp calls back with the picture that `encode` set up, whose pointer is to a
    // vector that nobody else touches meanwhile, and with `len` bytes that are valid during the
    // call.
    unsafe {
        let encoded = &mut *(*picture).custom_ptr.cast::<Vec<u8>>();
        encoded.extend_from_slice(std::slice::from_raw_parts(bytes, len));
    }
    1
}

/// Asks the function that the picture points to. For libwebp alone to call.
unsafe extern "C" fn progress(_: c_int, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp calls back with the picture that `encode` set up, whose pointer is to a
    // function that is alive during the call.
    let goes_on = unsafe { *(*picture).user_data.cast::<&dyn Fn() -> bool>() };
    c_int::from(goes_on())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::chart;

    const SIZE: Size = Size::new(60, 40);
    const LOSSLESS: Mode = Mode::Lossless { level: 6 };
    const LOSSY: Mode = Mode::Lossy { quality: 80, method: 4 };

    fn always() -> bool {
        true
    }

    #[test]
    fn it_stops_when_it_is_told_that_it_is_enough() {
        for mode in [LOSSY, LOSSLESS] {
            let asked = Cell::new(0);
            let twice = || asked.replace(asked.get() + 1) < 2;
            let stopped = encode(&chart::rgb(SIZE), SIZE, mode, &twice);
            assert_eq!(stopped, Err("VP8_ENC_ERROR_USER_ABORT".to_owned()), "{mode:?}");
            assert_eq!(asked.get(), 3, "{mode:?}");
        }
    }

    #[test]
    fn lossless_comes_back_as_it_was() {
        let pixels = chart::rgb(SIZE);
        let webp = encode(&pixels, SIZE, LOSSLESS, &always).unwrap();
        let expected =
            Features { size: SIZE, has_alpha: false, is_animated: false, is_lossy: false };
        assert_eq!(features(&webp), Some(expected));
        assert_eq!(decode(&webp, Rect::whole(SIZE), SIZE).unwrap(), pixels);
    }

    #[test]
    fn a_crop_is_cut_where_it_is_asked_for() {
        let pixels = chart::rgb(SIZE);
        let webp = encode(&pixels, SIZE, LOSSLESS, &always).unwrap();
        let crop = Rect { x: 7, y: 3, size: Size::new(5, 2) };
        let row = |y: usize| &pixels[(y * 60 + 7) * 3..][..15];
        assert_eq!(decode(&webp, crop, crop.size).unwrap(), [row(3), row(4)].concat());
    }

    #[test]
    fn a_crop_outside_and_a_damaged_picture_are_refused() {
        let webp = encode(&chart::rgb(SIZE), SIZE, LOSSY, &always).unwrap();
        let outside = Rect { x: 50, y: 0, size: Size::new(11, 1) };
        assert!(decode(&webp, outside, outside.size).is_err());
        let huge = Rect { x: u32::MAX, y: 0, size: Size::new(1, 1) };
        assert!(decode(&webp, huge, huge.size).is_err());
        for len in 0..webp.len() {
            assert!(decode(&webp[..len], Rect::whole(SIZE), SIZE).is_err(), "cut at {len}");
        }
    }

    #[test]
    fn pixels_of_another_size_are_refused() {
        assert!(encode(&[0; 11], Size::new(2, 2), LOSSLESS, &always).is_err());
        assert!(encode(&[], Size::new(0, 0), LOSSLESS, &always).is_err());
        assert!(encode(&vec![0; 16_384 * 3], Size::new(16_384, 1), LOSSLESS, &always).is_err());
    }
}
