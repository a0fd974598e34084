//! What codecs report, in a person's words. The codecs' own messages hold names of their types, and are written for
//! programmers.
//!
//! Each result is a clause in lower case that "at byte 7" can follow.

use std::io;

use crate::ffi::libwebp::VP8StatusCode;

/// The end of the file where more is needed.
pub(crate) const FILE_ENDS: &str = "the file ends";

/// What the decoder of PNG reports.
pub(crate) fn of_png(error: &png::DecodingError) -> String {
    use png::DecodingError::{Format, IoError, LimitsExceeded, Parameter};
    match error {
        IoError(error) => of_io(error).to_owned(),
        Format(error) => of_png_format(&error.to_string()),
        LimitsExceeded => "a chunk is too long".to_owned(),
        Parameter(_) => "the pixels cannot be decoded".to_owned(),
    }
}

/// The kinds of a format error are private, so they are recognised by their messages.
fn of_png_format(message: &str) -> String {
    let chunk = || named_chunk(message).map_or("a chunk".to_owned(), |name| format!("the chunk {name}"));
    let clauses: [(&str, &dyn Fn() -> String); 17] = [
        ("CRC error", &|| format!("the checksum of {} is wrong", chunk())),
        ("Corrupt deflate stream", &|| "the compressed pixels are damaged".to_owned()),
        ("IDAT or fDAT chunk does not", &|| "the compressed pixels end early".to_owned()),
        ("IDAT or fdAT chunk is missing", &|| "the pixels are missing".to_owned()),
        ("fcTL chunk missing", &|| "a frame of the animation has no header".to_owned()),
        ("Sequence is not in order", &|| "the frames of the animation are out of order".to_owned()),
        ("Sub frame is out-of-bounds", &|| "a frame of the animation is larger than the picture".to_owned()),
        ("Not enough palette entries", &|| "the palette is too short".to_owned()),
        ("Missing palette", &|| "the palette is missing".to_owned()),
        ("Invalid color/depth", &|| "the bit depth does not go with the colour type".to_owned()),
        ("Transparency chunk found", &|| "a transparent colour does not go with the colour type".to_owned()),
        ("Invalid bit depth", &|| "the bit depth is invalid".to_owned()),
        ("Invalid color type", &|| "the colour type is invalid".to_owned()),
        ("Unknown compression", &|| "the compression method is unknown".to_owned()),
        ("Unknown filter", &|| "the filter of a row is unknown".to_owned()),
        ("Unknown interlace", &|| "the interlace method is unknown".to_owned()),
        ("Chunk length wrong", &|| format!("{} has the wrong length", chunk())),
    ];
    let known = clauses.iter().find(|(start, _)| message.starts_with(start));
    known.map_or_else(|| format!("{} is invalid or out of place", chunk()), |(_, clause)| clause())
}

/// The chunk in a message such as `ChunkType { type: IEND, critical: true, … }`.
fn named_chunk(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("type: ")?;
    let name = rest.get(..4)?;
    name.bytes().all(|byte| byte.is_ascii_alphabetic()).then_some(name)
}

/// What the status of libwebp says.
pub(crate) fn of_webp(status: VP8StatusCode) -> &'static str {
    match status {
        VP8StatusCode::VP8_STATUS_NOT_ENOUGH_DATA | VP8StatusCode::VP8_STATUS_SUSPENDED => {
            "the data of the pixels ends"
        }
        VP8StatusCode::VP8_STATUS_UNSUPPORTED_FEATURE => "the pixels use a feature that is not supported",
        _ => "the compressed pixels are damaged",
    }
}

/// Decoders report the end of the file as an error of reading. Errors of the reader itself are
/// kept by [`StashedIoError`](crate::stashed_io_error::StashedIoError), and take precedence.
fn of_io(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => FILE_ENDS,
        _ => "the file cannot be read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_png_decoder_names_the_chunk_and_none_of_its_types() {
        for (message, expected) in [
            (
                "CRC error: expected 0x1 have 0x2 while decoding ChunkType { type: IEND, critical: true } chunk.",
                "the checksum of the chunk IEND is wrong",
            ),
            ("Corrupt deflate stream. BadDistanceCode", "the compressed pixels are damaged"),
            ("Chunk length wrong: ChunkType { type: PLTE, critical: true }", "the chunk PLTE has the wrong length"),
            ("Bad gamma value.", "a chunk is invalid or out of place"),
            (
                "Chunk ChunkType { type: PLTE, critical: true } is invalid after IDAT chunk.",
                "the chunk PLTE is invalid or out of place",
            ),
        ] {
            assert_eq!(of_png_format(message), expected);
        }
    }
}
