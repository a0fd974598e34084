//! Decodes animations. libwebp draws every frame on the canvas.

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use libwebp_sys::{
    WEBP_CSP_MODE, WebPAnimDecoder, WebPAnimDecoderDelete, WebPAnimDecoderGetInfo, WebPAnimDecoderGetNext,
    WebPAnimDecoderHasMoreFrames, WebPAnimDecoderNew, WebPAnimDecoderOptions, WebPAnimDecoderOptionsInit, WebPAnimInfo,
    WebPData,
};

use crate::Size;

/// Decodes an animation. A still is an animation of one frame.
pub(crate) struct AnimationDecoder {
    decoder: NonNull<WebPAnimDecoder>,
    /// The file, which libwebp reads until the decoder is dropped. It is not changed.
    _webp: Vec<u8>,
    size: Size,
    frames: u32,
    loop_count: u16,
    shown_until_ms: c_int,
}

impl AnimationDecoder {
    /// `None` if the file is corrupt, or if there is no memory for two canvases.
    pub(crate) fn new(webp: Vec<u8>) -> Option<Self> {
        let data = WebPData { bytes: webp.as_ptr(), size: webp.len() };
        let mut options = MaybeUninit::<WebPAnimDecoderOptions>::uninit();
        let mut info = WebPAnimInfo::default();
        // SAFETY: the options are initialised before they are read, or not read. `data` points to the bytes of `webp`,
        // which are neither moved nor changed while the decoder exists.
        let decoder = unsafe {
            if WebPAnimDecoderOptionsInit(options.as_mut_ptr()) == 0 {
                return None;
            }
            (*options.as_mut_ptr()).color_mode = WEBP_CSP_MODE::MODE_RGBA;
            NonNull::new(WebPAnimDecoderNew(&data, options.as_ptr()))?
        };
        // SAFETY: libwebp made the decoder, and it fills the struct.
        let is_known = unsafe { WebPAnimDecoderGetInfo(decoder.as_ptr(), &mut info) } != 0;
        let decoder = AnimationDecoder {
            decoder,
            _webp: webp,
            size: Size::new(info.canvas_width, info.canvas_height),
            frames: info.frame_count,
            // The format has 16 bits for the count.
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

    /// How often the animation is played. 0 means for ever.
    pub(crate) fn loop_count(&self) -> u16 {
        self.loop_count
    }

    /// The canvas with the next frame on it, as RGBA, and for how many ms it is shown. `None` after the last frame.
    ///
    /// # Errors
    /// The frame is corrupt.
    pub(crate) fn next(&mut self) -> Option<Result<(&[u8], u32), ()>> {
        let (mut canvas, mut until_ms) = (std::ptr::null_mut(), 0);
        // SAFETY: libwebp made the decoder, whose file is alive, and writes to two variables.
        let is_decoded = unsafe {
            if WebPAnimDecoderHasMoreFrames(self.decoder.as_ptr()) == 0 {
                return None;
            }
            WebPAnimDecoderGetNext(self.decoder.as_ptr(), &mut canvas, &mut until_ms) != 0
        };
        if !is_decoded || canvas.is_null() {
            return Some(Err(()));
        }
        let duration_ms = until_ms.wrapping_sub(self.shown_until_ms).max(0).unsigned_abs();
        self.shown_until_ms = until_ms;
        let len = self.size.width as usize * self.size.height as usize * 4;
        // SAFETY: libwebp returns its canvas of four bytes per pixel. The canvas does not change before the next call, and
        // until then this decoder is borrowed.
        let canvas = unsafe { std::slice::from_raw_parts(canvas, len) };
        Some(Ok((canvas, duration_ms)))
    }
}

impl Drop for AnimationDecoder {
    fn drop(&mut self) {
        // SAFETY: libwebp made the decoder. It is freed only here, before the bytes that it reads.
        unsafe { WebPAnimDecoderDelete(self.decoder.as_ptr()) };
    }
}
