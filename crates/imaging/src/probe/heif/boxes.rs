//! The boxes of ISO base media files (ISO/IEC 14496-12): a length, a name of four letters, and content.

use std::ops::Range;

use super::corrupt;
use crate::Rejection;
use crate::probe::header_bytes::{HeaderBytes, Stop};

/// The name of a box, an item or a property.
pub(super) type Name = [u8; 4];

/// A name as text for messages. Bytes that are not printable ASCII become `?`.
pub(super) fn text(name: Name) -> String {
    name.iter().map(|&byte| if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '?' }).collect()
}

/// A box of the file that lies in no other box.
pub(super) struct TopBox {
    pub(super) name: Name,
    /// Where its content lies in the file. The end is [`u64::MAX`] if the box reaches to the end of the file.
    pub(super) content: Range<u64>,
}

impl TopBox {
    /// Reads the header of the box that begins at `at`.
    pub(super) fn read(bytes: &HeaderBytes<'_>, at: u64) -> Result<Self, Stop> {
        let [s0, s1, s2, s3, name @ ..] = bytes.array_anywhere::<8>(at)?;
        let (header_len, len) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            0 => return Ok(TopBox { name, content: at + 8..u64::MAX }),
            1 => (16, u64::from_be_bytes(bytes.array_anywhere(at.saturating_add(8))?)),
            len => (8, u64::from(len)),
        };
        if len < header_len {
            return Err(corrupt("a box is shorter than its own header").into());
        }
        let end = at.checked_add(len).ok_or_else(|| corrupt("a box ends behind the largest offset"))?;
        Ok(TopBox { name, content: at + header_len..end })
    }
}

/// Reads fields of a box, in order. All numbers are big-endian.
#[derive(Clone)]
pub(super) struct Fields<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        Fields { rest: content }
    }

    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Rejection> {
        let (bytes, rest) =
            self.rest.split_at_checked(len).ok_or_else(|| corrupt("a box is shorter than its content"))?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Rejection> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    pub(super) fn name(&mut self) -> Result<Name, Rejection> {
        self.array()
    }

    pub(super) fn u8(&mut self) -> Result<u8, Rejection> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Rejection> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Rejection> {
        self.array().map(u32::from_be_bytes)
    }

    /// A number of 16 bits, or of 32 if the field is a wide one.
    pub(super) fn u16_or_u32(&mut self, is_wide: bool) -> Result<u32, Rejection> {
        if is_wide { self.u32() } else { self.u16().map(u32::from) }
    }

    /// A number of 0 to 8 bytes. Without bytes, it is 0.
    pub(super) fn number(&mut self, len: u8) -> Result<u64, Rejection> {
        if len > 8 {
            return Err(corrupt("a number has more than 64 bits"));
        }
        Ok(self.bytes(len.into())?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// The version and the flags of a full box.
    pub(super) fn version_and_flags(&mut self) -> Result<(u8, u32), Rejection> {
        let [version, flags @ ..] = self.array::<4>()?;
        Ok((version, u32::from_be_bytes([0, flags[0], flags[1], flags[2]])))
    }
}

/// The boxes within a box, in order, as name and content.
pub(super) struct Boxes<'a> {
    /// The boxes that were not returned yet.
    pub(super) rest: &'a [u8],
}

impl<'a> Boxes<'a> {
    pub(super) fn within(content: &'a [u8]) -> Self {
        Boxes { rest: content }
    }

    fn read(&mut self) -> Result<(Name, &'a [u8]), Rejection> {
        let mut fields = Fields::new(self.rest);
        let (short, name) = (fields.u32()?, fields.name()?);
        let len = match short {
            0 => self.rest.len() as u64,
            1 => fields.number(8)?,
            len => len.into(),
        };
        let header_len = (self.rest.len() - fields.rest.len()) as u64;
        let content_len = len.checked_sub(header_len).and_then(|len| usize::try_from(len).ok());
        let content_len = content_len.ok_or_else(|| corrupt("a box is shorter than its own header"))?;
        let content = fields.bytes(content_len)?;
        self.rest = fields.rest;
        Ok((name, content))
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Result<(Name, &'a [u8]), Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.rest = &[];
        }
        Some(read)
    }
}
