//! JPEG: what is common is decoded by ourselves, what is not by libjpeg (mozjpeg), and both at a DCT
//! scale that leaves more than the target needs.
//!
//! Of an 8×8 block, n×n pixels can be made, for about n²/64 of the work after the entropy decoding.
//! Half as much again as the target leaves the resampling filter what it needs: at once the target,
//! the result is visibly softer and aliased.

mod entropy;
mod head;
mod huffman;
mod icc;
mod idct;
mod libjpeg;
mod plan;
mod plane;
mod scans;
mod sequential;

use std::cell::RefCell;
use std::io::{Cursor, Read};
use std::rc::Rc;

pub(crate) use icc::TAG as PROFILE_TAG;

use head::Head;
use idct::Scale;
use plan::Plan;
use plane::PlaneRows;
use sequential::Sequential;

use super::Decoded;
use crate::geometry::Rect;
use crate::raster::{CroppedRows, Raster, Region, YccRange};
use crate::source::Source;
use crate::{RenderError, Size};

const END_OF_IMAGE: &[u8] = &[0xFF, 0xD9];

/// How many decoded pixels the rendition needs, for how many of its own.
type Gap = (u64, u64);

/// At 1:1 it loses 18 dB to a full decode.
const GAP: Gap = (3, 2);

pub(super) fn decode<'a, R: Read + 'a>(
    mut source: Source<R>,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    let blame = source.blame();
    let head = Head::read(&mut source).map_err(|error| blame.reader_or_picture(error))?;
    let has_single_scan = head.has_single_scan();
    // A file may lack its EOI marker. If the scan is the only one, the end of the file ends it.
    let source = source.chain(if has_single_scan { END_OF_IMAGE } else { &[] });
    let Some(plan) = Plan::of(&head, crop, size) else {
        let whole = Cursor::new(head.bytes).chain(source);
        let scale = scale(crop.size, size, GAP);
        return libjpeg::decode(whole, crop, scale, !has_single_scan, blame);
    };
    let picture = Rc::new(RefCell::new(Sequential::new(source, &head, plan.components, plan.mcus)));
    let part = |(component, region)| {
        let rows = PlaneRows::of(&picture, component, blame.clone());
        CroppedRows { rows: Box::new(rows), region }
    };
    let parts: Vec<CroppedRows<'a>> = plan.regions.into_iter().enumerate().map(part).collect();
    let picture = match <[CroppedRows<'a>; 3]>::try_from(parts) {
        Ok(planes) => Raster::Ycc(planes, YccRange::Full),
        Err(parts) => Raster::Packed(parts.into_iter().next().expect("there is a component")),
    };
    Ok(Decoded { picture, profile: head.profile() })
}

/// The n of n/8 at which luma is decoded, and everything where it is not apart.
pub(super) fn eighths(from: Size, to: Size) -> u8 {
    scale(from, to, GAP).eighths()
}

/// The smallest scale at which `from` is still so many times as large as `to`, or the full one.
fn scale(from: Size, to: Size, gap: Gap) -> Scale {
    let is_enough = |from: u32, to: u32, n: u8| {
        u64::from(n) * u64::from(from) * gap.1 >= 8 * u64::from(to) * gap.0
    };
    let leaves_enough = |scale: &Scale| {
        let n = scale.eighths();
        is_enough(from.width, to.width, n) && is_enough(from.height, to.height, n)
    };
    Scale::ALL.into_iter().find(leaves_enough).unwrap_or(Scale::Full)
}

#[cfg(test)]
mod tests;
