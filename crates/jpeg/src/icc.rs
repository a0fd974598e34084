//! The ICC profile of a JPEG, which is split into APP2 segments of up to 64 kB (ICC.1:2022, annex B.4).

/// The first bytes of each APP2 segment that holds a part of a profile.
pub const TAG: &[u8] = b"ICC_PROFILE\0";

/// Joins the parts of a profile, given the bodies of the APP2 segments. Segments with other content are skipped. `None`
/// if there is no profile, if a part is missing or is there twice, or if the parts disagree on their number.
///
/// ```
/// let segments: [&[u8]; 2] = [b"ICC_PROFILE\0\x02\x02 end", b"ICC_PROFILE\0\x01\x02start"];
/// assert_eq!(baseline_jpeg::icc::assemble(segments).as_deref(), Some(&b"start end"[..]));
/// ```
pub fn assemble<'a>(segments: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut parts: Vec<Option<&[u8]>> = Vec::new();
    for segment in segments.into_iter().filter_map(|segment| segment.strip_prefix(TAG)) {
        let (&[number, count], part) = segment.split_first_chunk()?;
        if parts.is_empty() {
            parts = vec![None; count.into()];
        }
        let slot = parts.get_mut(usize::from(number).checked_sub(1)?)?;
        if slot.replace(part).is_some() || usize::from(count) != parts.len() {
            return None;
        }
    }
    let parts: Vec<&[u8]> = parts.into_iter().collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number, count, bytes.
    type Part<'a> = (u8, u8, &'a [u8]);

    fn assembled(parts: &[Part<'_>]) -> Option<Vec<u8>> {
        let segments: Vec<Vec<u8>> =
            parts.iter().map(|&(number, count, part)| [TAG, &[number, count], part].concat()).collect();
        assemble(segments.iter().map(Vec::as_slice))
    }

    #[test]
    fn only_a_complete_set_of_parts_is_joined() {
        let cases: [(&[Part<'_>], Option<&[u8]>); 8] = [
            (&[], None),
            (&[(1, 1, b"whole")], Some(b"whole")),
            (&[(2, 2, b"B"), (1, 2, b"A")], Some(b"AB")),
            (&[(1, 2, b"A")], None),
            (&[(1, 1, b"A"), (1, 1, b"B")], None),
            (&[(1, 2, b"A"), (2, 3, b"B")], None),
            (&[(0, 1, b"A")], None),
            (&[(1, 0, b"A")], None),
        ];
        for (parts, whole) in cases {
            assert_eq!(assembled(parts).as_deref(), whole, "{parts:?}");
        }
    }

    #[test]
    fn other_segments_are_skipped() {
        let others: [&[u8]; 3] = [b"MPF\0", b"", b"ICC_PROFILE\0\x01\x01profile"];
        assert_eq!(assemble(others).as_deref(), Some(b"profile".as_slice()));
        assert_eq!(assemble([b"ICC_PROFILE\0\x01".as_slice()]), None);
    }
}
