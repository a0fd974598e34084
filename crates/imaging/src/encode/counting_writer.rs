//! A writer that counts bytes and keeps the error of the writer below it.

use std::io::{self, Write};

use crate::RenderError;
use crate::stashed_io_error::StashedIoError;

/// Counts the bytes written. Keeps the writer's error, because encoders replace it by an error of their own.
pub(super) struct CountingWriter<W> {
    out: W,
    byte_len: u64,
    write_error: StashedIoError,
}

impl<W> CountingWriter<W> {
    pub(super) fn new(out: W) -> Self {
        CountingWriter { out, byte_len: 0, write_error: StashedIoError::default() }
    }

    /// Bytes written until now.
    pub(super) fn byte_len(&self) -> u64 {
        self.byte_len
    }

    /// The writer's error if there was one, otherwise the encoder's error.
    pub(super) fn error(&self, step: &'static str, reason: impl std::fmt::Display) -> RenderError {
        self.write_error.take().map_or_else(|| RenderError::encode(step, reason), RenderError::Write)
    }
}

impl<W: Write> Write for CountingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes).map_err(|error| match error.kind() {
            // The caller tries again.
            io::ErrorKind::Interrupted => error,
            _ => self.write_error.stash(error),
        })?;
        self.byte_len += len as u64;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().map_err(|error| self.write_error.stash(error))
    }
}
