//! The chunks that describe colours, by precedence (PNG third edition, section 4.3): cICP, iCCP, sRGB, gAMA with cHRM.
//!
//! | chunks | colours |
//! |---|---|
//! | cICP with numbers that browsers know, full range, matrix 0 | those |
//! | iCCP with a profile that can be read | those; a profile for other channels than the picture's is sRGB |
//! | sRGB with an intent from 0 to 3 | sRGB, whatever gAMA and cHRM say |
//! | gAMA and cHRM | a power function, and these primaries. sRGB if they are no primaries |
//! | gAMA alone | a power function, and the primaries of sRGB. sRGB if it is 45,455 or differs by 5 % at most |
//! | cHRM alone | sRGB |
//!
//! A chunk that is damaged, has another length, comes twice, or comes behind the pixels is ignored, as in Chromium 156.
//! Chromium shows nothing of a picture whose cICP says another matrix than 0; here, that cICP is ignored, too.

use super::chunks::Name;
use crate::colour::{Cicp, ColourProfile, GammaProfile, MAX_PROFILE_BYTES};

/// What the chunks before the pixels say of the colours. Of chunks with the same name, the first valid one counts.
#[derive(Debug, Default)]
pub(super) struct ColourChunks {
    cicp: Option<Cicp>,
    /// `Some(None)` is a profile that cannot be decompressed.
    icc: Option<Option<Vec<u8>>>,
    is_srgb: bool,
    /// In units of 1/100,000. Not 0.
    gamma: Option<u32>,
    /// The x and y of white, red, green and blue, in units of 1/100,000.
    chromaticities: Option<[u32; 8]>,
    /// The brightest pixel (cLLI), and the brightest light of the display that the picture was made on (mDCV), in units
    /// of 1/10,000 cd/m².
    content_light: Option<u32>,
    display_light: Option<u32>,
    /// Whether a palette was read. cICP and mDCV count only before it.
    is_late: bool,
}

impl ColourChunks {
    /// Whether a chunk describes colours.
    pub(super) fn has(name: Name) -> bool {
        matches!(&name, b"cICP" | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"cLLI" | b"mDCV")
    }

    /// Notes that a palette was read.
    pub(super) fn end_of_early_chunks(&mut self) {
        self.is_late = true;
    }

    /// Reads a chunk whose checksum is right.
    pub(super) fn add(&mut self, name: Name, data: &[u8]) {
        match (&name, data) {
            (b"cICP", &[primaries, transfer, 0, 1]) if !self.is_late => {
                self.cicp = self.cicp.or(Cicp::of_png(primaries, transfer));
            }
            (b"iCCP", data) if self.icc.is_none() => self.icc = Some(decompress(data)),
            (b"sRGB", [0..=3]) => self.is_srgb = true,
            (b"gAMA", data) => {
                self.gamma = self.gamma.or(numbers(data).map(|[gamma]| gamma).filter(|&gamma| gamma > 0))
            }
            (b"cHRM", data) => self.chromaticities = self.chromaticities.or(numbers(data)),
            (b"cLLI", data) => self.content_light = self.content_light.or(numbers(data).map(|[content, _]| content)),
            (b"mDCV", data) if !self.is_late => {
                self.display_light = self.display_light.or(numbers(data).map(|[.., max, _]: [u32; 6]| max));
            }
            _ => {}
        }
    }

    /// The colours, by precedence. Without any, the picture is in sRGB.
    pub(super) fn profiles(self) -> Vec<ColourProfile> {
        let peak = self.peak_nits();
        let cicp = self.cicp.map(|cicp| ColourProfile::Cicp(cicp.with_peak(peak)));
        let gamma = self.gamma.filter(|_| !self.is_srgb).and_then(|gamma| gamma_profile(gamma, self.chromaticities));
        let icc = self.icc.flatten().map(ColourProfile::Icc);
        cicp.into_iter().chain(icc).chain(gamma.map(ColourProfile::Gamma)).collect()
    }

    #[allow(clippy::cast_precision_loss)] // of no consequence
    fn peak_nits(&self) -> Option<f32> {
        const UNITS_PER_NIT: f32 = 10_000.0;
        let content = self.content_light.filter(|&light| light > 0);
        content.or(self.display_light).filter(|&light| light > 0).map(|light| light as f32 / UNITS_PER_NIT)
    }
}

#[allow(clippy::cast_precision_loss)] // the numbers have 5 decimals
fn gamma_profile(gamma: u32, chromaticities: Option<[u32; 8]>) -> Option<GammaProfile> {
    const UNIT: f32 = 100_000.0;
    // Programs write this gamma for sRGB. Without primaries, browsers take it and what is near for sRGB, too.
    const SRGB_GAMMA: u32 = 45_455;
    if chromaticities.is_none() && gamma.abs_diff(SRGB_GAMMA) <= SRGB_GAMMA / 20 {
        return None;
    }
    let chromaticities = chromaticities.map(|numbers| {
        let [wx, wy, rx, ry, gx, gy, bx, by] = numbers.map(|number| number as f32 / UNIT);
        [[rx, ry], [gx, gy], [bx, by], [wx, wy]]
    });
    Some(GammaProfile { exponent: UNIT / gamma as f32, chromaticities })
}

/// The profile of an iCCP chunk: a name, a zero, a zero for the method, and a zlib stream.
fn decompress(data: &[u8]) -> Option<Vec<u8>> {
    let name_len = data.iter().position(|&byte| byte == 0).filter(|&len| len > 0)?;
    let (&0, compressed) = data[name_len + 1..].split_first()? else { return None };
    fdeflate::decompress_to_vec_bounded(compressed, MAX_PROFILE_BYTES).ok()
}

/// All of the data as big-endian numbers.
fn numbers<const N: usize>(data: &[u8]) -> Option<[u32; N]> {
    let (numbers, []) = data.as_chunks::<4>() else { return None };
    <[[u8; 4]; N]>::try_from(numbers).ok().map(|numbers| numbers.map(u32::from_be_bytes))
}
