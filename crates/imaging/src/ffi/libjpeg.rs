//! libjpeg's errors and warnings as Rust errors, and its SIMD transform.
//!
//! For a truncated or damaged picture, libjpeg only warns, and fills the rest with grey. Our error manager turns such
//! warnings into errors, which `mozjpeg` has no safe way to do. It leaves libjpeg by unwinding, and only
//! [`catch_libjpeg_error`] catches that. Which warnings, `decode::jpeg::verdict` says.

use std::ffi::c_int;
use std::fmt;
use std::mem::transmute;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use baseline_jpeg::Block;
use mozjpeg_sys::{JTRC_SOS, jpeg_common_struct, jpeg_decompress_struct, jpeg_error_mgr, jpeg_std_error};

use crate::decode::jpeg::verdict::{MessageVerdict, verdict};
use crate::{Rejection, RenderError};

/// Runs calls into libjpeg, and returns the error with which libjpeg unwinds. Other panics continue.
pub(crate) fn catch_libjpeg_error<T>(calls: impl FnOnce() -> T) -> Result<T, LibjpegError> {
    // `AssertUnwindSafe`: after an error, the callers only drop the codec.
    catch_unwind(AssertUnwindSafe(calls)).map_err(|payload| match payload.downcast() {
        Ok(error) => *error,
        Err(panic) => resume_unwind(panic),
    })
}

/// Why libjpeg, or our error manager, ended the decoding or encoding.
#[derive(Debug)]
pub(crate) enum LibjpegError {
    /// Pixels are missing or wrong, in a person's words.
    Corrupt(&'static str),
    /// A kind of JPEG that libjpeg does not decode.
    Unsupported(&'static str),
    /// libjpeg's own message, which is not about a picture.
    Message(String),
    /// The number of the scan that is one too many.
    TooManyScans(u32),
    /// libjpeg got no memory.
    OutOfMemory,
}

impl fmt::Display for LibjpegError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LibjpegError::Corrupt(message) | LibjpegError::Unsupported(message) => f.write_str(message),
            LibjpegError::Message(message) => f.write_str(message),
            LibjpegError::TooManyScans(found) => write!(f, "{found} scans are too many"),
            LibjpegError::OutOfMemory => f.write_str("there is not enough memory"),
        }
    }
}

/// For errors of the decoder.
impl From<LibjpegError> for RenderError {
    fn from(error: LibjpegError) -> Self {
        match error {
            LibjpegError::Corrupt(reason) => RenderError::corrupt(reason),
            LibjpegError::Unsupported(found) => Rejection::unsupported(found).into(),
            LibjpegError::Message(message) => RenderError::corrupt(message),
            LibjpegError::TooManyScans(found) => Rejection::TooManyScans { limit: MAX_SCANS, found }.into(),
            LibjpegError::OutOfMemory => RenderError::OutOfMemory { step: "decoding JPEG" },
        }
    }
}

/// libjpeg's error manager, changed so that errors unwind to [`catch_libjpeg_error`].
pub(crate) fn error_manager() -> jpeg_error_mgr {
    // SAFETY: a C struct of integers, pointers and optional functions, all of which may be zero.
    let mut manager: jpeg_error_mgr = unsafe { std::mem::zeroed() };
    // SAFETY: it fills the struct, and keeps no pointer to it.
    unsafe { jpeg_std_error(&mut manager) };
    manager.error_exit = Some(error_exit);
    manager.emit_message = Some(emit_message);
    manager
}

/// Called by libjpeg on an error.
unsafe extern "C-unwind" fn error_exit(codec: &mut jpeg_common_struct) {
    // SAFETY: libjpeg calls it with a codec that has our error manager, as `unwind` requires.
    unsafe { unwind(codec) }
}

/// Called by libjpeg with a warning (level -1), or with a trace message (0 and above), such as the one for each scan.
unsafe extern "C-unwind" fn emit_message(codec: &mut jpeg_common_struct, level: c_int) {
    // SAFETY: libjpeg calls it with a codec that has our error manager, as `unwind` requires.
    unsafe {
        let code = (*codec.err).msg_code;
        if level < 0 && verdict(code) != MessageVerdict::Harmless {
            unwind(codec);
        }
        if code == JTRC_SOS && codec.is_decompressor != 0 {
            limit_scans(codec);
        }
    }
}

/// The most scans that are decoded.
// Encoders write about ten. Each scan costs a pass over the whole picture, but may take two bytes of the file for
// 30,000 blocks. ("Two Issues with the JPEG Standard", libjpeg-turbo, LJT-01-003.)
const MAX_SCANS: u32 = 100;

/// Unwinds at the scan that is one too many.
///
/// # Safety
/// The same as `unwind`. Also, the codec must be a decompressor.
unsafe fn limit_scans(codec: &mut jpeg_common_struct) {
    // SAFETY: a decompressor begins with the fields that all codecs share. libjpeg casts in the same way.
    let before = unsafe { (*(&raw mut *codec).cast::<jpeg_decompress_struct>()).input_scan_number };
    let number = before.unsigned_abs() + 1;
    if number > MAX_SCANS {
        resume_unwind(Box::new(LibjpegError::TooManyScans(number)));
    }
}

/// Leaves libjpeg with the error that its error manager holds.
///
/// # Safety
/// The codec points to its error manager. libjpeg's callbacks get such a codec: it was created with a manager that
/// outlives it.
unsafe fn unwind(codec: &mut jpeg_common_struct) -> ! {
    // SAFETY: the caller guarantees it.
    let error = unsafe {
        match verdict((*codec.err).msg_code) {
            MessageVerdict::OutOfMemory => LibjpegError::OutOfMemory,
            MessageVerdict::Corrupt(reason) => LibjpegError::Corrupt(reason),
            MessageVerdict::Unsupported(found) => LibjpegError::Unsupported(found),
            MessageVerdict::Harmless | MessageVerdict::Internal => LibjpegError::Message(message(codec)),
        }
    };
    // Not `panic!`, which would call the panic hook: this is a regular error.
    resume_unwind(Box::new(error));
}

/// libjpeg's text for the error that its error manager holds.
///
/// # Safety
/// The same as `unwind`.
unsafe fn message(codec: &mut jpeg_common_struct) -> String {
    /// The type in jpeglib.h, which writes up to `JMSG_LENGTH_MAX` bytes. The binding declares 80 bytes that are read.
    type Format = unsafe extern "C-unwind" fn(&mut jpeg_common_struct, &mut [u8; 200]);
    let mut text = [0; 200];
    // SAFETY: the caller guarantees the manager. Its formatter is libjpeg's own: it gets pointers, and writes at most
    // the bytes that jpeglib.h asks for, including the zero at the end.
    unsafe {
        if let Some(format) = (*codec.err).format_message {
            transmute::<FormatAsBound, Format>(format)(codec, &mut text);
        }
    }
    let len = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..len]).into_owned()
}

type FormatAsBound = unsafe extern "C-unwind" fn(&mut jpeg_common_struct, &[u8; 80]);

/// libjpeg's SIMD code as a [`baseline_jpeg::Idct8x8`].
pub(crate) fn idct_8x8(quant_table: &Block, block: &Block, rows: &mut [u8], stride: usize, at: usize) {
    let rows = &mut rows[at..];
    assert!(stride >= 8 && rows.len() >= 7 * stride + 8, "eight rows of eight pixels");
    let start = rows.as_mut_ptr();
    // SAFETY: by the assertion, the last pointer is at least 8 bytes before the end.
    let rows = std::array::from_fn(|row| unsafe { start.add(row * stride) });
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: see below. The processor has AVX2.
        return unsafe { simd::idct_islow_avx2(quant_table, block, &rows, 0) };
    }
    // SAFETY: it reads the 64 values of both blocks, whose alignment of 32 is at least the required one, and writes 8
    // pixels to each row from column 0 on.
    unsafe { simd::idct_islow(quant_table, block, &rows, 0) }
}

/// The functions that libjpeg itself calls at full scale. They are private to libjpeg-turbo.
///
/// They only exist if it was built with SIMD code; otherwise linking fails. That is intended: mozjpeg-sys only warns if
/// nasm is missing, and rendering would take twice the time.
mod simd {
    use baseline_jpeg::Block;

    unsafe extern "C" {
        #[cfg_attr(target_arch = "x86_64", link_name = "jsimd_idct_islow_sse2")]
        #[cfg_attr(target_arch = "aarch64", link_name = "jsimd_idct_islow_neon")]
        pub(super) fn idct_islow(quant_table: &Block, block: &Block, rows: &[*mut u8; 8], column: u32);

        #[cfg(target_arch = "x86_64")]
        #[link_name = "jsimd_idct_islow_avx2"]
        pub(super) fn idct_islow_avx2(quant_table: &Block, block: &Block, rows: &[*mut u8; 8], column: u32);
    }
}
