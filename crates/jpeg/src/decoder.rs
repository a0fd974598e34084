//! Decodes the only scan of a baseline picture, one row of MCUs at a time.
//!
//! An MCU (minimum coded unit) is the smallest unit of an interleaved scan: of each component, the blocks that cover
//! the same part of the picture.

use std::io::BufRead;
use std::ops::Range;

use crate::block::Block;
use crate::entropy::{BitReader, EntropyError, EntropyReader};
use crate::error::{DecodeError, ScanDamage, ScanFault};
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
    mcus_down: u32,
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
        Some(DecoderSetup { components, mcus, mcus_across: across, mcus_down: down, restart_interval })
    }

    /// Starts to decode. The source continues where [`JpegHeader::read`] stopped.
    pub fn start<B: BufRead>(self, source: B) -> Decoder<B> {
        let interval = self.restart_interval;
        Decoder {
            entropy: EntropyReader::new(source),
            components: self.components,
            mcus: self.mcus,
            mcus_across: self.mcus_across,
            mcus_down: self.mcus_down,
            next_row: 0,
            restarts: Restarts { interval, mcus_left: interval, next_number: 0 },
            tolerates_damage: false,
            segment: Segment::Sound,
            damage: None,
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
    mcus_down: u32,
    next_row: u32,
    restarts: Restarts,
    tolerates_damage: bool,
    segment: Segment,
    damage: Option<ScanDamage>,
}

/// The data up to the next restart marker, or up to the end.
#[derive(Clone, Copy, PartialEq)]
enum Segment {
    Sound,
    /// It has a fault. What follows it may be wrong.
    Faulty,
    /// Its data has ended. What follows is missing.
    Ended,
}

struct Restarts {
    /// MCUs from one restart marker to the next; 0 if there are no restart markers.
    interval: u16,
    mcus_left: u16,
    next_number: u8,
}

impl<B: BufRead> Decoder<B> {
    /// Makes the decoder go on after a fault, as libjpeg does: an unknown code counts as zero, missing pixels are grey, and
    /// restart markers are searched for. [`damage`](Self::damage) says what is missing.
    pub fn tolerate_damage(&mut self) {
        self.tolerates_damage = true;
    }

    /// The damage that was found so far.
    pub fn damage(&self) -> Option<ScanDamage> {
        self.damage
    }

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
            self.read_restart_if_due(mcu)?;
            let column = wanted.contains(&mcu).then(|| (mcu - wanted.start) as usize);
            if self.segment == Segment::Ended {
                self.leave_out_mcu(column);
                continue;
            }
            let components = &mut self.components;
            let read = if let Some(column) = column {
                self.entropy.read_mcu(|bits| components.iter_mut().for_each(|it| it.decode(bits, column)))
            } else {
                self.entropy.read_mcu(|bits| components.iter_mut().for_each(|it| it.skip(bits)))
            };
            if let Err(error) = read {
                self.note_fault(error, mcu)?;
            }
            if self.segment != Segment::Sound {
                self.count_missing_mcu();
            }
        }
        self.next_row += 1;
        Ok(())
    }

    /// Leaves an MCU grey, whose data is missing.
    #[cold]
    fn leave_out_mcu(&mut self, column: Option<usize>) {
        if let Some(column) = column {
            self.components.iter_mut().for_each(|component| component.blank(column));
        }
        self.count_missing_mcu();
    }

    #[cold]
    fn count_missing_mcu(&mut self) {
        if let Some(damage) = &mut self.damage {
            damage.mcus_missing += 1;
        }
    }

    /// Notes a fault at this MCU of the row.
    #[cold]
    fn note_fault(&mut self, error: EntropyError, mcu: u32) -> Result<(), DecodeError> {
        let fault = match error {
            EntropyError::Read(error) => return Err(error.into()),
            EntropyError::Fault(fault) => fault,
        };
        self.segment = match fault {
            ScanFault::UnknownCode => Segment::Faulty,
            _ => Segment::Ended,
        };
        let (offset, across) = (self.entropy.offset(), u64::from(self.mcus_across));
        let damage = self.damage.get_or_insert_with(|| ScanDamage {
            fault,
            offset,
            mcus_before: u64::from(self.next_row) * across + u64::from(mcu),
            mcus_missing: 0,
            mcus: across * u64::from(self.mcus_down),
        });
        if self.tolerates_damage { Ok(()) } else { Err(DecodeError::Damaged(*damage)) }
    }

    fn read_restart_if_due(&mut self, mcu: u32) -> Result<(), DecodeError> {
        if self.restarts.interval == 0 {
            return Ok(());
        }
        if self.restarts.mcus_left == 0 {
            let number = self.restarts.next_number;
            match self.entropy.read_restart(number) {
                Ok(()) => self.segment = Segment::Sound,
                Err(error) => {
                    let before = self.segment;
                    self.note_fault(error, mcu)?;
                    // The segment that is read next is empty if the marker that was found belongs to a later one.
                    self.segment = if self.entropy.resync(number)? { Segment::Sound } else { before };
                }
            }
            self.restarts.next_number = (number + 1) % 8;
            self.restarts.mcus_left = self.restarts.interval;
            self.components.iter_mut().for_each(|component| component.last_dc = 0);
        }
        self.restarts.mcus_left -= 1;
        Ok(())
    }
}

/// The level of a block whose coefficients are zero.
const GREY: u8 = 128;

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
    fn decode(&mut self, bits: &mut BitReader<'_>, column: usize) {
        let scale = self.transform.scale;
        let side = usize::from(scale.eighths());
        let (blocks_across, blocks_down) = (usize::from(self.across), usize::from(self.down));
        let (rows, stride) = self.plane.last_rows(blocks_down * side);
        for down in 0..blocks_down {
            for across in 0..blocks_across {
                let mut block = Block::default();
                let difference = self.dc_table.read_dc_difference(bits);
                // Wraps in a corrupt file only: a sound one has DCs of 12 bits.
                self.last_dc = self.last_dc.wrapping_add(difference);
                block.0[0] = self.last_dc;
                let last = scale.last_coefficient();
                let index = self.ac_table.read_coefficients(bits, last, &mut block);
                self.skip_table.skip_rest(&self.ac_table, bits, index);
                let at = down * side * stride + (column * blocks_across + across) * side;
                self.transform.write(&block, rows, stride, at);
            }
        }
    }

    /// Makes the component's blocks of an MCU grey.
    fn blank(&mut self, column: usize) {
        let side = usize::from(self.transform.scale.eighths());
        let (blocks_across, blocks_down) = (usize::from(self.across), usize::from(self.down));
        let (rows, stride) = self.plane.last_rows(blocks_down * side);
        for row in rows.chunks_exact_mut(stride) {
            row[column * blocks_across * side..][..blocks_across * side].fill(GREY);
        }
    }

    /// Skips the component's blocks of an MCU. Only their DC is decoded, since the next block's depends on it.
    #[inline(always)]
    fn skip(&mut self, bits: &mut BitReader<'_>) {
        for _ in 0..u16::from(self.down) * u16::from(self.across) {
            let difference = self.dc_table.read_dc_difference(bits);
            self.last_dc = self.last_dc.wrapping_add(difference);
            self.skip_table.skip_rest(&self.ac_table, bits, 0);
        }
    }
}

/// The pixels of a component in a range of MCUs, cut at its edge. `None` if the range has none.
fn side(mcus: &Range<u32>, mcu_pixels: u32, whole: u32) -> Option<u32> {
    whole.min(mcus.end * mcu_pixels).checked_sub(mcus.start * mcu_pixels).filter(|&pixels| pixels > 0)
}
