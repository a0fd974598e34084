//! The rows of a strip or tile, unpacked.

use std::io;
use std::ops::Range;

use super::packed::PackedBytes;
use super::{fax, jpeg};
use crate::RenderError;
use crate::probe::{TiffCompression, TiffLayout};

/// Reads the rows of a strip or tile.
pub(super) struct ChunkRows {
    bytes: Unpacker,
    differences: Option<Differences>,
}

enum Unpacker {
    /// A codec that unpacks byte by byte.
    Packed(PackedBytes),
    /// All bytes, and where the next row begins.
    Unpacked(Vec<u8>, usize),
}

/// Samples that are stored as differences to the sample before.
struct Differences {
    samples: usize,
    sample_len: usize,
    is_big_endian: bool,
}

impl ChunkRows {
    /// Opens the chunk with this number, of which `rows` are needed.
    pub(super) fn open(layout: &TiffLayout, file: &[u8], index: u64, rows: u32) -> Result<Self, RenderError> {
        let missing = || RenderError::corrupt("a strip or tile is beyond the file");
        let range = layout.chunk_range(file, index).ok_or_else(missing)?;
        let start = usize::try_from(range.start).ok().filter(|&start| start < file.len()).ok_or_else(missing)?;
        let end = usize::try_from(range.end).map_or(file.len(), |end| end.min(file.len()));
        let stored = Range { start, end: end.max(start) };
        let bytes = match layout.compression {
            TiffCompression::Jpeg => Unpacker::Unpacked(jpeg::decode(layout, file, &file[stored], rows)?, 0),
            TiffCompression::Fax3 | TiffCompression::Fax4 => {
                Unpacker::Unpacked(fax::decode(layout, &file[stored], rows)?, 0)
            }
            compression => Unpacker::Packed(PackedBytes::new(compression, stored, layout.is_low_bit_first)),
        };
        let differences = layout.has_differences.then(|| Differences {
            samples: layout.samples_in_chunk().into(),
            sample_len: usize::from(layout.bits / 8),
            is_big_endian: layout.numbers.is_big_endian,
        });
        Ok(ChunkRows { bytes, differences })
    }

    /// Reads the next row.
    pub(super) fn read_row(&mut self, file: &[u8], row: &mut [u8]) -> io::Result<()> {
        match &mut self.bytes {
            Unpacker::Packed(bytes) => bytes.read_exact(file, row)?,
            Unpacker::Unpacked(bytes, at) => {
                let stored = bytes.get(*at..*at + row.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
                row.copy_from_slice(stored);
                *at += row.len();
            }
        }
        if let Some(differences) = &self.differences {
            differences.add_up(row);
        }
        Ok(())
    }
}

impl Differences {
    fn add_up(&self, row: &mut [u8]) {
        match self.sample_len {
            1 => {
                for at in self.samples..row.len() {
                    row[at] = row[at].wrapping_add(row[at - self.samples]);
                }
            }
            2 => self.add_numbers::<2>(row),
            _ => self.add_numbers::<4>(row),
        }
    }

    fn add_numbers<const N: usize>(&self, row: &mut [u8]) {
        let numbers = row.as_chunks_mut::<N>().0;
        for at in self.samples..numbers.len() {
            let before = self.number(numbers[at - self.samples]);
            let sum = before.wrapping_add(self.number(numbers[at])).to_le_bytes();
            numbers[at].copy_from_slice(&sum[..N]);
            if self.is_big_endian {
                numbers[at].reverse();
            }
        }
    }

    fn number<const N: usize>(&self, bytes: [u8; N]) -> u32 {
        let next = |number, byte| number << 8 | u32::from(byte);
        if self.is_big_endian { bytes.into_iter().fold(0, next) } else { bytes.into_iter().rev().fold(0, next) }
    }
}
