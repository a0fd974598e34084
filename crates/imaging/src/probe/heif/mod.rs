//! HEIF (ISO/IEC 23008-12), the container of HEIC and AVIF: finds the primary picture, and the items it is made of.
//!
//! A file holds items: pictures that are coded in some format, grids of them, metadata. What is shown is the primary
//! item. Its codec decides whether the file is a [`Format::Heic`] or a [`Format::Avif`]; brands decide nothing. The
//! boxes that describe the items may be at the end of the file.
//!
//! [`decode`](crate::decode) reads the same description, from the same bytes.

mod boxes;
mod codec;
mod coded_spans;
mod colour;
mod description;
mod grid;
mod memory;
mod meta;
mod transforms;

pub(crate) use codec::{Codec, CodecConfig, Layout};
pub(crate) use coded_spans::{CodedSpan, CodedSpans};
pub(crate) use colour::Nclx;
pub(crate) use description::{CodedImage, Description};
#[cfg(feature = "heic")]
pub(crate) use memory::HEVC_MAX_PADDING;
pub(crate) use memory::max_coded_bytes;

use std::fmt;
use std::ops::Range;

use self::boxes::{Name, TopBox};
use self::meta::Meta;
use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, MAX_HEADER_BYTES, Stop};
use super::other_file::other_file;
use crate::{Format, Rejection};

/// The boxes of a file that are looked at to find its description. Files have about five.
const MAX_TOP_BOXES: usize = 64;

/// Reads the header of a file that begins with `ftyp`.
pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<(Format, StoredHeader), Stop> {
    let (description, header_len) = describe(header_bytes)?;
    let Description { crop, orientation, ref colours, ref alpha, .. } = description;
    let codec = colours.codec();
    if let Some(reason) = codec.left_out() {
        return Err(Rejection::unsupported(reason).into());
    }
    let channels = if colours.layout() == Layout::Grey { 1 } else { 3 } + u8::from(alpha.is_some());
    let pixel_bytes = channels * if colours.bits() > 8 { 2 } else { 1 };
    let decoder_bytes = memory::decoder_bytes(&description, header_bytes.source_byte_len);
    let pixels = DecodedPixels { pixel_bytes, has_alpha: alpha.is_some(), decoder_bytes };
    let header_memory = memory::description_bytes(&description);
    let header = StoredHeader { size: crop.size, orientation, frames: 1, pixels, header_len, header_memory };
    Ok((codec.format(), header))
}

/// Finds and reads the description of the primary picture. Returns also where the bytes end that describe it.
pub(super) fn describe(header_bytes: &HeaderBytes<'_>) -> Result<(Description, u64), Stop> {
    let content = find_meta(header_bytes)?;
    let meta = Meta::parse(header_bytes.get_anywhere(content.start, content.end - content.start)?, content.start)?;
    if meta.handler != *b"pict" {
        return Err(Rejection::unsupported("a file of the HEIF family without a picture").into());
    }
    let description = Description::read(&meta, header_bytes)?;
    Ok((description, content.end))
}

/// The description of the primary picture, given the source's first bytes, which contain it.
pub(crate) fn description(bytes: &[u8]) -> Result<Description, Rejection> {
    let header_bytes = HeaderBytes::starting_with(bytes);
    describe(&header_bytes).map(|(description, _)| description).map_err(|stop| match stop {
        Stop::Rejected(rejection) => rejection,
        Stop::NeedMore { .. } | Stop::NeedRange(_) => corrupt("the file ends within its header"),
    })
}

/// Where the content of the `meta` box lies.
fn find_meta(header_bytes: &HeaderBytes<'_>) -> Result<Range<u64>, Stop> {
    let (mut at, mut has_movie) = (0, false);
    for _ in 0..MAX_TOP_BOXES {
        if at >= header_bytes.source_byte_len {
            break;
        }
        let TopBox { name, content } = TopBox::read(header_bytes, at)?;
        match &name {
            b"meta" => {
                // A box without a length reaches to the end of the file.
                let end = if content.end == u64::MAX { header_bytes.source_byte_len } else { content.end };
                let len = end.saturating_sub(content.start);
                if len > MAX_HEADER_BYTES {
                    let message = format_args!("its header has {len} bytes, more than the limit of {MAX_HEADER_BYTES}");
                    return Err(corrupt(message).into());
                }
                return Ok(content.start..end);
            }
            b"mini" => return Err(Rejection::unsupported("HEIF with a minimised header").into()),
            b"moov" => has_movie = true,
            _ => {}
        }
        at = content.end;
    }
    Err(match (has_movie, has_picture_brand(header_bytes)?) {
        (true, true) => Rejection::unsupported("a HEIF sequence without a still picture"),
        // The last box reaches to the end of the file, so nothing was cut off.
        (false, true) if at == u64::MAX => Rejection::unsupported("a HEIF file without a picture"),
        (false, true) => corrupt("the HEIF file ends before it describes a picture"),
        (_, false) => Rejection::NotAnImage { found: other_file(header_bytes.available(0, 64)) },
    }
    .into())
}

/// Whether the file claims to be of the family of HEIF. For messages only.
fn has_picture_brand(header_bytes: &HeaderBytes<'_>) -> Result<bool, Stop> {
    const BRANDS: [&Name; 17] = [
        b"heic", b"heix", b"heif", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1",
        b"miaf", b"avif", b"avis", b"avci", b"tmap",
    ];
    const MOST_BYTES: u64 = 1024;
    let TopBox { content, .. } = TopBox::read(header_bytes, 0)?;
    let claimed = header_bytes.available(content.start, content.end.min(MOST_BYTES));
    Ok(claimed.as_chunks().0.iter().any(|brand| BRANDS.contains(&brand)))
}

fn corrupt(reason: impl fmt::Display) -> Rejection {
    Rejection::corrupt(reason)
}
