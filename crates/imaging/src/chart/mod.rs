//! Generated pictures for demos, tests and benchmarks, free of copyright.
//!
//! The chart looks different in each of the eight orientations. On a gradient, it has a red disc top left, a green
//! triangle top right, a blue square bottom left, and rings bottom right that get finer outwards. The landscape
//! compresses like a photograph.

mod landscape;

use std::io::{self, Write};
use std::time::Duration;

use self::landscape::Landscape;
use crate::encode::encode;
use crate::geometry::Rect;
use crate::raster::{Rows, SrgbFormat};
use crate::time_budget::TimeBudget;
use crate::{Encoding, Orientation, Quality, RenderError, ScanMode, Size};

/// The subject of a generated picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Shapes that show how a picture was rotated, scaled and cropped.
    Chart,
    /// Mountains at a lake, with the details and the grain of a photograph.
    Landscape,
}

/// The chart as a JPEG. It is `seen` px after orientation, and is stored and tagged with `orientation`.
pub fn jpeg(seen: Size, orientation: Orientation) -> Vec<u8> {
    let mut jpeg = Vec::new();
    write_jpeg(Scene::Chart, seen, orientation, &mut jpeg).expect("writing to memory does not fail");
    jpeg
}

/// Writes a scene as a JPEG. It is `seen` px after orientation, and is stored and tagged with `orientation`.
///
/// Rows are computed one at a time, so the picture may be large.
///
/// # Errors
/// The writer's errors.
///
/// ```
/// use imaging::{Orientation, Size, chart::{Scene, write_jpeg}};
///
/// let mut jpeg = Vec::new();
/// write_jpeg(Scene::Landscape, Size::new(320, 240), Orientation::UPRIGHT, &mut jpeg)?;
/// assert_eq!(jpeg[..2], [0xFF, 0xD8]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_jpeg(scene: Scene, seen: Size, orientation: Orientation, out: impl Write) -> io::Result<()> {
    let mut out = ExifWriter { out, orientation, written: 0 };
    let encoding = Encoding::Jpeg { quality: Quality::JPEG_DEFAULT, scan_mode: ScanMode::Baseline };
    let rows: &mut dyn Rows<SrgbFormat> = match scene {
        Scene::Chart => &mut chart_rows(seen, orientation),
        Scene::Landscape => {
            let landscape = Landscape::new(seen);
            &mut ComputedRows::new(seen, orientation, move |x, y| landscape.colour(x, y))
        }
    };
    encode(rows, encoding, &unlimited(), &mut out).map(drop).map_err(|error| match error {
        RenderError::Write(error) => error,
        other => io::Error::other(other),
    })
}

/// The chart in any encoding, with upright orientation.
pub fn encoded(seen: Size, encoding: Encoding) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chart = chart_rows(seen, Orientation::UPRIGHT);
    encode(&mut chart, encoding, &unlimited(), &mut bytes).expect("writing to memory does not fail");
    bytes
}

/// The chart's pixels: red, green and blue, row by row.
pub fn rgb(seen: Size) -> Vec<u8> {
    let mut chart = chart_rows(seen, Orientation::UPRIGHT);
    let mut rgb = vec![0; chart.stride() * seen.height as usize];
    chart.read(&mut rgb).expect("the buffer has as many rows as the chart");
    rgb
}

fn unlimited() -> TimeBudget {
    TimeBudget::start(Duration::MAX)
}

/// The chart's rows, as stored with `orientation`.
fn chart_rows(seen: Size, orientation: Orientation) -> ComputedRows<impl Fn(u32, u32) -> [u8; 3]> {
    ComputedRows::new(seen, orientation, move |x, y| chart_colour(seen, x, y))
}

/// The chart's colour at a pixel of the seen picture. It uses integers only, so every machine computes the same chart.
fn chart_colour(seen: Size, x: u32, y: u32) -> [u8; 3] {
    // Coordinates of the pixel's centre, in 1/1024 of the picture.
    let on_axis = |at: u32, side: u32| ((2 * i64::from(at) + 1) * 512) / i64::from(side);
    let (u, v) = (on_axis(x, seen.width), on_axis(y, seen.height));
    let square_of_distance = |cu: i64, cv: i64| (u - cu).pow(2) + (v - cv).pow(2);
    let low_byte = |value: i64| value.to_le_bytes()[0];

    if square_of_distance(256, 256) < 180 * 180 {
        [220, 30, 40]
    } else if (80..430).contains(&v) && (u - 768).abs() * 2 < v - 80 {
        [30, 160, 60]
    } else if (90..420).contains(&u) && (600..930).contains(&v) {
        [40, 70, 200]
    } else if square_of_distance(768, 768) < 220 * 220 {
        // A triangle wave over the square of the distance, so that rings get finer outwards.
        let phase = square_of_distance(768, 768) / 12 % 510;
        [low_byte((phase - 255).abs()); 3]
    } else {
        [low_byte(u / 5 + 40), low_byte(v / 5 + 30), low_byte(250 - (u + v) / 10)]
    }
}

/// Rows of a picture whose pixels a function computes, as stored with an orientation.
struct ComputedRows<F> {
    seen: Size,
    orientation: Orientation,
    colour: F,
    next_row: u32,
}

impl<F: Fn(u32, u32) -> [u8; 3]> ComputedRows<F> {
    fn new(seen: Size, orientation: Orientation, colour: F) -> Self {
        ComputedRows { seen, orientation, colour, next_row: 0 }
    }
}

impl<F: Fn(u32, u32) -> [u8; 3]> Rows<SrgbFormat> for ComputedRows<F> {
    fn size(&self) -> Size {
        self.orientation.size(self.seen)
    }

    fn pixel_format(&self) -> SrgbFormat {
        SrgbFormat::Rgb
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for row in out.chunks_exact_mut(stride) {
            for (x, pixel) in (0..).zip(row.as_chunks_mut::<3>().0) {
                let stored = Rect { x, y: self.next_row, size: Size::new(1, 1) };
                let seen = self.orientation.seen_rect(stored, self.seen);
                *pixel = (self.colour)(seen.x, seen.y);
            }
            self.next_row += 1;
        }
        Ok(())
    }
}

/// Inserts an EXIF segment with the orientation after the first two bytes of a JPEG.
struct ExifWriter<W> {
    out: W,
    orientation: Orientation,
    written: usize,
}

impl<W: Write> Write for ExifWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const SOI_LEN: usize = 2;
        if self.written == SOI_LEN && self.orientation != Orientation::UPRIGHT {
            self.out.write_all(b"\xFF\xE1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0")?;
            self.out.write_all(&[self.orientation.get(), 0, 0, 0, 0, 0, 0, 0])?;
        }
        let len = if self.written < SOI_LEN { bytes.len().min(SOI_LEN - self.written) } else { bytes.len() };
        self.out.write_all(&bytes[..len])?;
        self.written += len;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Header, Probe, probe};

    #[test]
    fn a_chart_is_tagged_with_its_orientation() {
        let seen = Size::new(64, 48);
        for number in 1..=8 {
            let orientation = Orientation::try_from(number).unwrap();
            let jpeg = jpeg(seen, orientation);
            let Probe::Header(Header { size, orientation: tagged, .. }) = probe(&jpeg, jpeg.len() as u64).unwrap()
            else {
                panic!("the file is complete");
            };
            assert_eq!((size, tagged), (seen, orientation));
        }
    }

    #[test]
    fn the_four_corners_are_all_different() {
        let rgb = rgb(Size::new(100, 100));
        let at = |x: usize, y: usize| &rgb[(y * 100 + x) * 3..][..3];
        assert_eq!(at(25, 25), [220, 30, 40]);
        assert_eq!(at(75, 30), [30, 160, 60]);
        assert_eq!(at(25, 75), [40, 70, 200]);
        assert_eq!(at(75, 75)[0], at(75, 75)[1]);
    }
}
