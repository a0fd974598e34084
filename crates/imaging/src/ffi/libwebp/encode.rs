//! Encodes stills.

use std::ffi::{c_int, c_void};

use libwebp_sys::{WebPEncode, WebPPicture};

use super::picture::{Mode, config, import};
use crate::Size;

/// Encodes RGB or RGBA pixels. They are RGBA if `pixels` has four bytes per pixel of `size`.
///
/// libwebp calls `should_continue` from time to time, some hundred times for a lossy picture. It stops when that returns
/// `false`.
///
/// # Errors
/// libwebp's error.
pub(crate) fn encode(
    pixels: &[u8],
    size: Size,
    mode: Mode,
    should_continue: &dyn Fn() -> bool,
) -> Result<Vec<u8>, String> {
    let config = config(mode)?;
    let mut encoded = Vec::new();
    let mut picture = import(pixels, size, mode.colour_space())?;
    picture.0.writer = Some(write);
    picture.0.custom_ptr = (&raw mut encoded).cast::<c_void>();
    picture.0.progress_hook = Some(progress);
    picture.0.user_data = (&raw const should_continue).cast_mut().cast::<c_void>();
    // SAFETY: libwebp initialised both structs. `encoded`, which the writer uses, and `should_continue`, which the hook
    // uses, outlive the call.
    if unsafe { WebPEncode(&config, &mut picture.0) } == 0 {
        return Err(format!("{:?}", picture.0.error_code));
    }
    drop(picture);
    Ok(encoded)
}

/// Appends what libwebp writes to the vector that the picture points to. Only libwebp calls this.
unsafe extern "C" fn write(bytes: *const u8, len: usize, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp passes the picture of `encode`, which points to a vector that nothing else uses during the call, and
    // `len` bytes that are valid during the call.
    unsafe {
        let encoded = &mut *(*picture).custom_ptr.cast::<Vec<u8>>();
        encoded.extend_from_slice(std::slice::from_raw_parts(bytes, len));
    }
    1
}

/// Calls the function that the picture points to. Only libwebp calls this.
unsafe extern "C" fn progress(_: c_int, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp passes the picture of `encode`, which points to a function that is alive during the call.
    let should_continue = unsafe { *(*picture).user_data.cast::<&dyn Fn() -> bool>() };
    c_int::from(should_continue())
}
