//! JPEG: two decoders, both of which decode at a DCT scale that leaves more pixels than the target needs.
//!
//! [`baseline_jpeg`] decodes the common case, `libjpeg` (mozjpeg) everything else. n×n pixels of an 8×8 block take
//! about n²/64 of the work after the entropy decoding.

mod libjpeg;
mod plan;
mod plane_rows;
mod scale;
mod scan_filter;
mod scan_log;
pub(crate) mod verdict;

use std::cell::RefCell;
use std::io::{Cursor, Read};
use std::rc::Rc;

use baseline_jpeg::JpegHeader;

use plan::DecodePlan;
use plane_rows::{PlaneRows, panic_to_error};
use scale::{MIN_OVERSAMPLE, smallest_scale};

use super::decoded::Decoded;
use crate::colour::{ColourProfile, MAX_PROFILE_BYTES};
use crate::geometry::Rect;
use crate::raster::{Raster, RowsToCrop, YccCoding};
use crate::source_reader::SourceReader;
use crate::{RenderError, Size};

/// The EOI marker.
const END_OF_IMAGE: &[u8] = &[0xFF, 0xD9];

/// The decoder of baseline JPEGs. All other JPEGs are decoded by libjpeg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JpegDecoder {
    /// Our own decoder, which is faster at small sizes.
    #[default]
    Own,
    /// libjpeg, which decodes every scan: for pictures on which our own decoder panicked (the pixels differ slightly), and
    /// for progressive pictures whose end is missing.
    Libjpeg,
}

pub(super) fn decode<'a, R: Read + 'a>(
    mut source: SourceReader<R>,
    crop: Rect,
    size: Size,
    jpeg_decoder: JpegDecoder,
) -> Result<Decoded<'a>, RenderError> {
    let (stashed_error, log) = (source.stashed_error(), source.damage());
    let header =
        JpegHeader::read(&mut source, MAX_PROFILE_BYTES).map_err(|error| stashed_error.read_error_or_corrupt(error))?;
    let scan_offset = source.offset();
    let plan = match jpeg_decoder {
        JpegDecoder::Own => panic_to_error(|| Ok(DecodePlan::new(&header, crop, size)))?,
        JpegDecoder::Libjpeg => None,
    };
    let Some(plan) = plan else {
        let has_single_scan = header.has_single_scan();
        // A file may lack its EOI marker. If the scan is the only one, the end of the file ends it.
        let source = source.chain(if has_single_scan { END_OF_IMAGE } else { &[] });
        let whole = Cursor::new(header.segments).chain(source);
        let scale = smallest_scale(crop.size, size, MIN_OVERSAMPLE);
        let may_drop_scans = jpeg_decoder == JpegDecoder::Own;
        return libjpeg::decode(whole, crop, scale, !has_single_scan, may_drop_scans, log);
    };
    let mut decoder = plan.setup.start(source);
    if log.renders_damaged() {
        decoder.tolerate_damage();
    }
    let decoder = Rc::new(RefCell::new(decoder));
    let plane = |(component, region)| {
        let rows = PlaneRows::new(&decoder, component, scan_offset, log.clone());
        RowsToCrop { rows: Box::new(rows), region }
    };
    let planes: Vec<RowsToCrop<'a>> = plan.regions.into_iter().enumerate().map(plane).collect();
    let picture = match <[RowsToCrop<'a>; 3]>::try_from(planes) {
        Ok(planes) => Raster::Ycc(planes, YccCoding::JFIF),
        Err(planes) => Raster::Packed(planes.into_iter().next().expect("there is a component")),
    };
    Ok(Decoded { picture, profiles: ColourProfile::icc(header.icc_profile()) })
}

/// The n of the scale n/8 at which luma is decoded, or all channels if they are decoded together.
pub(super) fn eighths(from: Size, to: Size) -> u8 {
    smallest_scale(from, to, MIN_OVERSAMPLE).eighths()
}

#[cfg(test)]
mod tests;
