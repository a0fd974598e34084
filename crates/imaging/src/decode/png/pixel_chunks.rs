//! The file as the decoder reads it: the header, and the IDAT chunks that follow each other.
//!
//! - The checksum of each chunk is compared here. If the file ends before it, it is not missed: the pixels decide whether
//!   the picture is whole.
//! - Nothing behind the last IDAT chunk is read: no IEND, no text, no other data.
//! - The decoder gets the data in chunks of other lengths, one for each buffer of the source. So a chunk that the file
//!   cuts is not cut for the decoder, which then decodes as far as there is data.

use std::cell::Cell;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::rc::Rc;

use crc32fast::Hasher;

use super::chunks::{ChunkStart, Chunks};

/// A reader for the decoder, which must not compare checksums.
pub(super) struct PixelChunks<R> {
    chunks: Chunks<R>,
    /// Bytes that come before the next data, from `framing_at` on: the header, and the length and name of a chunk.
    framing: Vec<u8>,
    framing_at: usize,
    /// Data of the file's chunk that was not read.
    unread: u32,
    /// The part of it that was announced to the decoder. The source has it in its buffer.
    announced: u32,
    checksum: Hasher,
    end: Rc<Cell<End>>,
    closing: Rc<Cell<bool>>,
}

/// Why there is no more data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// There may be more.
    NotReached,
    /// Another chunk follows.
    OtherChunk,
    /// The file ends.
    File,
    /// The checksum of a chunk is wrong, so its data may be, too.
    WrongChecksum,
}

impl<R: BufRead> PixelChunks<R> {
    /// Reads `header`, and then the data of `first` and of the IDAT chunks behind it.
    pub(super) fn new(chunks: Chunks<R>, header: Vec<u8>, first: ChunkStart) -> Self {
        let (unread, checksum) = (first.len, first.checksum());
        let end = Rc::new(Cell::new(End::NotReached));
        // Begins with an empty chunk of pixels, so that the decoder finds one even if the file has no data.
        let framing = [&header[..], &framed(0)].concat();
        let closing = Rc::new(Cell::new(false));
        PixelChunks { chunks, framing, framing_at: 0, unread, announced: 0, checksum, end, closing }
    }

    /// Why there is no more data. It changes while this is read.
    pub(super) fn end(&self) -> Rc<Cell<End>> {
        Rc::clone(&self.end)
    }

    /// Set by the decoder's caller after the end was reached: the decoder then gets the end of a sound file. It may hold pixels
    /// back until then, and may drop them if the data are cut.
    pub(super) fn closing(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.closing)
    }

    /// Announces data that the source has in its buffer. Goes on to the next chunk of the file if the current one ends.
    fn announce(&mut self) -> io::Result<()> {
        while self.unread == 0 {
            let end = self.next_chunk()?;
            self.end.set(end);
            if end != End::NotReached {
                return Ok(());
            }
        }
        let ready = self.chunks.source.fill_buf()?.len();
        if ready == 0 {
            self.end.set(End::File);
            return Ok(());
        }
        self.announced = self.unread.min(u32::try_from(ready).unwrap_or(u32::MAX));
        // The chunk before is followed by its checksum, which the decoder does not compare.
        self.framing = [&[0; 4], &framed(self.announced)[..]].concat();
        self.framing_at = 0;
        Ok(())
    }

    /// Compares the checksum, and goes on to the next chunk if it is an IDAT chunk.
    fn next_chunk(&mut self) -> io::Result<End> {
        let Some(checksum) = self.chunks.array()? else { return Ok(End::File) };
        if std::mem::take(&mut self.checksum).finalize() != u32::from_be_bytes(checksum) {
            return Ok(End::WrongChecksum);
        }
        match self.chunks.start()? {
            None => Ok(End::File),
            Some(next) if &next.name == b"IDAT" => {
                (self.unread, self.checksum) = (next.len, next.checksum());
                Ok(End::NotReached)
            }
            Some(_) => Ok(End::OtherChunk),
        }
    }
}

/// The checksum of the last chunk of pixels, and IEND.
const CLOSING: [&[u8]; 3] = [&[0; 8], b"IEND", &[0xAE, 0x42, 0x60, 0x82]];

/// The length and the name of a chunk of pixels.
fn framed(len: u32) -> Vec<u8> {
    [len.to_be_bytes(), *b"IDAT"].concat()
}

impl<R: BufRead> BufRead for PixelChunks<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.framing_at == self.framing.len() && self.announced == 0 && self.end.get() == End::NotReached {
            self.announce()?;
        }
        if self.framing_at == self.framing.len() && self.announced == 0 && self.closing.take() {
            self.framing = CLOSING.concat();
            self.framing_at = 0;
        }
        if self.framing_at < self.framing.len() {
            return Ok(&self.framing[self.framing_at..]);
        }
        if self.announced == 0 {
            return Ok(&[]);
        }
        let ready = self.chunks.source.fill_buf()?;
        Ok(&ready[..ready.len().min(self.announced as usize)])
    }

    fn consume(&mut self, amount: usize) {
        if self.framing_at < self.framing.len() {
            self.framing_at += amount;
            return;
        }
        // The bytes are in the buffer, so this reads nothing.
        if let Ok(ready) = self.chunks.source.fill_buf() {
            self.checksum.update(&ready[..amount.min(ready.len())]);
        }
        self.chunks.source.consume(amount);
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        self.unread = self.unread.saturating_sub(amount);
        self.announced = self.announced.saturating_sub(amount);
    }
}

impl<R: BufRead> Read for PixelChunks<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let len = ready.len().min(out.len());
        out[..len].copy_from_slice(&ready[..len]);
        self.consume(len);
        Ok(len)
    }
}

/// Always fails: a stream cannot seek. The decoder requires `Seek`, but reads in order.
impl<R> Seek for PixelChunks<R> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
