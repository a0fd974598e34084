//! The colour properties of an item (`colr`).

use super::meta::Item;
use crate::colour::MAX_PROFILE_BYTES;

/// Code points of ITU-T H.273 for the colours of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nclx {
    pub(crate) primaries: u16,
    pub(crate) transfer: u16,
    pub(crate) matrix: u16,
    pub(crate) is_full_range: bool,
}

impl Nclx {
    /// Whether the colours are brighter than a screen's white, by PQ or HLG (ITU-R BT.2100).
    pub(crate) fn is_high_dynamic_range(self) -> bool {
        matches!(self.transfer, 16 | 18)
    }
}

/// The ICC profile and the code points of an item. It may have both: the profile then says what the colours are, and
/// the code points say how luma and chroma become RGB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Colours {
    pub(super) profile: Option<Vec<u8>>,
    pub(super) nclx: Option<Nclx>,
}

impl Colours {
    /// The colours of the first item that states any. Profiles that are too long are ignored.
    pub(super) fn of(items: &[&Item<'_>]) -> Self {
        let mut found = Colours::default();
        for content in items.iter().flat_map(|item| item.all_properties(b"colr")) {
            let Some((kind, value)) = content.split_first_chunk::<4>() else { continue };
            match (kind, value) {
                (b"prof" | b"rICC", profile) if found.profile.is_none() && !profile.is_empty() => {
                    found.profile = (profile.len() <= MAX_PROFILE_BYTES).then(|| profile.to_vec());
                }
                (b"nclx", &[p0, p1, t0, t1, m0, m1, range, ..]) if found.nclx.is_none() => {
                    found.nclx = Some(Nclx {
                        primaries: u16::from_be_bytes([p0, p1]),
                        transfer: u16::from_be_bytes([t0, t1]),
                        matrix: u16::from_be_bytes([m0, m1]),
                        is_full_range: range >> 7 > 0,
                    });
                }
                _ => {}
            }
        }
        found
    }
}
