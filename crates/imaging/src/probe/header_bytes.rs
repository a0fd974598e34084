//! The first bytes of a source. Reading beyond them returns how many bytes are needed.

use std::ops::Range;

use crate::Rejection;

/// Limit on the bytes that are read to know the header.
// The largest EXIF that cameras write has some 100 kB, the largest colour profiles a few MB. Phones put depth maps and
// previews of some MB before the pixels.
pub(super) const MAX_HEADER_BYTES: u64 = 16 * 1024 * 1024;

/// Why a format's reader stopped before the header was complete.
pub(super) enum Stop {
    /// The source's first `byte_len` bytes are needed to go on.
    NeedMore {
        byte_len: u64,
    },
    /// These bytes are needed to go on. They may be anywhere in the source.
    NeedRange(Range<u64>),
    Rejected(Rejection),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Stop::Rejected(rejection)
    }
}

/// The first bytes of a source, and bytes from places further back.
///
/// Offsets are 64-bit and checked, because the lengths in a file can have any value.
pub(super) struct HeaderBytes<'a> {
    pub(super) bytes: &'a [u8],
    /// Bytes that do not follow the first ones.
    pub(super) distant: &'a [DistantBytes],
    pub(super) source_byte_len: u64,
}

/// Bytes from a place further back in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DistantBytes {
    pub(super) at: u64,
    pub(super) bytes: Vec<u8>,
}

impl DistantBytes {
    /// The offset after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }
}

impl<'a> HeaderBytes<'a> {
    /// The first bytes of a source that has, as far as is known, no others.
    pub(super) fn starting_with(bytes: &'a [u8]) -> Self {
        HeaderBytes { bytes, distant: &[], source_byte_len: bytes.len() as u64 }
    }

    /// The `len` bytes from `at` on.
    pub(super) fn get(&self, at: u64, len: u64) -> Result<&'a [u8], Stop> {
        let end = at.saturating_add(len);
        let range = usize::try_from(at).ok().zip(usize::try_from(end).ok());
        range.and_then(|(at, end)| self.bytes.get(at..end)).ok_or(Stop::NeedMore { byte_len: end })
    }

    /// The `len` bytes from `at` on, wherever that is in the source. The bytes between are not read for them.
    ///
    /// For formats whose header may be at the end of the file.
    pub(super) fn get_anywhere(&self, at: u64, len: u64) -> Result<&'a [u8], Stop> {
        let end = at.saturating_add(len);
        if end <= self.bytes.len() as u64 {
            return self.get(at, len);
        }
        let found = self.distant.iter().find(|distant| distant.at <= at && end <= distant.end());
        let Some(found) = found else { return Err(Stop::NeedRange(at..end)) };
        let range = usize::try_from(at - found.at).ok().zip(usize::try_from(end - found.at).ok());
        range.and_then(|(at, end)| found.bytes.get(at..end)).ok_or(Stop::NeedRange(at..end))
    }

    /// The `N` bytes from `at` on, as [`get_anywhere`](Self::get_anywhere).
    pub(super) fn array_anywhere<const N: usize>(&self, at: u64) -> Result<[u8; N], Stop> {
        let mut array = [0; N];
        array.copy_from_slice(self.get_anywhere(at, N as u64)?);
        Ok(array)
    }

    /// The bytes from `at` to `end`, as far as they were given.
    pub(super) fn available(&self, at: u64, end: u64) -> &'a [u8] {
        let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.get(index(at)..index(end)).unwrap_or_default()
    }

    /// The number of bytes given.
    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn u8(&self, at: u64) -> Result<u8, Stop> {
        self.get(at, 1).map(|bytes| bytes[0])
    }

    pub(super) fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Stop> {
        let mut array = [0; N];
        array.copy_from_slice(self.get(at, N as u64)?);
        Ok(array)
    }
}
