//! A computed landscape: mountains at a lake, with haze, a low sun and camera grain. It compresses and resizes like a
//! photograph, which a test chart does not.
//!
//! It uses only `+ - * /` and square roots, which IEEE 754 rounds the same way on every processor.

use crate::Size;

type Rgb = [f32; 3];

const RANGES: usize = 6;
/// The upper edge of the lake, in heights of the picture from the top.
const SHORE: f32 = 0.78;
const SUN: (f32, f32) = (0.86, 0.17);
const GRAIN: f32 = 5.0;

const ZENITH: Rgb = [62.0, 104.0, 168.0];
const HORIZON: Rgb = [252.0, 214.0, 170.0];
const SUNLIGHT: Rgb = [255.0, 240.0, 214.0];
const CLOUDS: Rgb = [255.0, 236.0, 222.0];
const NEAR_ROCK: Rgb = [34.0, 44.0, 38.0];
const FAR_ROCK: Rgb = [196.0, 178.0, 178.0];
const WATER: Rgb = [28.0, 52.0, 70.0];

/// The scene at one size. Coordinates are in heights of the picture: `x` from 0 to width ÷ height, `y` from 0 to 1.
pub(super) struct Landscape {
    unit: f32,
    /// For each column, the `y` of the skyline of each mountain range, from the farthest to the nearest.
    skyline: Vec<[f32; RANGES]>,
}

impl Landscape {
    pub(super) fn new(size: Size) -> Self {
        let unit = 1.0 / float(size.height.max(1));
        let column = |x| std::array::from_fn(|range| skyline_at(float(x) * unit, range));
        Landscape { unit, skyline: (0..size.width).map(column).collect() }
    }

    /// The colour at a pixel.
    pub(super) fn colour(&self, x: u32, y: u32) -> [u8; 3] {
        let (px, py) = (float(x) * self.unit, (float(y) + 0.5) * self.unit);
        let seen = if py > SHORE { self.water(x, px, py) } else { self.land_or_sky(x, px, py) };
        // The sum of two random numbers is small more often than large.
        let grain = (random_at(x, y, 90) + random_at(x, y, 91) - 1.0) * GRAIN;
        seen.map(|sample| byte(sample + grain))
    }

    fn land_or_sky(&self, column: u32, x: f32, y: f32) -> Rgb {
        let skyline = &self.skyline[(column as usize).min(self.skyline.len() - 1)];
        // The nearest mountain range at this point hides the others.
        match (0..RANGES).rev().find(|&range| y > skyline[range]) {
            Some(range) => slope(x, y, range, y - skyline[range]),
            None => sky(x, y),
        }
    }

    /// The reflection of what is above the shore, distorted by ripples that grow towards the viewer.
    fn water(&self, column: u32, x: f32, y: f32) -> Rgb {
        let depth = (y - SHORE) / (1.0 - SHORE);
        let ripple = fractal(x * 9.0, y * 160.0, 40, 3) - 0.5;
        let mirrored = (SHORE - (y - SHORE) * 2.2 + ripple * 0.09 * (0.2 + depth)).clamp(0.0, SHORE);
        let shift = ripple * 24.0 * depth;
        let beside = column_at(float(column) + shift);
        let reflected = self.land_or_sky(beside, x + shift * self.unit, mirrored);
        blend(reflected, WATER, 0.22 + 0.4 * depth)
    }
}

/// The `y` of a mountain range's skyline at `x`.
fn skyline_at(x: f32, range: usize) -> f32 {
    let nearness = float_of(range) / float_of(RANGES - 1);
    let seed = 10 + u32::try_from(range).unwrap_or(0);
    let broad = fractal(x * (1.4 + nearness), 0.0, seed, 2);
    // The absolute value makes sharp edges, as of ridges.
    let folded = 1.0 - 2.0 * (fractal(x * (2.6 + 2.0 * nearness), 7.0, seed, 7) - 0.5).abs();
    let trees = if range == RANGES - 1 { fractal(x * 90.0, 3.0, seed, 3) * 0.02 } else { 0.0 };
    0.30 + 0.40 * nearness + 0.24 * (1.0 - broad) - 0.30 * folded * (1.0 - 0.6 * nearness) + 0.06 - trees
}

/// A mountainside: lit from the sun's side, paler with distance, with mist at its foot.
fn slope(x: f32, y: f32, range: usize, below_skyline: f32) -> Rgb {
    let nearness = float_of(range) / float_of(RANGES - 1);
    let seed = 20 + u32::try_from(range).unwrap_or(0);
    let scale = 5.0 + 9.0 * nearness;
    // Gullies run downhill, so the noise is finer across than along.
    let relief = |shift: f32| fractal((x + shift + y * 0.35) * scale * 1.7, y * scale, seed, 5);
    let light = (relief(0.0) - relief(0.012)) * (4.0 + 2.0 * nearness) + 0.5;
    let rock = blend(FAR_ROCK, NEAR_ROCK, nearness.sqrt());
    let lit = blend(rock, SUNLIGHT, (light.clamp(0.0, 1.0) - 0.35).max(0.0) * (0.75 - 0.5 * nearness));
    let mist = (below_skyline * 2.4 * (1.0 - nearness)).clamp(0.0, 0.6);
    blend(lit, HORIZON, mist)
}

fn sky(x: f32, y: f32) -> Rgb {
    let air = blend(ZENITH, HORIZON, (y * 1.9).clamp(0.0, 1.0).sqrt());
    let (dx, dy) = (x - SUN.0, y - SUN.1);
    let distance = (dx * dx + dy * dy).sqrt();
    let glow = (0.02 / (distance * distance + 0.02)).min(1.0);
    let cover = (fractal(x * 2.2, y * 9.0, 60, 6) - 0.5).max(0.0) * 3.2 * (1.0 - y);
    let clouded = blend(air, CLOUDS, cover.min(0.85));
    blend(clouded, SUNLIGHT, if distance < 0.035 { 1.0 } else { glow * 0.8 })
}

/// Fractal noise, from 0 to 1: octaves of smooth noise, each half as large and half as strong.
fn fractal(x: f32, y: f32, seed: u32, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut weights, mut scale) = (0.0, 1.0, 0.0, 1.0);
    for octave in 0..octaves {
        sum += smooth_noise(x * scale, y * scale, seed + octave * 100) * weight;
        weights += weight;
        weight *= 0.5;
        scale *= 2.0;
    }
    sum / weights
}

/// Value noise, from 0 to 1: random at whole numbers, interpolated between them.
fn smooth_noise(x: f32, y: f32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (right, down) = (ease(x - left), ease(y - top));
    let (column, row) = (lattice(left), lattice(top));
    let at = |i: u32, j: u32| random_at(column.wrapping_add(i), row.wrapping_add(j), seed);
    let between = |a: f32, b: f32, t: f32| a + (b - a) * t;
    between(between(at(0, 0), at(1, 0), right), between(at(0, 1), at(1, 1), right), down)
}

/// A pseudo-random number from 0 to 1 for a point of the grid.
fn random_at(x: u32, y: u32, seed: u32) -> f32 {
    let mut bits = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ seed.wrapping_mul(0xC2B2_AE3D);
    for _ in 0..2 {
        bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
    }
    // 24 bits are what an f32 holds.
    float((bits ^ (bits >> 16)) >> 8) / float(1 << 24)
}

fn blend(from: Rgb, to: Rgb, part: f32) -> Rgb {
    std::array::from_fn(|it| from[it] + (to[it] - from[it]) * part)
}

#[allow(clippy::cast_precision_loss)] // sides of pictures and 24 random bits: exact
fn float(value: u32) -> f32 {
    value as f32
}

#[allow(clippy::cast_precision_loss)] // a handful
fn float_of(value: usize) -> f32 {
    value as f32
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a cast saturates, and wraps nowhere
fn byte(sample: f32) -> u8 {
    sample as u8
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates at the first column
fn column_at(column: f32) -> u32 {
    column as u32
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some thousands, which may be negative
fn lattice(whole: f32) -> u32 {
    (whole as i32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 400, height: 300 };

    fn mean(landscape: &Landscape, left: u32, top: u32, side: u32) -> [f32; 3] {
        let places = (top..top + side).flat_map(|y| (left..left + side).map(move |x| (x, y)));
        let sum = places.fold([0.0; 3], |sum, (x, y)| {
            let pixel = landscape.colour(x, y);
            std::array::from_fn(|it| sum[it] + f32::from(pixel[it]))
        });
        sum.map(|it| it / float(side * side))
    }

    #[test]
    fn the_sky_is_blue_above_and_warm_at_the_sun() {
        let landscape = Landscape::new(SIZE);

        let [red, _, blue] = mean(&landscape, 0, 0, 12);
        assert!(blue > red + 40.0);
        let [red, _, blue] = mean(&landscape, 254, 47, 8);
        assert!(red > 240.0 && red > blue);
    }

    #[test]
    fn the_near_shore_is_darker_than_the_far_mountains() {
        let landscape = Landscape::new(SIZE);

        let near: f32 = mean(&landscape, 220, 225, 8).iter().sum();
        let far: f32 = mean(&landscape, 180, 60, 8).iter().sum();
        assert!(near + 100.0 < far, "{near} {far}");
    }

    #[test]
    fn a_larger_landscape_shows_the_same_scene() {
        let (small, large) = (Landscape::new(SIZE), Landscape::new(Size::new(1600, 1200)));

        for (x, y) in [(0, 0), (100, 40), (200, 120), (300, 200), (380, 280)] {
            let (few, many) = (mean(&small, x, y, 10), mean(&large, 4 * x, 4 * y, 40));
            assert!(few.iter().zip(many).all(|(a, b)| (a - b).abs() < 24.0), "{x},{y}: {few:?} {many:?}");
        }
    }

    #[test]
    fn every_machine_computes_the_same_pixels() {
        let landscape = Landscape::new(SIZE);
        let pixels = (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y)));
        let sum = pixels.fold(0_u64, |sum, (x, y)| {
            let [red, green, blue] = landscape.colour(x, y).map(u64::from);
            sum.wrapping_mul(31).wrapping_add(red << 16 | green << 8 | blue)
        });

        assert_eq!(sum, 3_550_223_853_346_143_730);
    }
}
