//! The content of a `grid` item (ISO/IEC 23008-12, section 6.6.2.3): a picture that is cut into tiles of equal size.

use super::boxes::Fields;
use super::corrupt;
use crate::{Rejection, Size};

/// The columns and rows of a grid, and the size of the whole picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) size: Size,
}

impl Grid {
    /// The longest content of a grid.
    pub(super) const MAX_BYTES: u64 = 12;

    pub(super) fn parse(content: &[u8]) -> Result<Self, Rejection> {
        let mut fields = Fields::new(content);
        fields.u8()?;
        let is_wide = fields.u8()? & 1 > 0;
        let (rows, columns) = (u32::from(fields.u8()?) + 1, u32::from(fields.u8()?) + 1);
        let size = Size::new(fields.u16_or_u32(is_wide)?, fields.u16_or_u32(is_wide)?);
        Ok(Grid { columns, rows, size })
    }

    /// Checks that tiles of this size cover the picture, and that none lies outside it.
    pub(super) fn judge_tile(self, tile: Size) -> Result<(), Rejection> {
        let fits = |side: u32, tile: u32, count: u32| {
            let (side, tile, count) = (u64::from(side), u64::from(tile), u64::from(count));
            tile * count >= side && tile * (count - 1) < side
        };
        let Grid { columns, rows, size } = self;
        if fits(size.width, tile.width, columns) && fits(size.height, tile.height, rows) {
            return Ok(());
        }
        Err(corrupt(format_args!("{columns}×{rows} tiles of {tile} are not a picture of {size}")))
    }
}
