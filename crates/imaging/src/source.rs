//! The source's bytes on their way into a decoder.
//!
//! Decoders tell a broken reader and a broken picture apart as little as they can: every one of
//! them answers to both with an error of its own kind. So the reader's error is kept here, where
//! whoever has to name the culprit finds it.

use std::cell::RefCell;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::probe::riff;
use crate::{Header, HeaderReader, RenderError};

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
    /// Reads as much as it takes to know the header; a WebP whole.
    pub(crate) fn open(mut reader: R) -> Result<(Header, Self), RenderError> {
        let mut header_reader = HeaderReader::of_stream();
        header_reader.read_to(&mut reader, BUFFER_BYTES as u64).map_err(RenderError::Read)?;
        // libwebp decodes a file as a whole, and a WebP's orientation is stored after its pixels.
        if !header_reader.is_at_end()
            && let Some(len) = riff::file_len(header_reader.bytes())
        {
            header_reader.read_to(&mut reader, len as u64).map_err(RenderError::Read)?;
            header_reader.truncate(len);
        }
        let header = header_reader.read_header(&mut reader)?;
        let buffer = header_reader.into_bytes();
        let end = buffer.len();
        Ok((header, Source { reader, buffer, at: 0, end, blame: Blame::default() }))
    }

    /// All bytes of a source that was read whole to be opened, which a WebP is.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.buffer.truncate(self.end);
        self.buffer.drain(..self.at);
        self.buffer
    }

    /// Who is to blame when a decoder of this source fails.
    pub(crate) fn blame(&self) -> Blame {
        self.blame.clone()
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
            // A header may have been longer.
            self.buffer.resize(BUFFER_BYTES, 0);
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
        self.reader_or(RenderError::corrupt(reason))
    }

    /// The reader's error where there was one, else the decoder's.
    pub(crate) fn reader_or(&self, error: RenderError) -> RenderError {
        self.take().map_or(error, RenderError::Read)
    }
}
