//! The rows of a picture that is made of tiles.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

use super::coded_bytes::CodedBytes;
use super::samples::SampleRows;
use super::tile::{DecodedTile, Samples, TileDecoder};
use crate::probe::heif::{CodedImage, Layout, Nclx};
use crate::raster::{Channels, PixelFormat, Rows};
use crate::time_budget::TimeBudget;
use crate::{RenderError, Size};

/// A picture whose tiles are decoded row by row.
///
/// Its planes are read independently of each other. A row of tiles is kept until all planes were read beyond it.
pub(super) struct TileRows<R> {
    image: CodedImage,
    bytes: Rc<RefCell<CodedBytes<R>>>,
    decoder: Box<dyn TileDecoder>,
    budget: TimeBudget,
    stored_bits: StoredBits,
    /// The layout and the bits of all tiles: those of the first one.
    layout: Layout,
    bits: u8,
    /// Empty until the first tile was decoded.
    planes: Vec<Plane>,
    next_tile: usize,
    code_points: Option<Nclx>,
}

/// How samples of more than 8 bits are kept in rows of tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredBits {
    /// All bits.
    All,
    /// The nearest of 8 bits. The samples are in this range, if the container says so.
    Eight { range: Option<Nclx> },
}

/// One channel: its decoded rows that were not read yet.
struct Plane {
    size: Size,
    /// The height of a row of tiles.
    band_height: u32,
    bands: VecDeque<Band>,
    /// The row that is read next.
    next_row: u32,
    /// The rows of the bands that were begun.
    begun_rows: u32,
}

/// A row of tiles in one plane.
enum Band {
    /// The picture is a single tile.
    Tile(Rc<dyn DecodedTile>),
    /// Samples, row by row.
    Narrow(Vec<u8>),
    /// Samples, row by row.
    Wide(Vec<u16>),
}

impl<R: Read> TileRows<R> {
    /// Decodes the first row of tiles, because the coded pixels may say what their colours are.
    pub(super) fn open(
        image: CodedImage,
        bytes: &Rc<RefCell<CodedBytes<R>>>,
        decoder: Box<dyn TileDecoder>,
        stored_bits: StoredBits,
        budget: &TimeBudget,
    ) -> Result<Self, RenderError> {
        let (layout, bits) = (image.layout(), image.bits());
        let (bytes, budget, planes) = (Rc::clone(bytes), budget.clone(), Vec::new());
        let mut rows = TileRows {
            image,
            bytes,
            decoder,
            budget,
            stored_bits,
            layout,
            bits,
            planes,
            next_tile: 0,
            code_points: None,
        };
        rows.decode_tiles()?;
        Ok(rows)
    }

    /// What the pixels of the first tile say of their colours.
    pub(super) fn code_points(&self) -> Option<Nclx> {
        self.code_points
    }

    /// Decodes the next row of tiles.
    fn decode_tiles(&mut self) -> Result<(), RenderError> {
        for column in 0..self.image.columns {
            let decoded = self.decode_next()?;
            if self.next_tile == 1 {
                self.begin(&*decoded);
            }
            let layout = self.layout;
            if decoded.layout() != layout || decoded.bits() != self.bits {
                return Err(RenderError::corrupt("its tiles have different pixels"));
            }
            if self.image.tiles.len() == 1 {
                let decoded = Rc::<dyn DecodedTile>::from(decoded);
                self.planes.iter_mut().for_each(|plane| plane.bands.push_back(Band::Tile(Rc::clone(&decoded))));
                return Ok(());
            }
            let narrow_to = match self.stored_bits {
                StoredBits::Eight { range } => Some(range.or(self.code_points)),
                StoredBits::All => (decoded.bits() == 8).then_some(None),
            };
            let is_full_range = narrow_to.map(|range| range.is_some_and(|range| range.is_full_range));
            for (index, plane) in self.planes.iter_mut().enumerate() {
                let tile = if index == 0 { self.image.tile } else { layout.chroma_size(self.image.tile) };
                plane.add_tile(&*decoded, index, column * tile.width, tile.width, is_full_range);
            }
        }
        Ok(())
    }

    /// Takes over what the first tile is like.
    fn begin(&mut self, tile: &dyn DecodedTile) {
        (self.layout, self.bits, self.code_points) = (tile.layout(), tile.bits(), tile.code_points());
        let plane = |index| {
            let size_of = |size| if index == 0 { size } else { self.layout.chroma_size(size) };
            let (size, band_height) = (size_of(self.image.size), size_of(self.image.tile).height);
            Plane { size, band_height, bands: VecDeque::new(), next_row: 0, begun_rows: 0 }
        };
        self.planes = (0..if self.layout == Layout::Grey { 1 } else { 3 }).map(plane).collect();
    }

    fn decode_next(&mut self) -> Result<Box<dyn DecodedTile>, RenderError> {
        self.budget.check()?;
        let size = self.image.tile;
        let tile = self.image.tiles.get(self.next_tile).ok_or_else(|| RenderError::corrupt("it has too few tiles"))?;
        self.next_tile += 1;
        let coded = self.bytes.borrow_mut().take(&self.image.extents[tile.extents.clone()], size)?;
        let config = &self.image.configs[tile.config];
        let decoded = self.decoder.decode(config, &coded, size, &self.budget)?;
        let has_size = decoded.size().width >= size.width && decoded.size().height >= size.height;
        // Memory was estimated from the header. Some writers state more than there is.
        let has_more = decoded.bits() > config.bits
            || decoded.layout().chroma_size(size).pixels() > config.layout.chroma_size(size).pixels();
        if !has_size || has_more {
            return Err(RenderError::corrupt("its pixels are not as its header says"));
        }
        Ok(decoded)
    }

    /// Decodes until the plane has a row to read.
    fn plane(&mut self, plane: usize) -> Result<&mut Plane, RenderError> {
        while self.planes[plane].bands.is_empty() {
            self.decode_tiles()?;
        }
        Ok(&mut self.planes[plane])
    }
}

impl Plane {
    /// Adds the columns of a tile to the last band. The first tile of a row begins the band.
    ///
    /// Samples are stored in 8 bits if it is said whether they are in the full range.
    fn add_tile(&mut self, tile: &dyn DecodedTile, index: usize, left: u32, width: u32, is_full_range: Option<bool>) {
        let stride = self.size.width as usize;
        if left == 0 {
            let height = self.band_height.min(self.size.height - self.begun_rows);
            self.begun_rows += height;
            let len = stride * height as usize;
            self.bands.push_back(match is_full_range {
                Some(_) => Band::Narrow(vec![0; len]),
                None => Band::Wide(vec![0; len]),
            });
        }
        let (left, right) = (left as usize, (left.saturating_add(width)).min(self.size.width) as usize);
        match self.bands.back_mut() {
            Some(Band::Narrow(samples)) => {
                for (row, out) in (0..).zip(samples.chunks_exact_mut(stride)) {
                    let is_full_range = is_full_range.unwrap_or_default();
                    tile.row(index, row).write_u8(tile.bits(), is_full_range, &mut out[left..right]);
                }
            }
            Some(Band::Wide(samples)) => {
                for (row, out) in (0..).zip(samples.chunks_exact_mut(stride)) {
                    tile.row(index, row).write_u16(&mut out[left..right]);
                }
            }
            Some(Band::Tile(_)) | None => {}
        }
    }

    /// Passes the next row to `read`.
    fn next_row(&mut self, index: usize, read: impl FnOnce(Samples<'_>)) {
        let (row, width) = (self.next_row % self.band_height, self.size.width as usize);
        let range = row as usize * width..(row as usize + 1) * width;
        match self.bands.front() {
            Some(Band::Tile(tile)) => read(tile.row(index, row)),
            Some(Band::Narrow(samples)) => read(Samples::Narrow(&samples[range])),
            Some(Band::Wide(samples)) => read(Samples::Wide(&samples[range])),
            None => {}
        }
        self.next_row += 1;
        if self.next_row.is_multiple_of(self.band_height) || self.next_row == self.size.height {
            self.bands.pop_front();
        }
    }
}

/// A picture whose planes share its tiles: each decodes further for all of them.
pub(super) type SharedTiles<R> = Rc<RefCell<TileRows<R>>>; // one thread reads all planes in turn

impl<R: Read> SampleRows for SharedTiles<R> {
    fn layout(&self) -> Layout {
        self.borrow().layout
    }

    fn bits(&self) -> u8 {
        self.borrow().bits
    }

    fn plane_size(&self, plane: usize) -> Size {
        self.borrow().planes[plane].size
    }

    fn read(&mut self, plane: usize, out: &mut [f32]) -> Result<(), RenderError> {
        self.borrow_mut().plane(plane)?.next_row(plane, |samples| samples.write_f32(out));
        Ok(())
    }
}

/// The rows of one plane, with 8 bits per sample.
pub(super) struct PlaneRows<R> {
    tiles: SharedTiles<R>,
    index: usize,
    size: Size,
    bits: u8,
    is_full_range: bool,
}

impl<R: Read> PlaneRows<R> {
    pub(super) fn new(tiles: &SharedTiles<R>, index: usize, is_full_range: bool) -> Self {
        let (size, bits) = (tiles.plane_size(index), tiles.bits());
        PlaneRows { tiles: Rc::clone(tiles), index, size, bits, is_full_range }
    }
}

impl<R: Read> Rows for PlaneRows<R> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        Channels::Grey.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let mut tiles = self.tiles.borrow_mut();
        for row in out.chunks_exact_mut(self.size.width as usize) {
            tiles
                .plane(self.index)?
                .next_row(self.index, |samples| samples.write_u8(self.bits, self.is_full_range, row));
        }
        Ok(())
    }
}
