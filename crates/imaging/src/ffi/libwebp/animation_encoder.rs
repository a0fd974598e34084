//! Encodes animations. libwebp finds what changed between two canvases.

use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use libwebp_sys::{
    WEBP_MUX_ABI_VERSION, WebPAnimEncoder, WebPAnimEncoderAdd, WebPAnimEncoderAssemble, WebPAnimEncoderDelete,
    WebPAnimEncoderGetError, WebPAnimEncoderNewInternal, WebPAnimEncoderOptions, WebPAnimEncoderOptionsInitInternal,
    WebPConfig, WebPData, WebPDataClear, WebPDataInit,
};

use super::picture::{ColourSpace, Mode, config, import, to_c_int};
use crate::Size;

/// Encodes an animation, frame by frame.
pub(crate) struct AnimationEncoder {
    encoder: NonNull<WebPAnimEncoder>,
    config: WebPConfig,
    size: Size,
    /// The start of the next frame. It may wrap, as libwebp allows.
    starts_at_ms: u32,
}

/// The longest duration of a frame. The format has 24 bits for it.
const MAX_DURATION_MS: u32 = (1 << 24) - 1;

impl AnimationEncoder {
    /// Starts an animation that is played `loop_count` times, or for ever if that is 0.
    ///
    /// # Errors
    /// WebP does not support the size or the mode, or there is no memory for the canvases.
    pub(crate) fn new(size: Size, mode: Mode, loop_count: u16) -> Result<Self, String> {
        let config = config(mode)?;
        let abi = c_int::try_from(WEBP_MUX_ABI_VERSION).map_err(|error| error.to_string())?;
        let (width, height) = (to_c_int(size.width)?, to_c_int(size.height)?);
        let mut options = MaybeUninit::<WebPAnimEncoderOptions>::uninit();
        // SAFETY: the options are initialised before they are read, or not read.
        let encoder = unsafe {
            if WebPAnimEncoderOptionsInitInternal(options.as_mut_ptr(), abi) == 0 {
                return Err("libwebp has another version".to_owned());
            }
            let params = &mut (*options.as_mut_ptr()).anim_params;
            params.loop_count = loop_count.into();
            // A transparent background. Browsers ignore it.
            params.bgcolor = 0;
            WebPAnimEncoderNewInternal(width, height, options.as_ptr(), abi)
        };
        let encoder = NonNull::new(encoder).ok_or_else(|| format!("no encoder for {size}"))?;
        Ok(AnimationEncoder { encoder, config, size, starts_at_ms: 0 })
    }

    /// Adds a canvas of RGB or RGBA pixels.
    ///
    /// # Errors
    /// libwebp's error.
    pub(crate) fn add(&mut self, canvas: &[u8], duration_ms: u32) -> Result<(), String> {
        let mut picture = import(canvas, self.size, ColourSpace::Argb)?;
        let at_ms = self.starts_at_ms.cast_signed();
        // SAFETY: libwebp initialised the encoder, the picture and the configuration. It keeps no pointer to the last two.
        let is_added = unsafe { WebPAnimEncoderAdd(self.encoder.as_ptr(), &mut picture.0, at_ms, &self.config) != 0 };
        self.starts_at_ms = self.starts_at_ms.wrapping_add(duration_ms.min(MAX_DURATION_MS));
        if is_added { Ok(()) } else { Err(self.error_message()) }
    }

    /// Returns the encoded animation.
    ///
    /// # Errors
    /// libwebp's error.
    pub(crate) fn finish(self) -> Result<Vec<u8>, String> {
        let end_ms = self.starts_at_ms.cast_signed();
        let mut data = WebPData { bytes: std::ptr::null(), size: 0 };
        WebPDataInit(&mut data);
        // SAFETY: a call without a picture sets the end of the last frame. libwebp allocates `data`, which is copied and
        // then freed.
        unsafe {
            let none = std::ptr::null_mut();
            let is_complete = WebPAnimEncoderAdd(self.encoder.as_ptr(), none, end_ms, &self.config) != 0
                && WebPAnimEncoderAssemble(self.encoder.as_ptr(), &mut data) != 0;
            if !is_complete {
                return Err(self.error_message());
            }
            let webp = std::slice::from_raw_parts(data.bytes, data.size).to_vec();
            WebPDataClear(&mut data);
            Ok(webp)
        }
    }

    fn error_message(&self) -> String {
        // SAFETY: libwebp made the encoder, which keeps a message that ends in a zero byte.
        let message = unsafe { CStr::from_ptr(WebPAnimEncoderGetError(self.encoder.as_ptr())) };
        message.to_string_lossy().into_owned()
    }
}

impl Drop for AnimationEncoder {
    fn drop(&mut self) {
        // SAFETY: libwebp made the encoder. It is freed only here.
        unsafe { WebPAnimEncoderDelete(self.encoder.as_ptr()) };
    }
}
