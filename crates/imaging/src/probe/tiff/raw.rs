//! Recognises camera raw files, which look like TIFFs.

use super::directory::Directory;
use super::tag;
use crate::Rejection;
use crate::probe::header_bytes::{HeaderBytes, Stop};

/// Samples of a sensor with coloured filters.
const FILTER_ARRAY: u64 = 32_803;
/// Samples of a sensor before its colours are computed.
const LINEAR_RAW: u64 = 34_892;

/// Directories within the first one that are looked at. Cameras write up to four.
const MAX_SUB_DIRECTORIES: u64 = 6;

pub(super) fn reject_raw(header_bytes: &HeaderBytes<'_>, directory: &Directory<'_>) -> Result<(), Stop> {
    let is_dng = directory.find(tag::DNG_VERSION)?.is_some();
    if is_dng || is_of_sensor(directory)? || has_picture_of_sensor(header_bytes, directory)? {
        let name = if is_dng { "camera raw (DNG)" } else { name_by_maker(directory)? };
        return Err(Rejection::unsupported(name).into());
    }
    Ok(())
}

fn is_of_sensor(directory: &Directory<'_>) -> Result<bool, Stop> {
    Ok(matches!(directory.number(tag::PHOTOMETRIC)?, Some(FILTER_ARRAY | LINEAR_RAW)))
}

/// Whether the first directory is a preview, or one within it is a sensor's picture.
fn has_picture_of_sensor(header_bytes: &HeaderBytes<'_>, directory: &Directory<'_>) -> Result<bool, Stop> {
    const REDUCED: u64 = 1;
    let Some(within) = directory.find(tag::SUB_DIRECTORIES)? else { return Ok(false) };
    let is_reduced = directory.number(tag::SUBFILE_TYPE)?.unwrap_or(0) & REDUCED > 0;
    if is_reduced && name_by_maker(directory)? != OTHER_MAKER {
        return Ok(true);
    }
    for index in 0..within.count.min(MAX_SUB_DIRECTORIES) {
        let at = directory.value(within, index)?;
        // A directory that is invalid says nothing.
        match Directory::at(header_bytes, directory.numbers, at) {
            Ok(found) if is_of_sensor(&found)? => return Ok(true),
            Err(Stop::NeedMore { byte_len: end }) if end <= header_bytes.source_byte_len => {
                return Err(Stop::NeedMore { byte_len: end });
            }
            Err(Stop::NeedRange(range)) if range.end <= header_bytes.source_byte_len => {
                return Err(Stop::NeedRange(range));
            }
            _ => {}
        }
    }
    Ok(false)
}

const OTHER_MAKER: &str = "camera raw";

fn name_by_maker(directory: &Directory<'_>) -> Result<&'static str, Stop> {
    const LONGEST: u64 = 16;
    const MAKERS: [(&[u8], &str); 12] = [
        (b"NIKON", "camera raw (NEF)"),
        (b"SONY", "camera raw (ARW)"),
        (b"CANON", "camera raw (CR2)"),
        (b"PENTAX", "camera raw (PEF)"),
        (b"RICOH", "camera raw (PEF)"),
        (b"OLYMPUS", "camera raw (ORF)"),
        (b"PANASONIC", "camera raw (RW2)"),
        (b"SAMSUNG", "camera raw (SRW)"),
        (b"HASSELBLAD", "camera raw (3FR)"),
        (b"PHASE ONE", "camera raw (IIQ)"),
        (b"LEAF", "camera raw (MOS)"),
        (b"KODAK", "camera raw (DCR)"),
    ];
    let Some(make) = directory.find(tag::MAKE)? else { return Ok(OTHER_MAKER) };
    let make = directory.bytes(make, LONGEST)?.to_ascii_uppercase();
    let known = MAKERS.iter().find(|(maker, _)| make.trim_ascii_start().starts_with(maker));
    Ok(known.map_or(OTHER_MAKER, |(_, name)| *name))
}
