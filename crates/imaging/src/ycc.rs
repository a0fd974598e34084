//! Converts luma and chroma to red, green and blue.

use crate::raster::{Channels, LumaWeights, PixelFormat, Rows, YccCoding, YccRange};
use crate::{RenderError, Size};

/// RGB rows from three planes of the same size: luma, blue chroma and red chroma.
pub(crate) fn to_rgb<'a>(planes: [Box<dyn Rows + 'a>; 3], coding: YccCoding) -> Box<dyn Rows + 'a> {
    Box::new(RgbRows { planes, factors: Factors::of(coding), samples: Default::default() })
}

struct RgbRows<'a> {
    planes: [Box<dyn Rows + 'a>; 3],
    factors: Factors,
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
        let factors = self.factors;
        for (((pixel, &luma), &blue), &red) in pixels.iter_mut().zip(luma).zip(blue).zip(red) {
            *pixel = factors.rgb(luma, blue, red);
        }
        Ok(())
    }
}

/// The factors of a coding, in 1/65536, and the level of black.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Factors {
    black: i32,
    luma: i32,
    red: i32,
    green: (i32, i32),
    blue: i32,
}

impl Factors {
    fn of(coding: YccCoding) -> Self {
        let YccCoding { range, weights } = coding;
        if coding == YccCoding::JFIF {
            // libjpeg's, one of which is rounded otherwise.
            return Factors { black: 0, luma: 1 << 16, red: 91_881, green: (-22_554, -46_802), blue: 116_130 };
        }
        // Levels of 8 bits for each level of luma and of chroma.
        let (black, luma, chroma) = match range {
            YccRange::Full => (0, 1.0, 1.0),
            YccRange::Video => (16, 255.0 / 219.0, 255.0 / 224.0),
        };
        let LumaWeights { red, blue } = weights;
        let green = 1.0 - red - blue;
        #[allow(clippy::cast_possible_truncation)] // less than 4 × 65536
        let fixed = |factor: f64| (factor * 65536.0).round() as i32;
        let (of_red, of_blue) = (2.0 * (1.0 - red) * chroma, 2.0 * (1.0 - blue) * chroma);
        Factors {
            black,
            luma: fixed(luma),
            red: fixed(of_red),
            green: (fixed(-of_blue * blue / green), fixed(-of_red * red / green)),
            blue: fixed(of_blue),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factors_of_jpeg_and_webp_are_those_of_libjpeg_and_libwebp() {
        let jpeg = Factors { black: 0, luma: 1 << 16, red: 91_881, green: (-22_554, -46_802), blue: 116_130 };
        let webp = Factors { black: 16, luma: 76_309, red: 104_597, green: (-25_675, -53_279), blue: 132_201 };
        assert_eq!(Factors::of(YccCoding::JFIF), jpeg);
        assert_eq!(Factors::of(YccCoding::WEBP), webp);
    }
}
