//! How libjpeg reports: errors that unwind, and warnings that are not let pass.
//!
//! Left to itself, libjpeg warns of a picture cut short or damaged and fills the rest with grey.
//! Here such a warning ends the decoding. This is the only place where unwinding is caught, and one
//! of the few where `unsafe` is allowed: `mozjpeg` gives no safe way to see a warning.

use std::ffi::c_int;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use mozjpeg_sys::{
    J_MESSAGE_CODE, JERR_FILE_READ, JWRN_ADOBE_XFORM, JWRN_BOGUS_ICC, JWRN_EXTRANEOUS_DATA,
    JWRN_JFIF_MAJOR, jpeg_common_struct, jpeg_error_mgr, jpeg_std_error,
};

/// Runs calls into libjpeg, and gives what made it unwind as an error. Panics of others go on.
pub(crate) fn guard<T>(calls: impl FnOnce() -> T) -> Result<T, LibjpegError> {
    // Whoever gets an error drops the codec, so nobody sees what the unwinding left half done.
    catch_unwind(AssertUnwindSafe(calls)).map_err(|payload| match payload.downcast() {
        Ok(error) => *error,
        Err(panic) => resume_unwind(panic),
    })
}

/// What libjpeg said before it gave up.
#[derive(Debug)]
pub(crate) struct LibjpegError(String);

impl fmt::Display for LibjpegError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// libjpeg's error manager, set up to unwind into [`guard()`].
#[allow(unsafe_code)]
pub(crate) fn error_manager() -> jpeg_error_mgr {
    // SAFETY: a C struct of integers, pointers and optional functions, of which zero is a value.
    let mut manager: jpeg_error_mgr = unsafe { std::mem::zeroed() };
    // SAFETY: fills the struct it is given, and keeps no pointer to it.
    unsafe { jpeg_std_error(&mut manager) };
    manager.error_exit = Some(error_exit);
    manager.emit_message = Some(emit_message);
    manager
}

extern "C-unwind" fn error_exit(codec: &mut jpeg_common_struct) {
    unwind(codec);
}

/// Warnings have level -1; what is above is tracing.
extern "C-unwind" fn emit_message(codec: &mut jpeg_common_struct, level: c_int) {
    if level < 0 && !is_harmless(message_code(codec)) {
        unwind(codec);
    }
}

/// Oddities of a writer that leave the pixels whole.
fn is_harmless(warning: J_MESSAGE_CODE) -> bool {
    [JWRN_EXTRANEOUS_DATA, JWRN_JFIF_MAJOR, JWRN_ADOBE_XFORM, JWRN_BOGUS_ICC].contains(&warning)
}

fn unwind(codec: &mut jpeg_common_struct) -> ! {
    let message = match message_code(codec) {
        JERR_FILE_READ => "the file ends before the picture does".to_owned(),
        _ => message(codec),
    };
    // Without the panic hook: this is how libjpeg returns.
    resume_unwind(Box::new(LibjpegError(message)));
}

#[allow(unsafe_code)]
fn message_code(codec: &jpeg_common_struct) -> J_MESSAGE_CODE {
    // SAFETY: libjpeg calls back with the manager it was created with, which outlives it.
    unsafe { (*codec.err).msg_code }
}

#[allow(unsafe_code)]
fn message(codec: &mut jpeg_common_struct) -> String {
    let text = [0; 80];
    // SAFETY: as above; and libjpeg's own formatter writes no more than these 80 bytes, which the
    // binding declares as a shared reference though C writes through it, hence the black box.
    unsafe {
        if let Some(format) = (*codec.err).format_message {
            format(codec, std::hint::black_box(&text));
        }
    }
    let text = std::hint::black_box(text);
    let len = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..len]).into_owned()
}

/// A function that only a libjpeg with SIMD has. Where it was built without (no nasm: it only
/// warns) nothing that renders links, instead of taking twice the time.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[allow(unsafe_code)]
mod simd {
    use std::ffi::c_void;

    unsafe extern "C" {
        #[cfg_attr(target_arch = "x86_64", link_name = "jsimd_idct_islow_sse2")]
        #[cfg_attr(target_arch = "aarch64", link_name = "jsimd_idct_islow_neon")]
        fn jsimd_idct_islow(table: *mut c_void, block: *mut i16, rows: *mut *mut u8, column: u32);
    }

    #[used]
    static SIMD: unsafe extern "C" fn(*mut c_void, *mut i16, *mut *mut u8, u32) = jsimd_idct_islow;
}
