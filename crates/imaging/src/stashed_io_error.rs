//! Keeps an I/O error while a codec reports a failure in its own way.
//!
//! Most codecs cannot distinguish an I/O error from corrupt data: they return the same kind of error for both. The I/O
//! error is kept here, so that the caller of the codec can return it instead.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use crate::RenderError;

/// The first I/O error of a reader or writer. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct StashedIoError(Rc<RefCell<Option<io::Error>>>);

impl StashedIoError {
    /// Keeps the error. Returns another of the same kind, which stops the codec.
    pub(crate) fn stash(&self, error: io::Error) -> io::Error {
        let kind = error.kind();
        self.0.borrow_mut().get_or_insert(error);
        kind.into()
    }

    /// Removes the error, if there is one.
    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.borrow_mut().take()
    }

    /// The reader's error if there was one, otherwise [`Rejection::Corrupt`](crate::Rejection::Corrupt).
    pub(crate) fn read_error_or_corrupt(&self, reason: impl std::fmt::Display) -> RenderError {
        self.read_error_or(RenderError::corrupt(reason))
    }

    /// The reader's error if there was one, otherwise `error`.
    pub(crate) fn read_error_or(&self, error: RenderError) -> RenderError {
        self.take().map_or(error, RenderError::Read)
    }
}
