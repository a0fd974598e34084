//! What stills and animations need to be encoded: a configuration, and pixels in libwebp's own memory.

use std::ffi::c_int;

use libwebp_sys::{
    WebPConfig, WebPConfigLosslessPreset, WebPPicture, WebPPictureFree, WebPPictureImportRGB, WebPPictureImportRGBA,
};

use crate::Size;

/// How pixels are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Lossy { quality: u8, method: u8 },
    Lossless { level: u8 },
}

impl Mode {
    /// The colour space that stills are encoded from, so that libwebp does not convert them again.
    pub(super) fn colour_space(self) -> ColourSpace {
        match self {
            Mode::Lossy { .. } => ColourSpace::Yuva,
            Mode::Lossless { .. } => ColourSpace::Argb,
        }
    }
}

/// The colour space of a picture in libwebp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColourSpace {
    Yuva,
    Argb,
}

/// The configuration of an encoder.
pub(super) fn config(mode: Mode) -> Result<WebPConfig, String> {
    let mut config = WebPConfig::new().map_err(|()| "no configuration".to_owned())?;
    match mode {
        Mode::Lossy { quality, method } => {
            config.quality = quality.into();
            config.method = method.into();
        }
        Mode::Lossless { level } => {
            // SAFETY: libwebp writes the struct that it is given.
            if unsafe { WebPConfigLosslessPreset(&mut config, level.into()) } == 0 {
                return Err(format!("no lossless level {level}"));
            }
            config.thread_level = 0;
        }
    }
    Ok(config)
}

/// Copies RGB or RGBA pixels to a picture of libwebp. They are RGBA if `pixels` has four bytes per pixel of `size`.
pub(super) fn import(pixels: &[u8], size: Size, colours: ColourSpace) -> Result<WebpPicture, String> {
    let pixel_bytes = match pixels.len() as u64 {
        len if len == size.pixels() * 3 => 3,
        len if len == size.pixels() * 4 => 4,
        len => return Err(format!("{len} bytes are not the pixels of {size}")),
    };
    let mut picture = WebpPicture::new()?;
    picture.0.use_argb = c_int::from(colours == ColourSpace::Argb);
    (picture.0.width, picture.0.height) = (to_c_int(size.width)?, to_c_int(size.height)?);
    let stride = to_c_int(size.width)? * pixel_bytes;
    let import = if pixel_bytes == 3 { WebPPictureImportRGB } else { WebPPictureImportRGBA };
    // SAFETY: `pixels` has as many rows of `stride` bytes as the picture is high. Its length was checked.
    if unsafe { import(&mut picture.0, pixels.as_ptr(), stride) } == 0 {
        return Err(format!("{:?}", picture.0.error_code));
    }
    Ok(picture)
}

/// Converts a parameter for libwebp.
pub(super) fn to_c_int(number: u32) -> Result<c_int, String> {
    c_int::try_from(number).map_err(|error| error.to_string())
}

/// A picture of libwebp, with the memory that libwebp allocates for it.
pub(super) struct WebpPicture(pub(super) WebPPicture);

impl WebpPicture {
    fn new() -> Result<Self, String> {
        WebPPicture::new().map(WebpPicture).map_err(|()| "no picture".to_owned())
    }
}

impl Drop for WebpPicture {
    fn drop(&mut self) {
        // SAFETY: libwebp initialised the picture, and it is freed only here.
        unsafe { WebPPictureFree(&mut self.0) };
    }
}
