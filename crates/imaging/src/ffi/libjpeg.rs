//! How libjpeg reports: errors that unwind, and warnings that are not let pass.
//!
//! Left to itself, libjpeg warns of a picture cut short or damaged and fills the rest with grey.
//! Here such a warning ends the decoding, for which `mozjpeg` has no safe way. This is the only
//! place where that unwinding is caught.

use std::ffi::c_int;
use std::fmt;
use std::mem::transmute;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use baseline_jpeg::Block;
use mozjpeg_sys::{
    J_MESSAGE_CODE, JERR_FILE_READ, JERR_OUT_OF_MEMORY, JTRC_SOS, JWRN_ADOBE_XFORM, JWRN_BOGUS_ICC,
    JWRN_EXTRANEOUS_DATA, JWRN_JFIF_MAJOR, JWRN_NOT_SEQUENTIAL, jpeg_common_struct,
    jpeg_decompress_struct, jpeg_error_mgr, jpeg_std_error,
};

use crate::{Rejection, RenderError};

/// Runs calls into libjpeg, and gives what made it unwind as an error. Panics of others go on.
pub(crate) fn guard<T>(calls: impl FnOnce() -> T) -> Result<T, LibjpegError> {
    // Whoever gets an error drops the codec, so nobody sees what the unwinding left half done.
    catch_unwind(AssertUnwindSafe(calls)).map_err(|payload| match payload.downcast() {
        Ok(error) => *error,
        Err(panic) => resume_unwind(panic),
    })
}

/// Why libjpeg gave up.
#[derive(Debug)]
pub(crate) enum LibjpegError {
    /// What it said itself.
    Said(String),
    /// That it was made to, at this one.
    TooManyScans(u32),
    /// That it got no memory.
    OutOfMemory,
}

impl fmt::Display for LibjpegError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LibjpegError::Said(message) => f.write_str(message),
            LibjpegError::TooManyScans(found) => write!(f, "{found} scans are too many"),
            LibjpegError::OutOfMemory => f.write_str("there is not enough memory"),
        }
    }
}

/// Of a decoder.
impl From<LibjpegError> for RenderError {
    fn from(error: LibjpegError) -> Self {
        match error {
            LibjpegError::Said(message) => RenderError::corrupt(message),
            LibjpegError::TooManyScans(found) => {
                Rejection::TooManyScans { limit: MAX_SCANS, found }.into()
            }
            LibjpegError::OutOfMemory => RenderError::OutOfMemory { step: "decoding JPEG" },
        }
    }
}

/// libjpeg's error manager, set up to unwind into [`guard()`].
pub(crate) fn error_manager() -> jpeg_error_mgr {
    // SAFETY: a C struct of integers, pointers and optional functions, of which zero is a value.
    let mut manager: jpeg_error_mgr = unsafe { std::mem::zeroed() };
    // SAFETY: fills the struct it is given, and keeps no pointer to it.
    unsafe { jpeg_std_error(&mut manager) };
    manager.error_exit = Some(error_exit);
    manager.emit_message = Some(emit_message);
    manager
}

/// For libjpeg alone to call, with a codec of its own.
unsafe extern "C-unwind" fn error_exit(codec: &mut jpeg_common_struct) {
    // SAFETY: libjpeg called, see `unwind`.
    unsafe { unwind(codec) }
}

/// As above. Warnings have level -1; what is above is tracing, which tells of each scan as well.
unsafe extern "C-unwind" fn emit_message(codec: &mut jpeg_common_struct, level: c_int) {
    // SAFETY: libjpeg called, see `unwind`.
    unsafe {
        let code = (*codec.err).msg_code;
        if level < 0 && !is_harmless(code) {
            unwind(codec);
        }
        if code == JTRC_SOS && codec.is_decompressor != 0 {
            count_scan(codec);
        }
    }
}

/// A scan may add one bit to one coefficient of each block, of which 30,000 fit into two bytes: every
/// further one costs the time of a whole pass over the picture, and the file next to nothing.
/// Encoders write some ten. ("Two Issues with the JPEG Standard", libjpeg-turbo, LJT-01-003.)
const MAX_SCANS: u32 = 100;

/// Gives up at the scan that is one too many.
///
/// # Safety
/// As for `unwind`; and it is a decompressor.
unsafe fn count_scan(codec: &mut jpeg_common_struct) {
    // SAFETY: libjpeg's own way from what all codecs have in common to the one that it is.
    let before = unsafe { (*(&raw mut *codec).cast::<jpeg_decompress_struct>()).input_scan_number };
    let number = before.unsigned_abs() + 1;
    if number > MAX_SCANS {
        resume_unwind(Box::new(LibjpegError::TooManyScans(number)));
    }
}

/// Oddities of a writer that leave the pixels whole.
fn is_harmless(warning: J_MESSAGE_CODE) -> bool {
    [
        JWRN_EXTRANEOUS_DATA,
        JWRN_JFIF_MAJOR,
        JWRN_ADOBE_XFORM,
        JWRN_BOGUS_ICC,
        // Samsung phones write Ss = Se = 0 into sequential scans, which hold all coefficients.
        JWRN_NOT_SEQUENTIAL,
    ]
    .contains(&warning)
}

/// # Safety
/// The codec points to its error manager, as one does with which libjpeg calls back: it was created
/// with the manager, which outlives it.
unsafe fn unwind(codec: &mut jpeg_common_struct) -> ! {
    // SAFETY: by the promise of the caller.
    let error = unsafe {
        match (*codec.err).msg_code {
            JERR_OUT_OF_MEMORY => LibjpegError::OutOfMemory,
            JERR_FILE_READ => {
                LibjpegError::Said("the file ends before the picture does".to_owned())
            }
            _ => LibjpegError::Said(message(codec)),
        }
    };
    // Without the panic hook: this is how libjpeg returns.
    resume_unwind(Box::new(error));
}

/// # Safety
/// As for `unwind`.
unsafe fn message(codec: &mut jpeg_common_struct) -> String {
    /// What C makes of it: jpeglib.h asks for `JMSG_LENGTH_MAX` bytes to write to, where the
    /// binding has 80 that are read.
    type Format = unsafe extern "C-unwind" fn(&mut jpeg_common_struct, &mut [u8; 200]);
    let mut text = [0; 200];
    // SAFETY: the manager by the promise of the caller; its formatter is libjpeg's own, to which
    // any reference is a pointer, and which ends the text within the bytes that it asks for.
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
pub(crate) fn idct_8x8(
    quant_table: &Block,
    block: &Block,
    rows: &mut [u8],
    stride: usize,
    at: usize,
) {
    let rows = &mut rows[at..];
    assert!(stride >= 8 && rows.len() >= 7 * stride + 8, "eight rows of eight pixels");
    let start = rows.as_mut_ptr();
    // SAFETY: the last of these begins 8 bytes before the end at the latest, by the assertion.
    let rows = std::array::from_fn(|row| unsafe { start.add(row * stride) });
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: as below, on a processor that has AVX2.
        return unsafe { simd::idct_islow_avx2(quant_table, block, &rows, 0) };
    }
    // SAFETY: reads 64 values of either block, which are aligned to more than the 16 bytes that it
    // asks for, and writes 8 pixels to each row from the column given.
    unsafe { simd::idct_islow(quant_table, block, &rows, 0) }
}

/// The functions that libjpeg itself calls at full scale. They are private to libjpeg-turbo, and are only there if it was built with
/// SIMD code. If it was not (mozjpeg-sys only warns without nasm), linking fails, where rendering would take twice the time.
mod simd {
    use baseline_jpeg::Block;

    unsafe extern "C" {
        #[cfg_attr(target_arch = "x86_64", link_name = "jsimd_idct_islow_sse2")]
        #[cfg_attr(target_arch = "aarch64", link_name = "jsimd_idct_islow_neon")]
        pub(super) fn idct_islow(
            quant_table: &Block,
            block: &Block,
            rows: &[*mut u8; 8],
            column: u32,
        );

        #[cfg(target_arch = "x86_64")]
        #[link_name = "jsimd_idct_islow_avx2"]
        pub(super) fn idct_islow_avx2(
            quant_table: &Block,
            block: &Block,
            rows: &[*mut u8; 8],
            column: u32,
        );
    }
}
