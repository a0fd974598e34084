//! The rows of one component of a baseline JPEG.

use std::cell::RefCell;
use std::io::BufRead;
use std::rc::Rc;

use baseline_jpeg::{DecodeError, Decoder, ScanDamage, ScanFault};

use crate::catch_panic::catch_panic_as;
use crate::damage::DamageLog;
use crate::raster::{Channels, PixelFormat, Rows};
use crate::{Corruption, RenderError, Size};

/// The rows of one component. The rows of all components share the decoder: each decodes further for all of them.
pub(super) struct PlaneRows<B> {
    decoder: Rc<RefCell<Decoder<B>>>, // one thread reads all components in turn
    component: usize,
    size: Size,
    /// The offset of the scan's data in the file.
    scan_offset: u64,
    log: DamageLog,
}

impl<B: BufRead> PlaneRows<B> {
    pub(super) fn new(decoder: &Rc<RefCell<Decoder<B>>>, component: usize, scan_offset: u64, log: DamageLog) -> Self {
        let baseline_jpeg::Size { width, height } = decoder.borrow().size(component);
        let size = Size::new(width, height);
        PlaneRows { decoder: Rc::clone(decoder), component, size, scan_offset, log }
    }
}

impl<B: BufRead> Rows for PlaneRows<B> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        Channels::Grey.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        panic_to_error(|| {
            let mut decoder = self.decoder.borrow_mut();
            match decoder.read_rows(self.component, out) {
                Ok(()) => decoder.damage().map_or(Ok(()), |damage| self.report(damage)),
                Err(DecodeError::Damaged(damage)) => self.report(damage),
                Err(DecodeError::Read(error)) => Err(RenderError::Read(self.log.take_read_error().unwrap_or(error))),
            }
        })
    }
}

impl<B> PlaneRows<B> {
    /// Rejects the picture, or notes its damage.
    fn report(&self, damage: ScanDamage) -> Result<(), RenderError> {
        let ScanDamage { fault, offset, mcus_before, mcus_missing, mcus } = damage;
        let corruption = match fault {
            ScanFault::Truncated => self.log.file_ends(),
            _ => Corruption::new(fault).near_byte(self.scan_offset + offset),
        };
        // Without a restart marker behind the fault, all MCUs after it are missing.
        let decoded = if self.log.renders_damaged() { mcus.saturating_sub(mcus_missing) } else { mcus_before };
        self.log.accept(corruption.after(if mcus_before == 0 { 0 } else { decoded }, mcus))
    }
}

/// Runs a part of our own decoder. A panic in it becomes [`RenderError::JpegDecoderPanicked`].
pub(super) fn panic_to_error<T>(work: impl FnOnce() -> Result<T, RenderError>) -> Result<T, RenderError> {
    catch_panic_as(|| RenderError::JpegDecoderPanicked, work)
}
