//! Decodes the only scan of a baseline picture, one row of MCUs at a time.
//!
//! An MCU (minimum coded unit) is the smallest unit of an interleaved scan: of each component, the blocks that cover
//! the same part of the picture.

use std::io::BufRead;
use std::ops::Range;

use crate::block::Block;
use crate::entropy::{BitReader, EntropyReader, UnknownCode};
use crate::error::DecodeError;
use crate::frame::{FrameHeader, Size};
use crate::header::JpegHeader;
use crate::huffman::{HuffmanTable, SkipTable};
use crate::idct::{Idct8x8, Scale, Transform};
use crate::plane::Plane;

/// A rectangle of MCUs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // they are their names
pub struct McuRect {
    pub columns: Range<u32>,
    pub rows: Range<u32>,
}

impl McuRect {
    /// All MCUs of a frame.
    pub fn whole(frame: &FrameHeader) -> Self {
        let (across, down) = frame.mcus();
        McuRect { columns: 0..across, rows: 0..down }
    }
}

/// What is to be decoded of a picture, with its tables made ready.
pub struct DecoderSetup {
    components: Vec<Component>,
    mcus: McuRect,
    mcus_across: u32,
    restart_interval: u16,
}

impl DecoderSetup {
    /// Prepares to decode a rectangle of MCUs, each component at the scale of the same index.
    ///
    /// `None` if the header has no [`baseline_frame`](JpegHeader::baseline_frame), if a table is missing or not sound, if
    /// there is not one scale per component, or if the rectangle is empty or not within the frame.
    pub fn new(header: &JpegHeader, scales: &[Scale], mcus: McuRect, idct_8x8: Idct8x8) -> Option<Self> {
        let frame = header.baseline_frame()?;
        let (across, down) = frame.mcus();
        let is_within = |range: &Range<u32>, len| range.start < range.end && range.end <= len;
        if scales.len() != frame.components.len() || !is_within(&mcus.columns, across) || !is_within(&mcus.rows, down) {
            return None;
        }
        let component = |(index, &scale)| Component::new(header, frame, index, scale, &mcus, idct_8x8);
        let components = scales.iter().enumerate().map(component).collect::<Option<_>>()?;
        let restart_interval = header.restart_interval();
        Some(DecoderSetup { components, mcus, mcus_across: across, restart_interval })
    }

    /// Starts to decode. The source continues where [`JpegHeader::read`] stopped.
    pub fn start<B: BufRead>(self, source: B) -> Decoder<B> {
        let interval = self.restart_interval;
        Decoder {
            entropy: EntropyReader::new(source),
            components: self.components,
            mcus: self.mcus,
            mcus_across: self.mcus_across,
            next_row: 0,
            restarts: Restarts { interval, mcus_left: interval, next_number: 0 },
        }
    }
}

/// Decodes the components of a picture, whose rows are read independently of each other.
///
/// Rows of a component that are decoded because another component is read are kept until they are read, too.
pub struct Decoder<B> {
    entropy: EntropyReader<B>,
    components: Vec<Component>,
    mcus: McuRect,
    mcus_across: u32,
    next_row: u32,
    restarts: Restarts,
}

struct Restarts {
    /// MCUs from one restart marker to the next; 0 if there are no restart markers.
    interval: u16,
    mcus_left: u16,
    next_number: u8,
}

impl<B: BufRead> Decoder<B> {
    /// The size of what is decoded of a component: its part of the rectangle of MCUs, cut at the picture's edges.
    pub fn size(&self, component: usize) -> Size {
        self.components[component].plane.size
    }

    /// Fills `out`, a whole number of rows without gaps, with the next rows of a component. More rows than
    /// [`size`](Self::size) has must not be read.
    ///
    /// # Errors
    /// See [`DecodeError`]. After an error, nothing more can be read.
    pub fn read_rows(&mut self, component: usize, out: &mut [u8]) -> Result<(), DecodeError> {
        let mut filled = self.components[component].plane.read_rows(out);
        while filled < out.len() {
            self.decode_mcu_row()?;
            filled += self.components[component].plane.read_rows(&mut out[filled..]);
        }
        Ok(())
    }

    /// Decodes rows of MCUs up to and including the next one within the rectangle. Does not read past the last MCU: the
    /// picture is complete with it, even if the EOI marker is missing or other data follows.
    fn decode_mcu_row(&mut self) -> Result<(), DecodeError> {
        // Rows above the rectangle have to be read, too: nothing else says where the next row's bits begin.
        while self.next_row < self.mcus.rows.start {
            self.read_mcu_row(0..0)?;
        }
        for component in &mut self.components {
            component.plane.append_rows(component.mcu_size.height as usize);
        }
        self.read_mcu_row(self.mcus.columns.clone())
    }

    /// Reads a row of MCUs. The columns outside of `wanted` are skipped.
    fn read_mcu_row(&mut self, wanted: Range<u32>) -> Result<(), DecodeError> {
        for mcu in 0..self.mcus_across {
            self.read_restart_if_due()?;
            let components = &mut self.components;
            if wanted.contains(&mcu) {
                let column = (mcu - wanted.start) as usize;
                self.entropy
                    .read_mcu(|bits| components.iter_mut().try_for_each(|component| component.decode(bits, column)))?;
            } else {
                self.entropy.read_mcu(|bits| components.iter_mut().try_for_each(|component| component.skip(bits)))?;
            }
        }
        self.next_row += 1;
        Ok(())
    }

    fn read_restart_if_due(&mut self) -> Result<(), DecodeError> {
        let restarts = &mut self.restarts;
        if restarts.interval == 0 {
            return Ok(());
        }
        if restarts.mcus_left == 0 {
            self.entropy.read_restart(restarts.next_number)?;
            restarts.next_number = (restarts.next_number + 1) % 8;
            restarts.mcus_left = restarts.interval;
            self.components.iter_mut().for_each(|component| component.last_dc = 0);
        }
        restarts.mcus_left -= 1;
        Ok(())
    }
}

/// One component of the picture while it is decoded.
struct Component {
    /// Blocks in an MCU.
    across: u8,
    down: u8,
    /// Pixels in an MCU, at the scale.
    mcu_size: Size,
    transform: Transform,
    dc_table: HuffmanTable,
    ac_table: HuffmanTable,
    skip_table: SkipTable,
    /// The DC of the block before.
    last_dc: i16,
    plane: Plane,
}

impl Component {
    /// `None` if a table is missing or not sound, or if the scan has another component at this index.
    fn new(
        header: &JpegHeader,
        frame: &FrameHeader,
        index: usize,
        scale: Scale,
        mcus: &McuRect,
        idct_8x8: Idct8x8,
    ) -> Option<Self> {
        let component = &frame.components[index];
        let in_scan = header.scan()?.components.get(index)?;
        if in_scan.id != component.id {
            return None;
        }
        let quant_table = header.quant_table(component.quant_table)?.clone();
        let dc_table = HuffmanTable::new(header.dc_code(in_scan.dc_table)?)?;
        let ac_table = HuffmanTable::new(header.ac_code(in_scan.ac_table)?)?;
        if !dc_table.is_for_dc() {
            return None;
        }
        let (across, down) = frame.mcu_blocks(index);
        let mcu_size = frame.mcu_size(index, scale);
        let whole = frame.component_size(index, scale);
        let size = Size {
            width: side(&mcus.columns, mcu_size.width, whole.width)?,
            height: side(&mcus.rows, mcu_size.height, whole.height)?,
        };
        let stride = mcus.columns.len() * mcu_size.width as usize;
        Some(Component {
            across,
            down,
            mcu_size,
            transform: Transform { scale, quant_table, idct_8x8 },
            dc_table,
            skip_table: SkipTable::new(&ac_table),
            ac_table,
            last_dc: 0,
            plane: Plane::new(size, stride),
        })
    }

    /// Decodes the component's blocks of an MCU to the plane's last rows. `column` counts from the rectangle's left
    /// edge.
    #[inline(always)]
    fn decode(&mut self, bits: &mut BitReader<'_>, column: usize) -> Result<(), UnknownCode> {
        let scale = self.transform.scale;
        let side = usize::from(scale.eighths());
        let (blocks_across, blocks_down) = (usize::from(self.across), usize::from(self.down));
        let (rows, stride) = self.plane.last_rows(blocks_down * side);
        for down in 0..blocks_down {
            for across in 0..blocks_across {
                let mut block = Block::default();
                let difference = self.dc_table.read_dc_difference(bits)?;
                // Wraps in a corrupt file only: a sound one has DCs of 12 bits.
                self.last_dc = self.last_dc.wrapping_add(difference);
                block.0[0] = self.last_dc;
                let last = scale.last_coefficient();
                let index = self.ac_table.read_coefficients(bits, last, &mut block)?;
                self.skip_table.skip_rest(&self.ac_table, bits, index)?;
                let at = down * side * stride + (column * blocks_across + across) * side;
                self.transform.write(&block, rows, stride, at);
            }
        }
        Ok(())
    }

    /// Skips the component's blocks of an MCU. Only their DC is decoded, since the next block's depends on it.
    #[inline(always)]
    fn skip(&mut self, bits: &mut BitReader<'_>) -> Result<(), UnknownCode> {
        for _ in 0..u16::from(self.down) * u16::from(self.across) {
            let difference = self.dc_table.read_dc_difference(bits)?;
            self.last_dc = self.last_dc.wrapping_add(difference);
            self.skip_table.skip_rest(&self.ac_table, bits, 0)?;
        }
        Ok(())
    }
}

/// The pixels of a component in a range of MCUs, cut at its edge. `None` if the range has none.
fn side(mcus: &Range<u32>, mcu_pixels: u32, whole: u32) -> Option<u32> {
    whole.min(mcus.end * mcu_pixels).checked_sub(mcus.start * mcu_pixels).filter(|&pixels| pixels > 0)
}
