//! How a common picture is decoded: at which scales, and how much of it.

use std::ops::Range;

use super::entropy::MAX_MCU_BLOCKS;
use super::head::{Frame, FrameComponent, Head};
use super::idct::Scale;
use super::sequential::{Component, Mcus};
use super::{GAP, Gap, Region, scale};
use crate::Size;
use crate::geometry::Rect;
use crate::resize::needed;

/// Chroma is stored at half the size most often, and soft: less of it is to spare, and less needed.
const CHROMA_GAP: Gap = (5, 4);

pub(super) struct Plan {
    pub(super) components: Vec<Component>,
    /// Of each component, where in its rows the crop is.
    pub(super) regions: Vec<Region>,
    pub(super) mcus: Mcus,
}

impl Plan {
    /// `None` if the picture is none of the common ones, or if chroma would have to be enlarged.
    pub(super) fn of(head: &Head, crop: Rect, size: Size) -> Option<Self> {
        let frame = head.frame.as_ref().filter(|frame| is_common(head, frame))?;
        let densest = densest(frame);
        let (mut components, mut scales) = (Vec::new(), Vec::new());
        let mut regions = Vec::new();
        let mut wanted = Vec::new();
        for (place, component) in frame.components.iter().enumerate() {
            let shared = Shared { own: (component.across, component.down), densest };
            let gap = if place == 0 { GAP } else { CHROMA_GAP };
            let scale = match (scales.first(), shared.scale(crop.size, size, gap)?) {
                // As large as luma, so that there are means of RGB: the smallest show errors most.
                (Some(Scale::Eighth), _) if shared.is_half() => Scale::Quarter,
                // The triangles of libjpeg's upsampling are what others take for the picture.
                (Some(Scale::Full), _) if shared.own != densest => return None,
                (_, scale) => scale,
            };
            scales.push(scale);
            let eighths = scale.eighths();
            let whole = shared.size(frame.size, eighths);
            let region = shared.region(crop, eighths);

            let component = Component::of(head, place, scale, whole)?;
            let (across, down) = component.mcu_pixels();
            let columns = needed(region.left, region.width, size.width, whole.width);
            let rows = needed(region.top, region.height, size.height, whole.height);
            wanted.push([
                columns.start / across..columns.end.div_ceil(across),
                rows.start / down..rows.end.div_ceil(down),
            ]);
            components.push(component);
            regions.push(region);
        }
        let [columns, rows] = wanted.into_iter().reduce(hulls)?;
        let mcus =
            Mcus { across: frame.size.width.div_ceil(8 * u32::from(densest.0)), columns, rows };
        for (component, region) in components.iter_mut().zip(&mut regions) {
            let (left, top) = component.cut(&mcus);
            region.left -= f64::from(left);
            region.top -= f64::from(top);
        }
        Some(Plan { components, regions, mcus })
    }
}

/// Grey or luma and chroma, all in one scan.
fn is_common(head: &Head, frame: &Frame) -> bool {
    let is_known = match frame.components.as_slice() {
        [_] => true,
        [_, _, _] => is_ycc(head, frame),
        _ => false,
    };
    let blocks =
        |component: &FrameComponent| usize::from(component.across) * usize::from(component.down);
    // The entropy decoder looks no further ahead; libjpeg refuses more.
    let fits = frame.components.iter().map(blocks).sum::<usize>() <= MAX_MCU_BLOCKS;
    is_known && fits && head.has_single_scan()
}

/// Whether three components are luma and chroma, told as libjpeg tells.
fn is_ycc(head: &Head, frame: &Frame) -> bool {
    let ids = || frame.components.iter().map(|component| component.id);
    match head.adobe_transform {
        _ if head.is_jfif => true,
        Some(transform) => transform == 1,
        None => !ids().eq(*b"RGB"),
    }
}

fn densest(frame: &Frame) -> (u8, u8) {
    let max = |blocks: fn(&FrameComponent) -> u8| frame.components.iter().map(blocks).max();
    (max(|component| component.across).unwrap_or(1), max(|component| component.down).unwrap_or(1))
}

/// The smallest ranges that hold those of both.
fn hulls(a: [Range<u32>; 2], b: [Range<u32>; 2]) -> [Range<u32>; 2] {
    let hull = |at: usize| a[at].start.min(b[at].start)..a[at].end.max(b[at].end);
    [hull(0), hull(1)]
}

/// How many samples a component has, beside the densest.
struct Shared {
    own: (u8, u8),
    densest: (u8, u8),
}

impl Shared {
    /// Whether it has half the samples along each axis.
    fn is_half(&self) -> bool {
        self.densest == (2 * self.own.0, 2 * self.own.1)
    }

    /// `None` if the component has fewer samples than there will be pixels.
    fn scale(&self, from: Size, to: Size, gap: Gap) -> Option<Scale> {
        let times = |size: Size, (across, down): (u8, u8)| {
            Size::new(size.width * u32::from(across), size.height * u32::from(down))
        };
        let (from, to) = (times(from, self.own), times(to, self.densest));
        (from.width >= to.width && from.height >= to.height).then(|| scale(from, to, gap))
    }

    /// Samples of a picture; the last of each row and column may reach beyond it.
    fn size(&self, stored: Size, eighths: u8) -> Size {
        let side = |pixels: u32, own: u8, densest: u8| {
            (pixels * u32::from(own) * u32::from(eighths)).div_ceil(8 * u32::from(densest))
        };
        Size::new(
            side(stored.width, self.own.0, self.densest.0),
            side(stored.height, self.own.1, self.densest.1),
        )
    }

    /// Where a part of the picture is among the samples, which stand in the middle of what they are
    /// the means of.
    fn region(&self, crop: Rect, eighths: u8) -> Region {
        let Region { left, top, width, height } = Region::at_scale(crop, eighths);
        let across = f64::from(self.own.0) / f64::from(self.densest.0);
        let down = f64::from(self.own.1) / f64::from(self.densest.1);
        Region {
            left: left * across,
            top: top * down,
            width: width * across,
            height: height * down,
        }
    }
}
