//! Splits AV1 data into OBUs, the units that a decoder takes (AV1 specification, section 5.3).

/// The kinds of OBUs that matter to a still picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    SequenceHeader,
    TemporalDelimiter,
    /// A frame's header, with or without its pixels.
    FrameStart,
    /// Pixels, or a copy of a header.
    FrameRest,
}

/// One OBU.
pub(super) struct Obu<'a> {
    pub(super) kind: Kind,
    /// With its header.
    pub(super) bytes: &'a [u8],
    /// Without its header.
    pub(super) content: &'a [u8],
}

/// The OBUs of an item, without metadata and padding. The last item is an error if the lengths do not fit.
pub(super) struct Obus<'a>(pub(super) &'a [u8]);

/// The data end within an OBU, or an OBU has no length.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Truncated;

impl<'a> Iterator for Obus<'a> {
    type Item = Result<Obu<'a>, Truncated>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let lengths = obu_lengths(self.0).filter(|&(header, len)| header <= len && len <= self.0.len());
            let Some((header, len)) = lengths else {
                self.0 = &[];
                return Some(Err(Truncated));
            };
            let (bytes, rest) = self.0.split_at(len);
            self.0 = rest;
            let kind = match bytes[0] >> 3 & 0xF {
                1 => Kind::SequenceHeader,
                2 => Kind::TemporalDelimiter,
                3 | 6 => Kind::FrameStart,
                4 | 7 => Kind::FrameRest,
                // Metadata, padding, and numbers without a meaning yet. Decoders must pass over them.
                _ => continue,
            };
            return Some(Ok(Obu { kind, bytes, content: &bytes[header..] }));
        }
        None
    }
}

/// Bytes of the header of the first OBU, and of all of it. The last one of an item may have no length.
fn obu_lengths(bytes: &[u8]) -> Option<(usize, usize)> {
    const HAS_EXTENSION: u8 = 4;
    const HAS_LENGTH: u8 = 2;
    let first = *bytes.first()?;
    let header = if first & HAS_EXTENSION == 0 { 1 } else { 2 };
    if first & HAS_LENGTH == 0 {
        return Some((header, bytes.len()));
    }
    // LEB128: seven bits of each byte, the lowest first, in at most eight bytes.
    let mut len = 0u64;
    for (index, &byte) in bytes.get(header..)?.iter().take(8).enumerate() {
        len |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            let header = header + index + 1;
            return Some((header, usize::try_from(len).ok()?.checked_add(header)?));
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn kinds(bytes: &[u8]) -> Vec<Result<(Kind, usize), Truncated>> {
        Obus(bytes).map(|obu| obu.map(|obu| (obu.kind, obu.bytes.len()))).collect()
    }

    #[test]
    fn obus_are_split_and_metadata_are_left_out() {
        let long = [&[0x32, 0x80, 0x01][..], &[7; 128]].concat();
        let all = [&[0x12, 0][..], &[0x0A, 1, 9], &[0x2A, 2, 0, 0], &[0x26, 0x20, 1, 5], &long].concat();
        let expected = [
            (Kind::TemporalDelimiter, 2),
            (Kind::SequenceHeader, 3),
            (Kind::FrameRest, 4), // with an extension: layer 1
            (Kind::FrameStart, 131),
        ];
        assert_eq!(kinds(&all), expected.map(Ok));
    }

    #[test]
    fn the_last_obu_may_have_no_length() {
        assert_eq!(kinds(&[0x12, 0, 0x30, 1, 2, 3]), [Ok((Kind::TemporalDelimiter, 2)), Ok((Kind::FrameStart, 4))]);
    }

    #[test]
    fn lengths_that_do_not_fit_are_an_error() {
        let cases: [&[u8]; 5] =
            [&[0x0A], &[0x0A, 2, 1], &[0x0A, 0x80], &[0x0A, 255, 255, 255, 255, 255, 255, 255, 255, 0], &[0x04]];
        for bytes in cases {
            assert_eq!(kinds(bytes), [Err(Truncated)], "{bytes:?}");
        }
    }
}
