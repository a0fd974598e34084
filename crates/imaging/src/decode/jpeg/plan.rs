//! How a baseline JPEG is decoded: the scale of each component, and which MCUs.

use std::ops::Range;

use baseline_jpeg::{DecoderSetup, FrameHeader, JpegHeader, McuRect, Scale};

use super::scale::{MIN_CHROMA_OVERSAMPLE, MIN_OVERSAMPLE, Oversample, smallest_scale};
use crate::Size;
use crate::ffi::libjpeg::idct_8x8;
use crate::geometry::Rect;
use crate::raster::Region;
use crate::resize::needed_range;

/// What our own decoder has to decode of a picture.
pub(super) struct DecodePlan {
    pub(super) setup: DecoderSetup,
    /// The crop in the rows of each component.
    pub(super) regions: Vec<Region>,
}

impl DecodePlan {
    /// `None` if our own decoder does not decode the picture, or if chroma would have to be enlarged.
    pub(super) fn new(header: &JpegHeader, crop: Rect, size: Size) -> Option<Self> {
        let frame = header.baseline_frame()?;
        let components = component_plans(frame, crop, size)?;
        let mcus = components.iter().map(|component| component.mcus(size)).reduce(hull)?;
        let regions = components.iter().map(|component| component.region_within(&mcus)).collect();
        let scales: Vec<Scale> = components.iter().map(|component| component.scale).collect();
        let setup = DecoderSetup::new(header, &scales, mcus, idct_8x8)?;
        Some(DecodePlan { setup, regions })
    }
}

/// `None` if chroma would have to be enlarged.
fn component_plans(frame: &FrameHeader, crop: Rect, size: Size) -> Option<Vec<ComponentPlan>> {
    let mut plans: Vec<ComponentPlan> = Vec::new();
    for index in 0..frame.components.len() {
        let sampling = Sampling { own: frame.mcu_blocks(index), max: frame.max_mcu_blocks() };
        let oversample = if index == 0 { MIN_OVERSAMPLE } else { MIN_CHROMA_OVERSAMPLE };
        let luma = plans.first().map(|luma| luma.scale);
        let scale = match (luma, sampling.scale(crop.size, size, oversample)?) {
            // At 1/8, chroma is decoded at the size of luma, so that it is converted to RGB before the resize. That is
            // more exact, and differences in colour are most visible in the smallest renditions.
            (Some(Scale::Eighth), _) if sampling.is_half() => Scale::Quarter,
            // libjpeg upsamples chroma with a triangle filter. Its result is what viewers show.
            (Some(Scale::Full), _) if sampling.own != sampling.max => return None,
            (_, scale) => scale,
        };
        let whole = frame.component_size(index, scale);
        let mcu_size = frame.mcu_size(index, scale);
        let region = sampling.region(crop, scale);
        plans.push(ComponentPlan { scale, region, whole, mcu_size });
    }
    Some(plans)
}

/// How one component is decoded.
struct ComponentPlan {
    scale: Scale,
    /// The crop in the component.
    region: Region,
    whole: baseline_jpeg::Size,
    mcu_size: baseline_jpeg::Size,
}

impl ComponentPlan {
    /// The MCUs that the resize to `size` reads.
    fn mcus(&self, size: Size) -> McuRect {
        let columns = needed_range(self.region.left, self.region.width, size.width, self.whole.width);
        let rows = needed_range(self.region.top, self.region.height, size.height, self.whole.height);
        let mcus = |pixels: Range<u32>, mcu: u32| pixels.start / mcu..pixels.end.div_ceil(mcu);
        McuRect { columns: mcus(columns, self.mcu_size.width), rows: mcus(rows, self.mcu_size.height) }
    }

    /// The crop in the part of the component that these MCUs hold.
    fn region_within(&self, mcus: &McuRect) -> Region {
        let left = f64::from(mcus.columns.start * self.mcu_size.width);
        let top = f64::from(mcus.rows.start * self.mcu_size.height);
        Region { left: self.region.left - left, top: self.region.top - top, ..self.region }
    }
}

/// The smallest rectangle that holds both.
fn hull(a: McuRect, b: McuRect) -> McuRect {
    let hull = |a: Range<u32>, b: Range<u32>| a.start.min(b.start)..a.end.max(b.end);
    McuRect { columns: hull(a.columns, b.columns), rows: hull(a.rows, b.rows) }
}

/// Samples of a component per MCU, beside those of the component that has the most.
struct Sampling {
    own: (u8, u8),
    max: (u8, u8),
}

impl Sampling {
    /// Whether the component has half the samples along each axis.
    fn is_half(&self) -> bool {
        self.max == (2 * self.own.0, 2 * self.own.1)
    }

    /// `None` if the component has fewer samples than the rendition has pixels.
    fn scale(&self, from: Size, to: Size, oversample: Oversample) -> Option<Scale> {
        let times = |size: Size, (across, down): (u8, u8)| {
            Size::new(size.width * u32::from(across), size.height * u32::from(down))
        };
        let (from, to) = (times(from, self.own), times(to, self.max));
        let is_enough = from.width >= to.width && from.height >= to.height;
        is_enough.then(|| smallest_scale(from, to, oversample))
    }

    /// A rectangle of the picture in the component at this scale. Samples lie in the middle of the pixels whose mean
    /// they are.
    fn region(&self, crop: Rect, scale: Scale) -> Region {
        let Region { left, top, width, height } = Region::at_scale(crop, scale.eighths());
        let across = f64::from(self.own.0) / f64::from(self.max.0);
        let down = f64::from(self.own.1) / f64::from(self.max.1);
        Region { left: left * across, top: top * down, width: width * across, height: height * down }
    }
}
