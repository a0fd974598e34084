//! The chunks of a PNG, one after the other: length, name, data, checksum.

use std::io::{self, BufRead, Read};

use crc32fast::Hasher;

/// The name of a chunk. Bit 5 of the first letter says that a reader may ignore the chunk.
pub(super) type Name = [u8; 4];

/// Reads chunks from a source. Bytes behind the end of the file are missing, which is no error of the source.
pub(super) struct Chunks<R> {
    pub(super) source: R,
}

/// A chunk whose data comes next.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChunkStart {
    pub(super) len: u32,
    pub(super) name: Name,
}

/// A chunk's data, and whether the checksum is right.
pub(super) enum ChunkData {
    Sound(Vec<u8>),
    WrongChecksum,
}

impl ChunkStart {
    /// Whether a reader that does not know the chunk must give up.
    pub(super) fn is_critical(self) -> bool {
        self.name[0] & 0x20 == 0
    }

    /// The checksum over the name. The data follows.
    pub(super) fn checksum(self) -> Hasher {
        let mut checksum = Hasher::new();
        checksum.update(&self.name);
        checksum
    }
}

impl<R: BufRead> Chunks<R> {
    /// The next chunk, or `None` at the end of the file.
    pub(super) fn start(&mut self) -> io::Result<Option<ChunkStart>> {
        let Some([l0, l1, l2, l3, name @ ..]) = self.array::<8>()? else { return Ok(None) };
        Ok(Some(ChunkStart { len: u32::from_be_bytes([l0, l1, l2, l3]), name }))
    }

    /// The data of a chunk. Returns `None` if the file ends within it.
    ///
    /// A false length reserves no memory: bytes are kept as they arrive. The caller checks the length first.
    pub(super) fn data(&mut self, chunk: ChunkStart) -> io::Result<Option<ChunkData>> {
        let mut data = Vec::new();
        self.source.by_ref().take(chunk.len.into()).read_to_end(&mut data)?;
        let Some(checksum) = self.array()?.filter(|_| data.len() == chunk.len as usize) else { return Ok(None) };
        let mut expected = chunk.checksum();
        expected.update(&data);
        let is_sound = expected.finalize() == u32::from_be_bytes(checksum);
        Ok(Some(if is_sound { ChunkData::Sound(data) } else { ChunkData::WrongChecksum }))
    }

    /// Passes over the data of a chunk, and its checksum.
    pub(super) fn skip(&mut self, chunk: ChunkStart) -> io::Result<()> {
        const CHECKSUM_LEN: u64 = 4;
        io::copy(&mut self.source.by_ref().take(u64::from(chunk.len) + CHECKSUM_LEN), &mut io::sink())?;
        Ok(())
    }

    /// The next `N` bytes. Returns `None` if the file ends before.
    pub(super) fn array<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut array = [0; N];
        match self.source.read_exact(&mut array) {
            Ok(()) => Ok(Some(array)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A chunk with its length and checksum.
pub(super) fn chunk(name: Name, data: &[u8]) -> Vec<u8> {
    let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut checksum = ChunkStart { len, name }.checksum();
    checksum.update(data);
    [&len.to_be_bytes()[..], &name, data, &checksum.finalize().to_be_bytes()].concat()
}
