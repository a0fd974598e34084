//! What each warning and each error of a JPEG decoder means for the picture.
//!
//! The rule: a picture is whole if every pixel was decoded. What djpeg and Chromium show is the reference. Both show a
//! picture after any warning, with missing pixels in grey; a warning that leaves all pixels in place is therefore
//! harmless, and one after which pixels are missing or wrong means `corrupt`. Neither shows a picture after an error.
//!
//! libjpeg's warnings and errors are judged by [`verdict`]. Our own decoder judges in the same way:
//!
//! | `baseline_jpeg` | libjpeg | verdict |
//! |---|---|---|
//! | SOS parameters of a sequential scan | `JWRN_NOT_SEQUENTIAL` | not read: harmless |
//! | bytes before a marker | `JWRN_EXTRANEOUS_DATA` | skipped: harmless |
//! | what follows the last MCU | not read with a single scan | not read: harmless |
//! | `ScanFault::Truncated` | `JWRN_JPEG_EOF` | corrupt |
//! | `ScanFault::MissingData` | `JWRN_HIT_MARKER` | corrupt |
//! | `ScanFault::UnknownCode` | `JWRN_HUFF_BAD_CODE` | corrupt |
//! | `ScanFault::RestartOrder` | `JWRN_MUST_RESYNC` | corrupt |
//! | any header that it does not understand | | left to libjpeg |
//!
//! A picture with several scans is whole if it has an EOI marker, or if its scans hold every bit of every coefficient
//! (`scan_log`). A progressive file that is cut between two scans is therefore corrupt: what it lacks is in all pixels.

use mozjpeg_sys::*;

use crate::words::FILE_ENDS;

// `mozjpeg-sys` lacks these two. libjpeg has them if it is built with arithmetic decoding; the codes behind them move, but
// none of those is a decoder's. (`JWRN_BOGUS_ICC` is one: our own code assembles profiles, and ignores broken ones.)
const JERR_NO_ARITH_TABLE: J_MESSAGE_CODE = JERR_BAD_CROP_SPEC + 1;
const JWRN_ARITH_BAD_CODE: J_MESSAGE_CODE = JERR_BAD_CROP_SPEC + 2;

/// What a message of libjpeg means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageVerdict {
    /// Every pixel is decoded.
    Harmless,
    /// Pixels are missing or wrong. In a person's words.
    Corrupt(&'static str),
    /// The picture may be sound, but is of a kind that is not decoded.
    Unsupported(&'static str),
    /// Our fault: there is no memory.
    OutOfMemory,
    /// Not a message about a picture: libjpeg was called or built in the wrong way.
    Internal,
}

/// Judges a warning or an error by its code in libjpeg's `jerror.h`.
pub(crate) fn verdict(code: J_MESSAGE_CODE) -> MessageVerdict {
    use MessageVerdict::{Corrupt, Harmless, Internal, OutOfMemory, Unsupported};
    match code {
        // --- Warnings. ---

        // An unknown number in Adobe's segment. libjpeg assumes YCbCr or YCCK, as viewers do.
        JWRN_ADOBE_XFORM => Harmless,
        // Another version of JFIF. Nothing that is decoded depends on it.
        JWRN_JFIF_MAJOR => Harmless,
        // Samsung phones write Ss = Se = 0 into sequential scans, which hold all coefficients.
        JWRN_NOT_SEQUENTIAL => Harmless,
        // Bytes between two segments, or behind the last MCU of a scan. All of the scan's pixels are decoded by then.
        JWRN_EXTRANEOUS_DATA => Harmless,
        // Progressive scans in another order than the standard's: AC before DC, or bits that are sent twice. Each scan is
        // decoded all the same. A scan that is really missing is found by `scan_log`.
        JWRN_BOGUS_PROGRESSION => Harmless,
        // A marker comes before the last MCU: the rest of the scan, or of the restart interval, is grey.
        JWRN_HIT_MARKER => Corrupt("the data of a scan ends"),
        // Everything behind a wrong code is noise, up to the next restart marker.
        JWRN_HUFF_BAD_CODE => Corrupt("a Huffman code is in no table"),
        JWRN_ARITH_BAD_CODE => Corrupt("an arithmetic code is out of range"),
        // Intervals are missing, or in the wrong place.
        JWRN_MUST_RESYNC => Corrupt("restart markers are missing or out of order"),
        // libjpeg goes on as if an EOI marker followed. `scan_filter` adds one if the picture is whole.
        JWRN_JPEG_EOF | JERR_FILE_READ | JERR_INPUT_EMPTY | JERR_INPUT_EOF => Corrupt(FILE_ENDS),

        // --- Errors after which no decoder shows a picture. ---
        JERR_NO_SOI => Corrupt("the file does not begin with an SOI marker"),
        JERR_SOI_DUPLICATE => Corrupt("there are two SOI markers"),
        JERR_SOF_DUPLICATE => Corrupt("there are two frame headers"),
        JERR_SOS_NO_SOF => Corrupt("a scan comes before the frame header"),
        JERR_SOF_NO_SOS | JERR_NO_IMAGE => Corrupt("there is no scan"),
        // A second frame behind the picture, for one.
        JERR_EOI_EXPECTED => Corrupt("more scans follow than the frame needs"),
        JERR_UNKNOWN_MARKER => Corrupt("there is a marker that is not known"),
        JERR_BAD_LENGTH => Corrupt("a marker segment has the wrong length"),
        JERR_BAD_COMPONENT_ID => Corrupt("a scan names a component that the frame does not have"),
        JERR_BAD_SAMPLING => Corrupt("a sampling factor is not from 1 to 4"),
        // T.81, B.2.3.
        JERR_BAD_MCU_SIZE => Corrupt("the sampling factors are too large for an interleaved scan"),
        JERR_NO_QUANT_TABLE => Corrupt("a quantisation table is missing"),
        JERR_DQT_INDEX => Corrupt("a quantisation table has a number above 3"),
        // A sequential picture without any table has the default ones, as frames of Motion JPEG do.
        JERR_NO_HUFF_TABLE => Corrupt("a Huffman table is missing"),
        JERR_BAD_HUFF_TABLE | JERR_HUFF_CLEN_OVERFLOW | JERR_HUFF_MISSING_CODE => {
            Corrupt("a Huffman table is not a prefix code")
        }
        JERR_DHT_INDEX => Corrupt("a Huffman table has a number above 3"),
        JERR_NO_ARITH_TABLE | JERR_DAC_INDEX | JERR_DAC_VALUE => {
            Corrupt("the conditioning of the arithmetic coder is impossible")
        }
        JERR_BAD_PROGRESSION => Corrupt("a progressive scan has impossible parameters"),
        JERR_BAD_DCT_COEF => Corrupt("a coefficient is out of range"),
        JERR_EMPTY_IMAGE => Corrupt("a side of the image is zero"),

        // --- Kinds that are not decoded. Most are found in the header already. ---
        JERR_BAD_PRECISION => Unsupported("JPEG with other than 8 bits per sample"),
        JERR_SOF_UNSUPPORTED => Unsupported("JPEG of this coding process"),
        JERR_ARITH_NOTIMPL => Unsupported("JPEG with arithmetic coding"),
        JERR_COMPONENT_COUNT | JERR_CONVERSION_NOTIMPL | JERR_BAD_J_COLORSPACE => {
            Unsupported("JPEG with this number of components")
        }
        JERR_FRACT_SAMPLE_NOTIMPL => Unsupported("JPEG with fractional sampling factors"),
        JERR_CCIR601_NOTIMPL => Unsupported("JPEG with CCIR 601 sampling"),
        // libjpeg's and Chromium's limit.
        JERR_IMAGE_TOO_BIG | JERR_WIDTH_OVERFLOW => Unsupported("JPEG with a side of more than 65,500 pixels"),

        JERR_OUT_OF_MEMORY => OutOfMemory,
        // Calls in the wrong order, the encoder's errors, and those of features that are not used.
        _ => Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_warning_is_decided() {
        // All but "too many rows were read", which is a fault of the caller.
        for code in (JWRN_ADOBE_XFORM..JWRN_TOO_MUCH_DATA).chain([JWRN_ARITH_BAD_CODE]) {
            assert_ne!(verdict(code), MessageVerdict::Internal, "warning {code}");
        }
        assert_eq!(verdict(JWRN_TOO_MUCH_DATA), MessageVerdict::Internal);
    }
}
