//! Chroma at the resolution of luma: the samples between two samples of chroma are interpolated, as in browsers.
//!
//! A sample of chroma lies in the middle of its pixels. A pixel is a quarter of the distance away from the nearest sample,
//! so that sample counts three quarters, and the next one a quarter.

use super::samples::SampleRows;
use crate::RenderError;
use crate::probe::heif::Layout;

/// The rows of one plane of chroma, enlarged to the size of luma.
pub(super) struct Chroma {
    plane: usize,
    layout: Layout,
    /// The sample rows with even numbers, and those with odd numbers, that were read last.
    rows: [(Option<u32>, Vec<f32>); 2],
    blended: Vec<f32>,
}

impl Chroma {
    pub(super) fn new(plane: usize, layout: Layout) -> Self {
        Chroma { plane, layout, rows: Default::default(), blended: Vec::new() }
    }

    /// Fills `out` with row `y` of the picture. Rows are read from top to bottom.
    pub(super) fn read(&mut self, source: &mut dyn SampleRows, y: u32, out: &mut [f32]) -> Result<(), RenderError> {
        match self.layout {
            Layout::Grey | Layout::Full => source.read(self.plane, out),
            Layout::HalfWidth => {
                self.load(source, y, out.len())?;
                widen(&self.rows[parity(y)].1, out);
                Ok(())
            }
            Layout::Half => {
                let last = source.plane_size(self.plane).height.saturating_sub(1);
                let near = (y / 2).min(last);
                let far = if y.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
                // The lower row is read last: the rows above may be gone by then.
                self.load(source, near.min(far), out.len())?;
                self.load(source, near.max(far), out.len())?;
                let (near, far) = (&self.rows[parity(near)].1, &self.rows[parity(far)].1);
                self.blended.clear();
                self.blended.extend(near.iter().zip(far).map(|(near, far)| 0.75 * near + 0.25 * far));
                widen(&self.blended, out);
                Ok(())
            }
        }
    }

    /// Reads a row of samples, unless it was read already. Rows are asked for in order.
    fn load(&mut self, source: &mut dyn SampleRows, row: u32, width: usize) -> Result<(), RenderError> {
        let (number, samples) = &mut self.rows[parity(row)];
        if *number != Some(row) {
            samples.resize(width.div_ceil(2), 0.0);
            source.read(self.plane, samples)?;
            *number = Some(row);
        }
        Ok(())
    }
}

fn parity(row: u32) -> usize {
    usize::from(row % 2 == 1)
}

/// Interpolates a row of samples to twice its width.
fn widen(samples: &[f32], out: &mut [f32]) {
    let (Some(&first), Some(&last)) = (samples.first(), samples.last()) else { return };
    let before = std::iter::once(&first).chain(samples);
    let after = samples.iter().skip(1).chain(std::iter::once(&last));
    for (((&sample, &before), &after), out) in samples.iter().zip(before).zip(after).zip(out.chunks_mut(2)) {
        out[0] = 0.75 * sample + 0.25 * before;
        if let Some(out) = out.get_mut(1) {
            *out = 0.75 * sample + 0.25 * after;
        }
    }
}
