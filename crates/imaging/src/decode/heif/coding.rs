//! The matrices of ITU-T H.273: how red, green and blue follow from luma and chroma.

use crate::probe::heif::Nclx;
use crate::raster::{LumaWeights, YccCoding, YccRange};
use crate::{Rejection, RenderError};

/// How a picture's samples stand for colours. The numbers are code points of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coding {
    pub(super) primaries: u16,
    pub(super) matrix: u16,
    pub(super) is_full_range: bool,
}

/// The factors of luma, blue chroma and red chroma in one colour, and the level that is added. Levels are 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Factors {
    pub(super) samples: [f32; 3],
    pub(super) offset: f32,
}

const IDENTITY: u16 = 0;
const YCGCO: u16 = 8;

impl Coding {
    /// The coding of these code points. Without any, BT.601 in the range of video, as decoders of HEVC assume.
    pub(super) fn of(code_points: Option<Nclx>) -> Self {
        const UNSPECIFIED: u16 = 2;
        match code_points {
            Some(Nclx { primaries, matrix, is_full_range, .. }) => Coding { primaries, matrix, is_full_range },
            None => Coding { primaries: UNSPECIFIED, matrix: UNSPECIFIED, is_full_range: false },
        }
    }

    /// The weights of red and blue in luma. `None` for a matrix of another kind.
    ///
    /// # Errors
    /// [`Rejection::Corrupt`] for a matrix that is not a linear function of red, green and blue. Browsers show none of
    /// these.
    fn weights(self) -> Result<Option<LumaWeights>, RenderError> {
        let [red, blue] = match self.matrix {
            IDENTITY | YCGCO => return Ok(None),
            1 => [0.2126, 0.0722],
            4 => [0.30, 0.11],
            7 => [0.212, 0.087],
            // 10 is 9 with luma of linear light. Browsers decode it like 9.
            9 | 10 => [0.2627, 0.0593],
            12 => weights_of_primaries(self.primaries),
            11 | 13..=17 => {
                let reason = format_args!("its colours are coded by matrix {}, which is not supported", self.matrix);
                return Err(Rejection::corrupt(reason).into());
            }
            // 5 and 6 are BT.601, which is also the usual guess if the file says nothing.
            _ => return Ok(Some(LumaWeights::BT_601)),
        };
        Ok(Some(LumaWeights { red, blue }))
    }

    /// The same levels of black and white, for planes that are the colours themselves. The first plane is green.
    pub(super) fn without_matrix(self) -> Self {
        Coding { matrix: IDENTITY, ..self }
    }

    /// How planes are converted after they were resized separately. `None` if that is not possible.
    pub(super) fn of_planes(self) -> Result<Option<YccCoding>, RenderError> {
        let range = if self.is_full_range { YccRange::Full } else { YccRange::Video };
        Ok(self.weights()?.map(|weights| YccCoding { range, weights }))
    }

    /// The factors of red, green and blue, for samples of this many bits.
    pub(super) fn factors(self, bits: u8) -> Result<[Factors; 3], RenderError> {
        let unit = f64::from(1u32 << (bits - 8));
        let max = 256.0 * unit - 1.0;
        // Samples of black, of white minus black, and of the strongest minus the weakest chroma.
        let (black, luma, chroma) =
            if self.is_full_range { (0.0, max, max) } else { (16.0 * unit, 219.0 * unit, 224.0 * unit) };
        let neutral = 128.0 * unit;
        #[allow(clippy::cast_possible_truncation)] // fewer digits are enough
        let row = |of_luma: f64, of_blue: f64, of_red: f64| {
            let samples = [of_luma / luma, of_blue / chroma, of_red / chroma];
            let offset = -black * samples[0] - neutral * (samples[1] + samples[2]);
            Factors { samples: samples.map(|factor| factor as f32), offset: offset as f32 }
        };
        #[allow(clippy::cast_possible_truncation)] // likewise
        let plain = |plane: usize| {
            let mut samples = [0.0; 3];
            samples[plane] = (1.0 / luma) as f32;
            Factors { samples, offset: (-black / luma) as f32 }
        };
        Ok(match (self.weights()?, self.matrix) {
            (Some(LumaWeights { red, blue }), _) => {
                let (of_red, of_blue, green) = (2.0 - 2.0 * red, 2.0 - 2.0 * blue, 1.0 - red - blue);
                [
                    row(1.0, 0.0, of_red),
                    row(1.0, -of_blue * blue / green, -of_red * red / green),
                    row(1.0, of_blue, 0.0),
                ]
            }
            // The planes are green, blue and red.
            (None, IDENTITY) => [plain(2), plain(0), plain(1)],
            // The planes are luma, green minus the others, and orange.
            (None, _) => [row(1.0, -1.0, 1.0), row(1.0, 1.0, 0.0), row(1.0, -1.0, -1.0)],
        })
    }
}

/// The weights that follow from the chromaticities of the primaries (H.273, equations 32 to 37).
fn weights_of_primaries(primaries: u16) -> [f64; 2] {
    match primaries {
        4 => [0.299, 0.1146],
        5 => [0.2220, 0.0713],
        6 | 7 => [0.2124, 0.0866],
        8 => [0.2536, 0.0683],
        9 => [0.2627, 0.0593],
        11 => [0.2095, 0.0689],
        12 => [0.2290, 0.0793],
        22 => [0.2318, 0.0719],
        // 1, BT.709; and what has no chromaticities.
        _ => [0.2126, 0.0722],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rgb(coding: Coding, bits: u8, samples: [f32; 3]) -> [u8; 3] {
        coding.factors(bits).unwrap().map(|Factors { samples: factors, offset }| {
            let level: f32 = factors.iter().zip(samples).map(|(factor, sample)| factor * sample).sum();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
            let level = ((level + offset) * 255.0).round() as u8;
            level
        })
    }

    #[test]
    fn samples_become_the_colours_that_they_were_made_of() {
        // matrix, full range, bits, samples, colour
        let cases = [
            (6, true, 8, [76.0, 85.0, 255.0], [254, 0, 0]),
            (1, false, 8, [63.0, 102.0, 240.0], [255, 1, 0]),
            (1, false, 10, [250.0, 409.0, 960.0], [255, 0, 0]),
            (9, true, 12, [1076.0, 1476.0, 4095.0], [255, 0, 0]),
            (0, true, 8, [10.0, 20.0, 30.0], [30, 10, 20]),
            (0, false, 10, [64.0, 940.0, 503.0], [128, 0, 255]),
            (8, true, 8, [64.0, 64.0, 255.0], [255, 0, 1]),
            (2, true, 8, [9.0, 128.0, 128.0], [9, 9, 9]),
        ];
        for (matrix, is_full_range, bits, samples, colour) in cases {
            let coding = Coding { primaries: 1, matrix, is_full_range };
            assert_eq!(rgb(coding, bits, samples), colour, "{matrix} {bits}");
        }
    }

    #[test]
    fn a_matrix_that_is_not_linear_is_refused_by_number() {
        let error = Coding { primaries: 9, matrix: 14, is_full_range: true }.factors(10).unwrap_err();
        assert!(error.to_string().contains("matrix 14"), "{error}");
    }
}
