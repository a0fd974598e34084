//! The source's bytes on their way into a decoder.
//!
//! Decoders tell a broken reader and a broken picture apart as little as they can: every one of
//! them answers to both with an error of its own kind. So the reader's error is kept here, where
//! whoever has to name the culprit finds it.

use std::cell::RefCell;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::{Format, Header, Probe, Rejection, RenderError, probe};

/// A source whose header was read, and which is to be read again from its first byte.
pub(crate) struct Source<R> {
    reader: R,
    /// The bytes between `at` and `end` are still to be handed out.
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    blame: Blame,
}

/// What is read at a time. A header is rarely half as long; and libjpeg takes its fast path as long
/// as there are 3 kB left in the buffer.
const BUFFER_BYTES: usize = 128 * 1024;

impl<R: Read> Source<R> {
    /// Reads as much as it takes to know the header.
    pub(crate) fn open(reader: R) -> Result<(Header, Self), RenderError> {
        let mut source =
            Source { reader, buffer: Vec::new(), at: 0, end: 0, blame: Blame::default() };
        let mut wanted = BUFFER_BYTES;
        loop {
            let is_whole = !source.read_to(wanted).map_err(RenderError::Read)?;
            // Of a stream the length is not known before its end.
            let byte_len = if is_whole { source.end as u64 } else { u64::MAX };
            match probe(&source.buffer[..source.end], byte_len)? {
                // Its orientation stands behind its pixels, and its decoder wants it whole anyway.
                Probe::Header(header) if header.format == Format::Webp && !is_whole => {
                    wanted = wanted.saturating_mul(2);
                }
                Probe::Header(header) => return Ok((header, source)),
                Probe::NeedMore { byte_len } => {
                    wanted = usize::try_from(byte_len).map_err(Rejection::corrupt)?;
                }
            }
        }
    }

    /// All of its bytes.
    pub(crate) fn into_bytes(mut self) -> Result<Vec<u8>, RenderError> {
        self.buffer.truncate(self.end);
        self.buffer.drain(..self.at);
        self.reader.read_to_end(&mut self.buffer).map_err(RenderError::Read)?;
        Ok(self.buffer)
    }

    /// Who is to blame when a decoder of this source fails.
    pub(crate) fn blame(&self) -> Blame {
        self.blame.clone()
    }

    /// Reads on until `wanted` bytes are there, or says that there are not so many.
    fn read_to(&mut self, wanted: usize) -> io::Result<bool> {
        self.buffer.resize(wanted.max(self.buffer.len()), 0);
        while self.end < wanted {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(len) => self.end += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
            // A header may have been longer.
            self.buffer.truncate(BUFFER_BYTES);
            self.buffer.shrink_to(BUFFER_BYTES);
            self.end = loop {
                match self.reader.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.blame.keep(error)),
                    Ok(len) => break len,
                }
            };
        }
        Ok(&self.buffer[self.at..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.end);
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let len = ready.len().min(out.len());
        out[..len].copy_from_slice(&ready[..len]);
        self.consume(len);
        Ok(len)
    }
}

/// A stream goes one way. Some decoders ask for `Seek` and, read in order, never use it.
impl<R> Seek for Source<R> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Where a reader's or writer's error is kept while a codec that can't carry it gives up.
#[derive(Clone, Default)]
pub(crate) struct Blame(Rc<RefCell<Option<io::Error>>>);

impl Blame {
    /// Keeps the error, and gives another to stop the codec with.
    pub(crate) fn keep(&self, error: io::Error) -> io::Error {
        let kind = error.kind();
        self.0.borrow_mut().get_or_insert(error);
        kind.into()
    }

    /// The error kept, if there is one.
    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.borrow_mut().take()
    }

    /// The reader's error where there was one, else the picture's corruption.
    pub(crate) fn reader_or_picture(&self, reason: impl std::fmt::Display) -> RenderError {
        self.reader_or(Rejection::corrupt(reason))
    }

    /// The reader's error where there was one, else what the picture is rejected for.
    pub(crate) fn reader_or(&self, rejection: Rejection) -> RenderError {
        self.take().map_or(RenderError::Rejected(rejection), RenderError::Read)
    }
}
