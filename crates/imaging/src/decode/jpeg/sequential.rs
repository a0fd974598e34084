//! Baseline JPEG, which most pictures are: its entropy decoding is ours, because it knows what the
//! rendition will be made of. Coefficients that no pixel needs are passed over several at a time,
//! and so are all of those outside the crop.
//!
//! Luma and chroma stay apart, each at a scale of its own, so that neither upsampling nor colour
//! conversion is ever done on the large picture. Scans that are not interleaved, progressive
//! pictures and all that is odd are libjpeg's.

use std::cell::RefCell;
use std::io::{self, BufRead};
use std::ops::Range;
use std::rc::Rc;

use super::entropy::{BadCode, Bits, EntropyCoded};
use super::head::Head;
use super::huffman::{Code, Runs, Table};
use super::idct::{Scale, idct};
use super::plane::Plane;
use crate::Size;
use crate::ffi::libjpeg::Block;

/// A picture of which rows of MCUs are decoded one after the other.
pub(super) struct Sequential<B> {
    entropy: EntropyCoded<B>,
    components: Vec<Component>,
    mcus: Mcus,
    next_row: u32,
    restarts: Restarts,
}

/// MCUs are the smallest interleaved units: of each component, as many blocks as cover the same
/// part of the picture.
#[derive(Debug, Clone)]
pub(super) struct Mcus {
    pub(super) across: u32,
    /// Those that anything is made of.
    pub(super) columns: Range<u32>,
    pub(super) rows: Range<u32>,
}

/// One of a picture's colours.
pub(super) struct Component {
    /// Blocks in an MCU.
    across: u8,
    down: u8,
    scale: Scale,
    steps: Block,
    dc: Table,
    ac: Table,
    runs: Runs,
    /// The DC of the block before.
    prediction: i16,
    pub(super) plane: Plane,
}

struct Restarts {
    /// MCUs from one to the next; 0 if there are none.
    interval: u16,
    left: u16,
    next_number: u8,
}

impl<B: BufRead> Sequential<B> {
    pub(super) fn new(source: B, head: &Head, components: Vec<Component>, mcus: Mcus) -> Self {
        let interval = head.restart_interval;
        let restarts = Restarts { interval, left: interval, next_number: 0 };
        let entropy = EntropyCoded::new(source);
        Sequential { entropy, components, mcus, next_row: 0, restarts }
    }

    pub(super) fn plane(&mut self, component: usize) -> &mut Plane {
        &mut self.components[component].plane
    }

    /// Decodes rows of MCUs up to and including the next one that is wanted. Does not read past the last MCU: the picture
    /// is complete with it, even if the EOI marker is missing or other data follows.
    pub(super) fn decode_row(&mut self) -> io::Result<()> {
        while self.next_row < self.mcus.rows.start {
            self.mcu_row(0..0)?;
        }
        let columns = self.mcus.columns.clone();
        for component in &mut self.components {
            let (_, rows) = component.mcu_pixels();
            component.plane.grow(rows as usize);
        }
        self.mcu_row(columns)
    }

    fn mcu_row(&mut self, wanted: Range<u32>) -> io::Result<()> {
        for mcu in 0..self.mcus.across {
            self.restart_if_due()?;
            let components = &mut self.components;
            if wanted.contains(&mcu) {
                let column = (mcu - wanted.start) as usize;
                self.entropy.mcu(|bits| {
                    components.iter_mut().try_for_each(|component| component.mcu(bits, column))
                })?;
            } else {
                self.entropy.mcu(|bits| {
                    components.iter_mut().try_for_each(|component| component.pass_mcu(bits))
                })?;
            }
        }
        self.next_row += 1;
        Ok(())
    }

    fn restart_if_due(&mut self) -> io::Result<()> {
        let restarts = &mut self.restarts;
        if restarts.interval == 0 {
            return Ok(());
        }
        if restarts.left == 0 {
            self.entropy.restart(restarts.next_number)?;
            restarts.next_number = (restarts.next_number + 1) % 8;
            restarts.left = restarts.interval;
            self.components.iter_mut().for_each(|component| component.prediction = 0);
        }
        restarts.left -= 1;
        Ok(())
    }
}

impl Component {
    /// A component of the frame, `whole` px at its scale. `None` if a table is missing or no good.
    pub(super) fn of(head: &Head, place: usize, scale: Scale, whole: Size) -> Option<Self> {
        let component = head.frame.as_ref()?.components.get(place)?;
        let &(id, dc, ac) = head.scan.as_ref()?.components.get(place)?;
        let steps = head.quantisation.get(usize::from(component.quantisation))?.clone()?;
        let code = |codes: &[Option<Code>; 4], number: u8| {
            codes.get(usize::from(number))?.as_ref().and_then(Table::of)
        };
        let dc = code(&head.dc, dc).filter(Table::is_of_differences)?;
        let ac = code(&head.ac, ac)?;
        (id == component.id).then(|| Component {
            across: component.across,
            down: component.down,
            scale,
            steps,
            dc,
            runs: Runs::of(&ac),
            ac,
            prediction: 0,
            plane: Plane::of(whole, whole.width as usize),
        })
    }

    /// Makes the plane one of those MCUs only. What is returned is how many pixels are left out left
    /// of them and above.
    pub(super) fn cut(&mut self, mcus: &Mcus) -> (u32, u32) {
        let (across, down) = self.mcu_pixels();
        let (left, top) = (mcus.columns.start * across, mcus.rows.start * down);
        let Size { width, height } = self.plane.size;
        let size = Size::new(
            width.min(mcus.columns.end * across) - left,
            height.min(mcus.rows.end * down) - top,
        );
        self.plane = Plane::of(size, mcus.columns.len() * across as usize);
        (left, top)
    }

    /// Pixels of an MCU along each axis.
    pub(super) fn mcu_pixels(&self) -> (u32, u32) {
        let side = u32::from(self.scale.eighths());
        (u32::from(self.across) * side, u32::from(self.down) * side)
    }

    #[inline(always)]
    fn mcu(&mut self, bits: &mut Bits<'_>, column: usize) -> Result<(), BadCode> {
        let side = usize::from(self.scale.eighths());
        let (blocks_across, blocks_down) = (usize::from(self.across), usize::from(self.down));
        let (rows, stride) = self.plane.last_rows(blocks_down * side);
        let (table, runs) = (&self.ac, &self.runs);
        let last = self.scale.last_coefficient();
        for down in 0..blocks_down {
            for across in 0..blocks_across {
                let mut block = Block::default();
                let difference = self.dc.difference(bits)?;
                self.prediction = self.prediction.wrapping_add(difference);
                block.0[0] = self.prediction;
                let at = table.coefficients(bits, last, &mut block)?;
                runs.pass_rest(table, bits, at)?;
                let at = down * side * stride + (column * blocks_across + across) * side;
                idct(self.scale, &self.steps, &block, rows, stride, at);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn pass_mcu(&mut self, bits: &mut Bits<'_>) -> Result<(), BadCode> {
        let (table, runs) = (&self.ac, &self.runs);
        for _ in 0..u16::from(self.down) * u16::from(self.across) {
            let difference = self.dc.difference(bits)?;
            self.prediction = self.prediction.wrapping_add(difference);
            runs.pass_rest(table, bits, 0)?;
        }
        Ok(())
    }
}

/// Shared by the planes, each of which decodes on for all of them.
pub(super) type Shared<B> = Rc<RefCell<Sequential<B>>>;
