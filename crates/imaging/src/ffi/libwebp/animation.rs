//! libwebp's animations: its decoder, which lays every frame on the canvas, and its encoder, which
//! finds what changed between two canvases.

use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use libwebp_sys::{
    WEBP_CSP_MODE, WEBP_MUX_ABI_VERSION, WebPAnimDecoder, WebPAnimDecoderDelete,
    WebPAnimDecoderGetInfo, WebPAnimDecoderGetNext, WebPAnimDecoderHasMoreFrames,
    WebPAnimDecoderNew, WebPAnimDecoderOptions, WebPAnimDecoderOptionsInit, WebPAnimEncoder,
    WebPAnimEncoderAdd, WebPAnimEncoderAssemble, WebPAnimEncoderDelete, WebPAnimEncoderGetError,
    WebPAnimEncoderNewInternal, WebPAnimEncoderOptions, WebPAnimEncoderOptionsInitInternal,
    WebPAnimInfo, WebPConfig, WebPData, WebPDataClear, WebPDataInit,
};

use super::{ColourSpace, Mode, config, import, int};
use crate::Size;

/// An animation, or a still as an animation of one frame.
pub(crate) struct Decoder {
    decoder: NonNull<WebPAnimDecoder>,
    /// What libwebp reads from until it is done. Nobody touches it.
    _webp: Vec<u8>,
    size: Size,
    frames: u32,
    loop_count: u16,
    shown_until_ms: c_int,
}

impl Decoder {
    /// `None` where the file is damaged, or there is no memory for two canvases.
    pub(crate) fn new(webp: Vec<u8>) -> Option<Self> {
        let data = WebPData { bytes: webp.as_ptr(), size: webp.len() };
        let mut options = MaybeUninit::<WebPAnimDecoderOptions>::uninit();
        let mut info = WebPAnimInfo::default();
        // SAFETY: the options are initialised before they are read, or not read. `data` points to
        // the bytes of `webp`, which are neither moved nor changed as long as the decoder lives.
        let decoder = unsafe {
            if WebPAnimDecoderOptionsInit(options.as_mut_ptr()) == 0 {
                return None;
            }
            (*options.as_mut_ptr()).color_mode = WEBP_CSP_MODE::MODE_RGBA;
            NonNull::new(WebPAnimDecoderNew(&data, options.as_ptr()))?
        };
        // SAFETY: a decoder of libwebp's own, and a struct that it fills.
        let is_known = unsafe { WebPAnimDecoderGetInfo(decoder.as_ptr(), &mut info) } != 0;
        let decoder = Decoder {
            decoder,
            _webp: webp,
            size: Size::new(info.canvas_width, info.canvas_height),
            frames: info.frame_count,
            // The format has 16 bits for it.
            loop_count: u16::try_from(info.loop_count).unwrap_or(u16::MAX),
            shown_until_ms: 0,
        };
        is_known.then_some(decoder)
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn frames(&self) -> u32 {
        self.frames
    }

    /// How often it is played; 0 is for ever.
    pub(crate) fn loop_count(&self) -> u16 {
        self.loop_count
    }

    /// Red, green, blue and alpha of the canvas with the next frame on it, and for how many ms it is
    /// shown; `None` behind the last.
    ///
    /// # Errors
    /// The frame is damaged.
    pub(crate) fn next(&mut self) -> Option<Result<(&[u8], u32), ()>> {
        let (mut canvas, mut until_ms) = (std::ptr::null_mut(), 0);
        // SAFETY: a decoder of libwebp's own, whose source is alive, and two places to write to.
        let is_good = unsafe {
            if WebPAnimDecoderHasMoreFrames(self.decoder.as_ptr()) == 0 {
                return None;
            }
            WebPAnimDecoderGetNext(self.decoder.as_ptr(), &mut canvas, &mut until_ms) != 0
        };
        if !is_good || canvas.is_null() {
            return Some(Err(()));
        }
        let duration_ms = until_ms.wrapping_sub(self.shown_until_ms).max(0).unsigned_abs();
        self.shown_until_ms = until_ms;
        let len = self.size.width as usize * self.size.height as usize * 4;
        // SAFETY: libwebp gives out its canvas of four bytes a pixel, which stays as it is until
        // the next call: until then this decoder is borrowed.
        let canvas = unsafe { std::slice::from_raw_parts(canvas, len) };
        Some(Ok((canvas, duration_ms)))
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by libwebp, and freed only here, before the bytes that it reads.
        unsafe { WebPAnimDecoderDelete(self.decoder.as_ptr()) };
    }
}

/// An animation being made, frame by frame.
pub(crate) struct Encoder {
    encoder: NonNull<WebPAnimEncoder>,
    config: WebPConfig,
    size: Size,
    /// Wraps, as libwebp allows.
    starts_at_ms: u32,
}

/// The longest that a frame can be shown: the format has 24 bits for it.
const MAX_DURATION_MS: u32 = (1 << 24) - 1;

impl Encoder {
    /// An animation that is played `loop_count` times, or for ever if that is 0.
    ///
    /// # Errors
    /// A size or a mode that WebP does not have, or no memory for the canvases.
    pub(crate) fn new(size: Size, mode: Mode, loop_count: u16) -> Result<Self, String> {
        let config = config(mode)?;
        let abi = c_int::try_from(WEBP_MUX_ABI_VERSION).map_err(|error| error.to_string())?;
        let (width, height) = (int(size.width)?, int(size.height)?);
        let mut options = MaybeUninit::<WebPAnimEncoderOptions>::uninit();
        // SAFETY: the options are initialised before they are read, or not read.
        let encoder = unsafe {
            if WebPAnimEncoderOptionsInitInternal(options.as_mut_ptr(), abi) == 0 {
                return Err("libwebp is of another version".to_owned());
            }
            let params = &mut (*options.as_mut_ptr()).anim_params;
            params.loop_count = loop_count.into();
            // Browsers ignore it; others are to show what is transparent.
            params.bgcolor = 0;
            WebPAnimEncoderNewInternal(width, height, options.as_ptr(), abi)
        };
        let encoder = NonNull::new(encoder).ok_or_else(|| format!("no encoder for {size}"))?;
        Ok(Encoder { encoder, config, size, starts_at_ms: 0 })
    }

    /// Adds a canvas of red, green, blue and alpha.
    ///
    /// # Errors
    /// What libwebp says.
    pub(crate) fn add(&mut self, canvas: &[u8], duration_ms: u32) -> Result<(), String> {
        let mut picture = import(canvas, self.size, ColourSpace::Argb)?;
        let at_ms = self.starts_at_ms.cast_signed();
        // SAFETY: encoder, picture and configuration were set up by libwebp; it keeps no pointer to
        // the latter two.
        let is_taken = unsafe {
            WebPAnimEncoderAdd(self.encoder.as_ptr(), &mut picture.0, at_ms, &self.config) != 0
        };
        self.starts_at_ms = self.starts_at_ms.wrapping_add(duration_ms.min(MAX_DURATION_MS));
        if is_taken { Ok(()) } else { Err(self.reason()) }
    }

    /// The whole animation.
    ///
    /// # Errors
    /// What libwebp says.
    pub(crate) fn finish(self) -> Result<Vec<u8>, String> {
        let end_ms = self.starts_at_ms.cast_signed();
        let mut data = WebPData { bytes: std::ptr::null(), size: 0 };
        WebPDataInit(&mut data);
        // SAFETY: without a picture, the call tells when the last frame ends. `data` is filled with
        // an allocation of libwebp's, copied, and freed.
        unsafe {
            let none = std::ptr::null_mut();
            let is_whole = WebPAnimEncoderAdd(self.encoder.as_ptr(), none, end_ms, &self.config)
                != 0
                && WebPAnimEncoderAssemble(self.encoder.as_ptr(), &mut data) != 0;
            if !is_whole {
                return Err(self.reason());
            }
            let webp = std::slice::from_raw_parts(data.bytes, data.size).to_vec();
            WebPDataClear(&mut data);
            Ok(webp)
        }
    }

    fn reason(&self) -> String {
        // SAFETY: an encoder of libwebp's own keeps its message, which ends in a zero.
        let message = unsafe { CStr::from_ptr(WebPAnimEncoderGetError(self.encoder.as_ptr())) };
        message.to_string_lossy().into_owned()
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by libwebp, and freed only here.
        unsafe { WebPAnimEncoderDelete(self.encoder.as_ptr()) };
    }
}
