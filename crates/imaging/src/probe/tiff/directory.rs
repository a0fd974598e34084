//! The first directory of a TIFF: tags and their values, in both byte orders and both sizes of offsets (BigTIFF).

use crate::Rejection;
use crate::probe::header_bytes::{HeaderBytes, Stop};

/// The byte order of a file, and the size of its offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TiffNumbers {
    pub(crate) is_big_endian: bool,
    is_big_tiff: bool,
}

/// Where the values of a tag are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TiffValues {
    pub(crate) at: u64,
    pub(crate) count: u64,
    pub(crate) value_len: u64,
}

/// The entries of a directory.
pub(super) struct Directory<'a> {
    header_bytes: &'a HeaderBytes<'a>,
    pub(super) numbers: TiffNumbers,
    entries_at: u64,
    entry_count: u64,
}

/// Limit on the entries of a directory. The offsets of a TIFF that is no BigTIFF allow no more.
const MAX_ENTRIES: u64 = 65_535;

impl<'a> Directory<'a> {
    /// The first directory.
    pub(super) fn first(header_bytes: &'a HeaderBytes<'a>) -> Result<Self, Stop> {
        let is_big_endian = header_bytes.u8(0)? == b'M';
        let [low, high] = header_bytes.array(2)?;
        let is_big_tiff = low.max(high) == b'+';
        let numbers = TiffNumbers { is_big_endian, is_big_tiff };
        let at =
            if is_big_tiff { numbers.read(header_bytes.get(8, 8)?) } else { numbers.read(header_bytes.get(4, 4)?) };
        Directory::at(header_bytes, numbers, at)
    }

    pub(super) fn at(header_bytes: &'a HeaderBytes<'a>, numbers: TiffNumbers, at: u64) -> Result<Self, Stop> {
        let count_len = if numbers.is_big_tiff { 8 } else { 2 };
        let entry_count = numbers.read(header_bytes.get_anywhere(at, count_len)?);
        if !(1..=MAX_ENTRIES).contains(&entry_count) {
            let reason = format!("its directory has {entry_count} entries, which must be 1 to {MAX_ENTRIES}");
            return Err(Rejection::corrupt(reason).into());
        }
        let directory = Directory { header_bytes, numbers, entries_at: at.saturating_add(count_len), entry_count };
        header_bytes.get_anywhere(directory.entries_at, entry_count * directory.entry_len())?;
        Ok(directory)
    }

    fn entry_len(&self) -> u64 {
        if self.numbers.is_big_tiff { 20 } else { 12 }
    }

    /// The values of a tag. `None` if the tag is missing, or if its values have a type that has no number.
    pub(super) fn find(&self, tag: u16) -> Result<Option<TiffValues>, Stop> {
        let entries = self.header_bytes.get_anywhere(self.entries_at, self.entry_count * self.entry_len())?;
        let entry_len = if self.numbers.is_big_tiff { 20 } else { 12 };
        let found = entries.chunks_exact(entry_len).position(|entry| self.numbers.read(&entry[..2]) == u64::from(tag));
        let Some(index) = found else { return Ok(None) };
        let entry = &entries[index * entry_len..][..entry_len];
        let value_len = match self.numbers.read(&entry[2..4]) {
            // Bytes, text and undefined bytes.
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return Ok(None),
        };
        let (count, within) = entry[4..].split_at((entry_len - 4) / 2);
        let count = self.numbers.read(count);
        let at = if count.saturating_mul(value_len) <= within.len() as u64 {
            self.entries_at + ((index + 1) * entry_len - within.len()) as u64
        } else {
            self.numbers.read(within)
        };
        Ok(Some(TiffValues { at, count, value_len }))
    }

    /// The first value of a tag.
    pub(super) fn number(&self, tag: u16) -> Result<Option<u64>, Stop> {
        match self.find(tag)? {
            Some(values) if values.count > 0 => self.value(values, 0).map(Some),
            _ => Ok(None),
        }
    }

    /// A value of a tag.
    pub(super) fn value(&self, values: TiffValues, index: u64) -> Result<u64, Stop> {
        let at = values.at.saturating_add(index.saturating_mul(values.value_len));
        Ok(self.numbers.read(self.header_bytes.get_anywhere(at, values.value_len)?))
    }

    /// The first bytes of a tag's values, at most `len`.
    pub(super) fn bytes(&self, values: TiffValues, len: u64) -> Result<&'a [u8], Stop> {
        self.header_bytes.get_anywhere(values.at, values.count.saturating_mul(values.value_len).min(len))
    }
}

impl TiffNumbers {
    /// The number in 1 to 8 bytes.
    pub(crate) fn read(self, bytes: &[u8]) -> u64 {
        let next = |number, &byte: &u8| number << 8 | u64::from(byte);
        if self.is_big_endian { bytes.iter().fold(0, next) } else { bytes.iter().rev().fold(0, next) }
    }
}

impl TiffValues {
    /// A value, in a file that is in memory.
    pub(crate) fn get(self, file: &[u8], numbers: TiffNumbers, index: u64) -> Option<u64> {
        let start = self.at.checked_add(index.checked_mul(self.value_len)?)?;
        let end = start.checked_add(self.value_len)?;
        let bytes = file.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)?;
        (index < self.count).then(|| numbers.read(bytes))
    }

    /// All bytes, in a file that is in memory.
    pub(crate) fn bytes_in(self, file: &[u8]) -> Option<&[u8]> {
        let end = self.at.checked_add(self.count.checked_mul(self.value_len)?)?;
        file.get(usize::try_from(self.at).ok()?..usize::try_from(end).ok()?)
    }
}
