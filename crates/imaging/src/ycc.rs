//! Luma and chroma (ITU-T T.871, which JFIF follows) brought together as red, green and blue.

use crate::RenderError;
use crate::Size;
use crate::rows::{Channels, Layout, Rows};

/// Rows of RGB, of three planes of the same size: luma, then chroma of blue and of red.
pub(crate) fn to_rgb<'a>(planes: [Box<dyn Rows + 'a>; 3]) -> Box<dyn Rows + 'a> {
    Box::new(Rgb { planes, levels: Default::default() })
}

struct Rgb<'a> {
    planes: [Box<dyn Rows + 'a>; 3],
    /// Of each plane, what is being converted.
    levels: [Vec<u8>; 3],
}

impl Rows for Rgb<'_> {
    fn size(&self) -> Size {
        self.planes[0].size()
    }

    fn layout(&self) -> Layout {
        Channels::Rgb.eight()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let pixels = out.as_chunks_mut::<3>().0;
        for (plane, levels) in self.planes.iter_mut().zip(&mut self.levels) {
            levels.resize(pixels.len(), 0);
            plane.read(levels)?;
        }
        let [luma, blue, red] = &self.levels;
        for (((pixel, &luma), &blue), &red) in pixels.iter_mut().zip(luma).zip(blue).zip(red) {
            *pixel = rgb(luma, blue, red);
        }
        Ok(())
    }
}

/// In 1/65536, rounded as libjpeg does.
#[inline(always)]
fn rgb(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let (luma, blue, red) = (i32::from(luma), i32::from(blue) - 128, i32::from(red) - 128);
    let rounded = |sum: i32| luma + ((sum + (1 << 15)) >> 16);
    [rounded(91_881 * red), rounded(-22_554 * blue - 46_802 * red), rounded(116_130 * blue)]
        .map(|level| level.clamp(0, 255).to_le_bytes()[0])
}
