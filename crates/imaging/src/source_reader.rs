//! The reader that decoders read a source from.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::damage::DamageLog;
use crate::probe::{file_end, riff};
use crate::stashed_io_error::StashedIoError;
use crate::{DamagePolicy, Header, HeaderReader, RenderError};

/// A source whose header was read. It is read from its first byte again.
pub(crate) struct SourceReader<R> {
    reader: R,
    /// The bytes from `at` to `end` are the next ones to read.
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    /// Bytes of the source before the buffer.
    buffer_offset: u64,
    stashed_error: StashedIoError,
    damage: DamageLog,
}

/// Bytes that are read at a time.
// A header is rarely half as long. libjpeg decodes on its fast path while the buffer has 3 kB left.
const BUFFER_BYTES: usize = 128 * 1024;

impl<R: Read> SourceReader<R> {
    /// Reads the header; of a WebP, a TIFF or an icon, all that is needed of the file.
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
        while !header_reader.is_at_end()
            && let Some(end) = file_end(header.format, header_reader.bytes())
            && end > header_reader.bytes().len() as u64
        {
            header_reader.read_to(&mut reader, end).map_err(RenderError::Read)?;
        }
        let buffer = header_reader.into_bytes();
        let end = buffer.len();
        let (stashed_error, damage) = Default::default();
        Ok((header, SourceReader { reader, buffer, at: 0, end, buffer_offset: 0, stashed_error, damage }))
    }

    /// Decides what happens if the source is damaged. By default, it is rejected.
    pub(crate) fn with_damage_policy(self, policy: DamagePolicy) -> Self {
        let damage = DamageLog::new(policy, self.stashed_error.clone());
        SourceReader { damage, ..self }
    }

    /// Where a decoder reports damage.
    pub(crate) fn damage(&self) -> DamageLog {
        self.damage.clone()
    }

    /// The offset of the next byte. Decoders read ahead, so that the byte they look at may come earlier.
    pub(crate) fn offset(&self) -> u64 {
        self.buffer_offset + self.at as u64
    }

    /// Skips bytes.
    pub(crate) fn skip(&mut self, byte_len: u64) -> io::Result<()> {
        io::copy(&mut self.by_ref().take(byte_len), &mut io::sink()).map(|_| ())
    }

    /// All bytes of a file that was read whole.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.buffer.truncate(self.end);
        self.buffer.drain(..self.at);
        self.buffer
    }

    /// The bytes that were read for the header, of a source that is still at its first byte.
    pub(crate) fn header_bytes(&self) -> &[u8] {
        &self.buffer[self.at..self.end]
    }

    /// The place where the reader's error is kept. If a decoder fails, the cause may be there.
    pub(crate) fn stashed_error(&self) -> StashedIoError {
        self.stashed_error.clone()
    }
}

impl<R: Read + Default> SourceReader<R> {
    /// A source that is in memory as a whole.
    pub(crate) fn in_memory(buffer: Vec<u8>) -> Self {
        let end = buffer.len();
        let (stashed_error, damage) = Default::default();
        SourceReader { reader: R::default(), buffer, at: 0, end, buffer_offset: 0, stashed_error, damage }
    }
}

impl<R: Read> BufRead for SourceReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            self.buffer_offset += self.end as u64;
            (self.at, self.end) = (0, 0);
            // The header may have taken a longer buffer.
            self.buffer.resize(BUFFER_BYTES, 0);
            self.buffer.shrink_to(BUFFER_BYTES);
            self.end = loop {
                match self.reader.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.stashed_error.stash(error)),
                    Ok(0) => {
                        self.damage.note_file_len(self.buffer_offset);
                        break 0;
                    }
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

impl<R: Read> Read for SourceReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let len = ready.len().min(out.len());
        out[..len].copy_from_slice(&ready[..len]);
        self.consume(len);
        Ok(len)
    }
}

/// Always fails: a stream cannot seek. Some decoders require `Seek`, but do not use it when they read in order.
impl<R> Seek for SourceReader<R> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
