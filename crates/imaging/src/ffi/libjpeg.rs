//! libjpeg's errors and warnings as Rust errors, and its SIMD transform.
//!
//! For a truncated or damaged picture, libjpeg only warns, and fills the rest with grey. Our error manager turns such
//! warnings into errors, or collects them ([`tolerate_damage`]), which `mozjpeg` has no safe way to do. It leaves libjpeg by
//! unwinding, and only [`catch_libjpeg_error`] catches that. Which warnings, `decode::jpeg::verdict` says.

use std::cell::Cell;
use std::ffi::c_int;
use std::fmt;
use std::mem::transmute;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::slice;

use baseline_jpeg::Block;
use mozjpeg_sys::{
    J_MESSAGE_CODE, JERR_FILE_READ, JERR_INPUT_EMPTY, JERR_INPUT_EOF, JTRC_DRI, JTRC_SOI, JTRC_SOS, JWRN_HIT_MARKER,
    JWRN_JPEG_EOF, JWRN_MUST_RESYNC, jpeg_common_struct, jpeg_component_info, jpeg_decompress_struct, jpeg_error_mgr,
    jpeg_std_error,
};

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
    /// Pixels are missing or wrong.
    Damaged(LibjpegDamage),
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
            LibjpegError::Damaged(damage) => f.write_str(damage.clause),
            LibjpegError::Unsupported(message) => f.write_str(message),
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
            LibjpegError::Damaged(damage) => RenderError::corrupt(damage.clause),
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
        if codec.is_decompressor == 0 {
            if level < 0 {
                unwind(codec);
            }
            return;
        }
        if level < 0 && verdict(code) != MessageVerdict::Harmless {
            let found = damage(codec);
            if !tolerate(found) {
                unwind(codec);
            }
        }
        if code == JTRC_SOI {
            BEFORE_SCAN.set(0);
            RESTART_INTERVAL.set(0);
        }
        if code == JTRC_DRI {
            RESTART_INTERVAL.set((*codec.err).msg_parm._bindgen_data_[0].into());
        }
        if code == JTRC_SOS {
            BEFORE_SCAN.set(complete_coefficients(&*(&raw mut *codec).cast()).0);
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

/// Damage that libjpeg found, and how much of the picture it had decoded by then.
///
/// Parts are counted in coefficients, with less weight if a scan with their lowest bits is still to come. For a picture in
/// a single scan, that is a number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LibjpegDamage {
    /// What is wrong, in a person's words: a clause that "at byte 7" can follow.
    pub(crate) clause: &'static str,
    /// Whether data is missing, so that the end of the file can be the cause.
    pub(crate) lacks_data: bool,
    /// The part before the damage.
    pub(crate) before: u64,
    /// The part that is missing or may be wrong.
    pub(crate) missing: u64,
    /// The whole.
    pub(crate) total: u64,
    /// The first row of MCUs behind the damage: that of the next restart marker, or the last row.
    sound_from: u64,
}

thread_local! {
    /// The damage that is tolerated by the calls of this thread; `None` if damage is an error.
    static TOLERATED: Cell<Option<Option<LibjpegDamage>>> = const { Cell::new(None) };

    /// The coefficients that were complete before the current scan. See [`complete_coefficients`].
    static BEFORE_SCAN: Cell<u64> = const { Cell::new(0) };

    /// MCUs between two restart markers. The binding keeps libjpeg's own field private.
    static RESTART_INTERVAL: Cell<u64> = const { Cell::new(0) };
}

/// Runs calls into libjpeg like [`catch_libjpeg_error`]. Warnings of damage are added to `damage`, and libjpeg goes on:
/// it fills what is missing with grey.
pub(crate) fn tolerate_damage<T>(
    damage: &mut Option<LibjpegDamage>,
    calls: impl FnOnce() -> T,
) -> Result<T, LibjpegError> {
    TOLERATED.set(Some(*damage));
    let result = catch_unwind(AssertUnwindSafe(|| catch_libjpeg_error(calls)));
    *damage = TOLERATED.take().flatten();
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Adds damage to what is tolerated. `false` if damage is an error.
fn tolerate(found: LibjpegDamage) -> bool {
    let Some(before) = TOLERATED.get() else { return false };
    let damage = match before {
        None => found,
        // Damage to the same rows counts once.
        Some(before) if found.sound_from <= before.sound_from => {
            LibjpegDamage { missing: before.missing.max(found.missing), ..before }
        }
        Some(before) => {
            let missing = before.missing.saturating_add(found.missing).min(found.total);
            LibjpegDamage { missing, sound_from: found.sound_from, ..before }
        }
    };
    TOLERATED.set(Some(Some(damage)));
    true
}

/// The damage that the error manager of a decompressor reports.
///
/// # Safety
/// The same as `unwind`. Also, the codec must be a decompressor.
unsafe fn damage(codec: &mut jpeg_common_struct) -> LibjpegDamage {
    // SAFETY: the caller guarantees the manager. A decompressor begins with the fields that all codecs share. libjpeg casts
    // in the same way.
    let (code, decompress) = unsafe { ((*codec.err).msg_code, &*(&raw mut *codec).cast::<jpeg_decompress_struct>()) };
    let clause = match verdict(code) {
        MessageVerdict::Corrupt(clause) => clause,
        _ => "the picture cannot be decoded",
    };
    let mcu_side = |factor: c_int| 8 * u64::from(factor.unsigned_abs().max(1));
    let rows = u64::from(decompress.image_height).div_ceil(mcu_side(decompress.max_v_samp_factor)).max(1);
    let mcus_across = u64::from(decompress.image_width).div_ceil(mcu_side(decompress.max_h_samp_factor)).max(1);
    let row = u64::from(decompress.input_iMCU_row).min(rows);
    let interval = RESTART_INTERVAL.get();
    let sound_from = if interval == 0 { rows } else { rows.min(row + interval.div_ceil(mcus_across)) };

    // SAFETY: it is a decompressor.
    let (complete, total) = unsafe { complete_coefficients(decompress) };
    let before_scan = BEFORE_SCAN.get().min(complete);
    let in_scan = complete - before_scan;
    let before = before_scan * rows + in_scan * row;
    let missing = if code == JWRN_JPEG_EOF { total * rows - before } else { in_scan * (sound_from - row) };
    LibjpegDamage { clause, lacks_data: lacks_data(code), before, missing, total: total * rows, sound_from }
}

/// The coefficients of an MCU that are in the scans up to the current one, and all coefficients of an MCU. Each counts as
/// [`EXACT`], or as less if its lowest bits are in a later scan.
///
/// # Safety
/// The struct is a valid decompressor.
unsafe fn complete_coefficients(decompress: &jpeg_decompress_struct) -> (u64, u64) {
    let components = usize::try_from(decompress.num_components).unwrap_or(0);
    // libjpeg sets up its components after it has read the header of the first scan.
    if decompress.input_scan_number == 0 || decompress.comp_info.is_null() {
        return (0, 1);
    }
    // SAFETY: libjpeg allocates the information of each component when it reads the frame header (jdmarker.c).
    let infos = unsafe { slice::from_raw_parts(decompress.comp_info, components) };
    let blocks = |info: &jpeg_component_info| {
        u64::from(info.h_samp_factor.unsigned_abs()) * u64::from(info.v_samp_factor.unsigned_abs())
    };
    let total = infos.iter().map(|info| EXACT * 64 * blocks(info)).sum::<u64>().max(1);
    if decompress.coef_bits.is_null() {
        // libjpeg keeps a component's quantisation table when its first scan begins.
        let has_scan = infos.iter().filter(|info| !info.quant_table.is_null());
        return (has_scan.map(|info| EXACT * 64 * blocks(info)).sum(), total);
    }
    // SAFETY: libjpeg allocates 64 numbers for each component of a progressive picture (jdphuff.c).
    let bits = unsafe { slice::from_raw_parts(decompress.coef_bits.cast::<c_int>(), components * 64) };
    // -1: no scan has it yet. 0: it is exact. Others: the number of bits that are missing.
    let weight = |bits: &c_int| match bits {
        ..0 => 0,
        0..3 => EXACT - u64::from(bits.unsigned_abs()),
        3.. => 1,
    };
    let complete = |(info, bits): (_, &[c_int])| blocks(info) * bits.iter().map(weight).sum::<u64>();
    (infos.iter().zip(bits.chunks(64)).map(complete).sum(), total)
}

/// The weight of a coefficient of which no bit is missing. Each missing bit takes one off, down to 1.
const EXACT: u64 = 4;

/// Whether the message says that data is missing.
fn lacks_data(code: J_MESSAGE_CODE) -> bool {
    [JWRN_JPEG_EOF, JERR_FILE_READ, JERR_INPUT_EOF, JERR_INPUT_EMPTY, JWRN_HIT_MARKER, JWRN_MUST_RESYNC].contains(&code)
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
            MessageVerdict::Corrupt(_) if codec.is_decompressor != 0 => LibjpegError::Damaged(damage(codec)),
            MessageVerdict::Unsupported(found) => LibjpegError::Unsupported(found),
            MessageVerdict::Corrupt(_) | MessageVerdict::Harmless | MessageVerdict::Internal => {
                LibjpegError::Message(message(codec))
            }
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
