//! The rows of one component of a baseline JPEG.

use std::cell::RefCell;
use std::io::BufRead;
use std::rc::Rc;

use baseline_jpeg::Decoder;

use crate::catch_panic::catch_panic_as;
use crate::raster::{Channels, PixelFormat, Rows};
use crate::stashed_io_error::StashedIoError;
use crate::{RenderError, Size};

/// The rows of one component. The rows of all components share the decoder: each decodes further for all of them.
pub(super) struct PlaneRows<B> {
    decoder: Rc<RefCell<Decoder<B>>>, // one thread reads all components in turn
    component: usize,
    size: Size,
    stashed_error: StashedIoError,
}

impl<B: BufRead> PlaneRows<B> {
    pub(super) fn new(decoder: &Rc<RefCell<Decoder<B>>>, component: usize, stashed_error: StashedIoError) -> Self {
        let baseline_jpeg::Size { width, height } = decoder.borrow().size(component);
        let size = Size::new(width, height);
        PlaneRows { decoder: Rc::clone(decoder), component, size, stashed_error }
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
            let decoded = self.decoder.borrow_mut().read_rows(self.component, out);
            decoded.map_err(|error| self.stashed_error.read_error_or_corrupt(error))
        })
    }
}

/// Runs a part of our own decoder. A panic in it becomes [`RenderError::JpegDecoderPanicked`].
pub(super) fn panic_to_error<T>(work: impl FnOnce() -> Result<T, RenderError>) -> Result<T, RenderError> {
    catch_panic_as(|| RenderError::JpegDecoderPanicked, work)
}
