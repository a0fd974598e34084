//! Converts luma and chroma (ITU-R BT.601) to red, green and blue.

use crate::raster::{Channels, PixelFormat, Rows, YccRange};
use crate::{RenderError, Size};

/// RGB rows from three planes of the same size: luma, blue chroma and red chroma.
pub(crate) fn to_rgb<'a>(planes: [Box<dyn Rows + 'a>; 3], range: YccRange) -> Box<dyn Rows + 'a> {
    Box::new(RgbRows { planes, range, samples: Default::default() })
}

struct RgbRows<'a> {
    planes: [Box<dyn Rows + 'a>; 3],
    range: YccRange,
    /// The samples of each plane that are being converted.
    samples: [Vec<u8>; 3],
}

impl Rows for RgbRows<'_> {
    fn size(&self) -> Size {
        self.planes[0].size()
    }

    fn pixel_format(&self) -> PixelFormat {
        Channels::Rgb.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let pixels = out.as_chunks_mut::<3>().0;
        for (plane, samples) in self.planes.iter_mut().zip(&mut self.samples) {
            samples.resize(pixels.len(), 0);
            plane.read(samples)?;
        }
        let [luma, blue, red] = &self.samples;
        let factors = Factors::of(self.range);
        for (((pixel, &luma), &blue), &red) in pixels.iter_mut().zip(luma).zip(blue).zip(red) {
            *pixel = factors.rgb(luma, blue, red);
        }
        Ok(())
    }
}

/// The factors of BT.601, in 1/65536, and the level of black.
#[derive(Clone, Copy)]
struct Factors {
    black: i32,
    luma: i32,
    red: i32,
    green: (i32, i32),
    blue: i32,
}

impl Factors {
    fn of(range: YccRange) -> Self {
        match range {
            YccRange::Full => {
                Factors { black: 0, luma: 1 << 16, red: 91_881, green: (-22_554, -46_802), blue: 116_130 }
            }
            YccRange::Video => {
                Factors { black: 16, luma: 76_309, red: 104_597, green: (-25_675, -53_279), blue: 132_201 }
            }
        }
    }

    /// Rounds like libjpeg.
    #[inline(always)]
    fn rgb(self, luma: u8, blue: u8, red: u8) -> [u8; 3] {
        let luma = (i32::from(luma) - self.black) * self.luma;
        let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
        // Half of a level is added before the fraction is dropped.
        let level = |sum: i32| ((luma + sum + (1 << 15)) >> 16).clamp(0, 255).to_le_bytes()[0];
        let (green_of_blue, green_of_red) = self.green;
        [level(self.red * red), level(green_of_blue * blue + green_of_red * red), level(self.blue * blue)]
    }
}
