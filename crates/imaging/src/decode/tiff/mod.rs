//! TIFF: the first page, in strips and tiles. The file is held in memory, because its parts may be in any order.
//!
//! - [`chunk`] unpacks the rows of a strip or tile. Strips are unpacked row by row; a row of tiles is unpacked as a whole,
//!   as are chunks of JPEG and of fax codes.
//! - [`samples`] makes pixels of them.

mod chunk;
mod fax;
mod jpeg;
mod packed;
mod samples;

use std::io::Read;

use self::chunk::ChunkRows;
use self::samples::SampleReader;
use super::decoded::Decoded;
use crate::colour::{ColourProfile, MAX_PROFILE_BYTES};
use crate::geometry::Rect;
use crate::probe::{TiffLayout, tiff_layout};
use crate::raster::{PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::time_budget::TimeBudget;
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(
    source: SourceReader<R>,
    crop: Rect,
    budget: &TimeBudget,
) -> Result<Decoded<'a>, RenderError> {
    let file = source.into_bytes();
    let layout = tiff_layout(&file).ok_or_else(|| RenderError::corrupt("its directory is invalid"))?;
    let profile = layout.profile.and_then(|profile| profile.bytes_in(&file));
    let profile = profile.filter(|profile| profile.len() <= MAX_PROFILE_BYTES).map(<[u8]>::to_vec);
    let samples = SampleReader::new(&layout, &file)?;
    let rows = TiffRows { stored: StoredRows::new(layout, file, budget.clone()), samples, next_row: 0 };
    Ok(Decoded::packed(Box::new(rows), Region::at_full_scale(crop), ColourProfile::icc(profile)))
}

struct TiffRows {
    stored: StoredRows,
    samples: SampleReader,
    next_row: u32,
}

impl Rows for TiffRows {
    fn size(&self) -> Size {
        self.stored.layout.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.samples.pixel_format()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for row in out.chunks_exact_mut(stride) {
            self.stored.read_row(self.next_row)?;
            self.samples.read_row(&self.stored.planes, row);
            self.next_row += 1;
        }
        Ok(())
    }
}

/// The unpacked rows of the picture.
struct StoredRows {
    layout: TiffLayout,
    file: Vec<u8>,
    /// The row that was read last, of each plane; of one plane if samples are next to each other.
    planes: Vec<Vec<u8>>,
    /// The open strip of each plane.
    strips: Vec<ChunkRows>,
    /// All rows of a row of tiles, of each plane.
    tiles: Vec<Vec<u8>>,
    budget: TimeBudget,
}

impl StoredRows {
    fn new(layout: TiffLayout, file: Vec<u8>, budget: TimeBudget) -> Self {
        let planes = if layout.is_planar { usize::from(layout.samples) } else { 1 };
        StoredRows {
            layout,
            file,
            planes: vec![Vec::new(); planes],
            strips: Vec::new(),
            tiles: vec![Vec::new(); planes],
            budget,
        }
    }

    /// Reads the next row into `planes`.
    fn read_row(&mut self, y: u32) -> Result<(), RenderError> {
        let is_first = y.is_multiple_of(self.layout.chunk.height);
        let cut =
            |_| RenderError::corrupt(format_args!("its pixels end in row {} of {}", y + 1, self.layout.size.height));
        if !self.layout.is_tiled {
            if is_first {
                self.strips = self.open_chunks(0, y / self.layout.chunk.height)?;
            }
            for (strip, plane) in self.strips.iter_mut().zip(&mut self.planes) {
                plane.resize(row_len(&self.layout)?, 0);
                strip.read_row(&self.file, plane).map_err(cut)?;
            }
            return Ok(());
        }
        if is_first {
            self.read_tiles(y)?;
        }
        let len = row_len(&self.layout)? * self.layout.chunks().0 as usize;
        let at = (y % self.layout.chunk.height) as usize * len;
        for (tiles, plane) in self.tiles.iter().zip(&mut self.planes) {
            plane.clear();
            plane.extend_from_slice(&tiles[at..at + len]);
        }
        Ok(())
    }

    /// Unpacks the row of tiles that begins in row `y`.
    fn read_tiles(&mut self, y: u32) -> Result<(), RenderError> {
        let TiffLayout { chunk, size, .. } = self.layout;
        let (across, _) = self.layout.chunks();
        let tile_len = row_len(&self.layout)?;
        // The padding below the picture is not decoded.
        let rows = chunk.height.min(size.height - y);
        let row_len = tile_len * across as usize;
        for tiles in &mut self.tiles {
            tiles.resize(row_len * rows as usize, 0);
        }
        for column in 0..across {
            let opened = self.open_chunks(column, y / chunk.height)?;
            for (plane, mut tile) in opened.into_iter().enumerate() {
                for row in 0..rows {
                    let at = row as usize * row_len + column as usize * tile_len;
                    tile.read_row(&self.file, &mut self.tiles[plane][at..at + tile_len]).map_err(|_| {
                        RenderError::corrupt(format_args!(
                            "the tile at {}, {y} ends in its row {} of {}",
                            column * chunk.width,
                            row + 1,
                            chunk.height
                        ))
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Opens the chunk at this column and row of chunks, of each plane.
    ///
    /// The time is checked before each chunk: many chunks may be the same bytes of the file, and those may be all of it.
    fn open_chunks(&self, column: u32, row: u32) -> Result<Vec<ChunkRows>, RenderError> {
        let (across, down) = self.layout.chunks();
        let open = |plane: usize| {
            self.budget.check()?;
            let planes_before = u64::from(across) * u64::from(down) * plane as u64;
            let index = planes_before + u64::from(row) * u64::from(across) + u64::from(column);
            // Rows below the picture are not stored in the last strip.
            let top = row * self.layout.chunk.height;
            let rows = self.layout.chunk.height.min(self.layout.size.height - top);
            ChunkRows::open(&self.layout, &self.file, index, rows)
        };
        (0..self.planes.len()).map(open).collect()
    }
}

/// Bytes of a row of a chunk, before samples are made of it.
fn row_len(layout: &TiffLayout) -> Result<usize, RenderError> {
    usize::try_from(layout.chunk_row_len()).map_err(RenderError::corrupt)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Rejection;
    use crate::raster::{FixedPixelSize, Raster};

    /// A grey TIFF of 1×1 px, without compression.
    fn one_pixel() -> Vec<u8> {
        let tags = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (278, 1), (279, 1)];
        let entries = tags.map(|(tag, value): (u16, u16)| {
            let [t0, t1] = tag.to_le_bytes();
            let [v0, v1] = value.to_le_bytes();
            [t0, t1, 3, 0, 1, 0, 0, 0, v0, v1, 0, 0]
        });
        [b"II*\0\x0A\0\0\0\x2A\0\x08\0".as_slice(), entries.as_flattened(), &[0; 4]].concat()
    }

    #[test]
    fn the_time_is_checked_before_a_chunk_is_decoded() {
        for (limit, is_in_time) in [(Duration::MAX, true), (Duration::ZERO, false)] {
            let file = one_pixel();
            let (header, source) = SourceReader::open(file.as_slice()).unwrap();
            let crop = Rect { x: 0, y: 0, size: header.size };
            let decoded = decode(source, crop, &TimeBudget::start(limit)).unwrap();
            let Raster::Packed(mut packed) = decoded.picture else { panic!("planes") };
            let mut row = vec![0; packed.rows.pixel_format().pixel_bytes()];
            match packed.rows.read(&mut row) {
                Ok(()) => assert!(is_in_time),
                Err(RenderError::Rejected(Rejection::TooMuchTime { .. })) => assert!(!is_in_time),
                Err(error) => panic!("{error}"),
            }
        }
    }
}
