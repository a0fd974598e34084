//! The codecs of coded items, and what their configuration records say.

use super::boxes::text;
use super::corrupt;
use super::meta::Item;
use crate::{Format, Rejection, Size};

/// How the pixels of an item are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// HEVC (ITU-T H.265).
    Hevc,
    /// AV1.
    Av1,
}

/// Where the samples of chroma are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// There is no chroma.
    Grey,
    /// One sample of chroma for two by two pixels.
    Half,
    /// One sample of chroma for two pixels of a row.
    HalfWidth,
    /// One sample of chroma for each pixel.
    Full,
}

/// What a decoder must know before it decodes an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodecConfig {
    pub(crate) codec: Codec,
    /// The content of `hvcC` or `av1C`.
    pub(crate) record: Vec<u8>,
    pub(crate) layout: Layout,
    /// Bits per sample: 8, 10, 12 or, in HEVC, up to 16.
    pub(crate) bits: u8,
    /// AV1: the operating point that is shown (`a1op`).
    pub(crate) operating_point: u8,
    /// AV1: the spatial layer that is shown (`lsel`), if not all are.
    pub(crate) layer: Option<u16>,
    /// The most frames that an item has: one for each layer.
    pub(crate) max_frames: u32,
}

impl Codec {
    /// The format of a file whose primary item is coded like this.
    pub(super) fn format(self) -> Format {
        match self {
            Codec::Hevc => Format::Heic,
            Codec::Av1 => Format::Avif,
        }
    }

    /// What to say if this build has no decoder for it.
    pub(super) fn left_out(self) -> Option<&'static str> {
        match self {
            Codec::Hevc if cfg!(feature = "heic") => None,
            Codec::Hevc => Some("HEIC, which this build leaves out (docs/heic.md says how to include it),"),
            Codec::Av1 => None,
        }
    }
}

impl Layout {
    /// Columns and rows of pixels for each sample of chroma.
    pub(crate) fn subsampling(self) -> (u32, u32) {
        match self {
            Layout::Half => (2, 2),
            Layout::HalfWidth => (2, 1),
            Layout::Grey | Layout::Full => (1, 1),
        }
    }

    /// The size of a plane of chroma for a picture of this size.
    pub(crate) fn chroma_size(self, size: Size) -> Size {
        if self == Layout::Grey {
            return Size::new(0, 0);
        }
        let (across, down) = self.subsampling();
        Size::new(size.width.div_ceil(across), size.height.div_ceil(down))
    }
}

impl CodecConfig {
    /// The configuration of a coded item.
    ///
    /// # Errors
    /// If no decoder exists for its kind, which the message names.
    pub(super) fn of(item: &Item<'_>) -> Result<Self, Rejection> {
        if item.is_encrypted {
            return Err(Rejection::unsupported("an encrypted HEIF"));
        }
        match &item.kind {
            b"hvc1" | b"hev1" => hevc(record(item, b"hvcC")?),
            b"av01" => av1(item, record(item, b"av1C")?),
            b"avc1" | b"avc3" => Err(Rejection::unsupported("HEIF with H.264 pictures")),
            b"vvc1" | b"vvi1" => Err(Rejection::unsupported("HEIF with H.266 pictures")),
            b"lhv1" => Err(Rejection::unsupported("HEIF with layered HEVC pictures")),
            b"jpeg" => Err(Rejection::unsupported("HEIF with JPEG pictures")),
            b"j2k1" => Err(Rejection::unsupported("HEIF with JPEG 2000 pictures")),
            b"unci" => Err(Rejection::unsupported("HEIF with uncompressed pictures")),
            b"mski" => Err(Rejection::unsupported("HEIF with a mask as its picture")),
            b"iovl" => Err(Rejection::unsupported("HEIF with an overlay of pictures")),
            b"grid" => Err(Rejection::unsupported("HEIF with a grid of grids")),
            kind => Err(Rejection::unsupported(format!("HEIF with items of the kind `{}`", text(*kind)))),
        }
    }
}

fn record<'a>(item: &Item<'a>, name: &[u8; 4]) -> Result<&'a [u8], Rejection> {
    item.property(name).ok_or_else(|| corrupt(format_args!("its picture has no `{}` property", text(*name))))
}

/// `hvcC` (ISO/IEC 14496-15, section 8.3.3).
fn hevc(record: &[u8]) -> Result<CodecConfig, Rejection> {
    let Some(&[chroma, luma_depth, chroma_depth]) = record.get(16..19) else {
        return Err(corrupt("its `hvcC` property is too short"));
    };
    let layout = match chroma & 3 {
        0 => Layout::Grey,
        1 => Layout::Half,
        2 => Layout::HalfWidth,
        _ => Layout::Full,
    };
    let bits = 8 + (luma_depth & 7).max(chroma_depth & 7);
    let codec = Codec::Hevc;
    let (operating_point, layer, max_frames) = (0, None, 1);
    Ok(CodecConfig { codec, record: record.to_vec(), layout, bits, operating_point, layer, max_frames })
}

/// Spatial layers of an AV1 item (AV1 Image File Format, section 2.3.2).
const MAX_LAYERS: u32 = 4;

/// `av1C` (AV1 Codec ISO Media File Format Binding, section 2.3.3).
fn av1(item: &Item<'_>, record: &[u8]) -> Result<CodecConfig, Rejection> {
    let Some(&[_, _, flags, _]) = record.get(..4) else {
        return Err(corrupt("its `av1C` property is too short"));
    };
    let has = |bit: u8| flags >> bit & 1 > 0;
    let layout = match (has(4), has(3), has(2)) {
        (true, ..) => Layout::Grey,
        (_, true, true) => Layout::Half,
        (_, true, false) => Layout::HalfWidth,
        _ => Layout::Full,
    };
    let bits = match (has(6), has(5)) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    let operating_point = item.property(b"a1op").and_then(|content| content.first()).copied().unwrap_or(0);
    let layer =
        item.property(b"lsel").and_then(|content| content.first_chunk()).map(|&bytes| u16::from_be_bytes(bytes));
    // 0xFFFF stands for all layers.
    let layer = layer.filter(|&layer| layer != u16::MAX);
    let is_layered = [b"a1op", b"a1lx", b"lsel"].into_iter().any(|name| item.property(name).is_some());
    let max_frames = if is_layered { MAX_LAYERS } else { 1 };
    let codec = Codec::Av1;
    Ok(CodecConfig { codec, record: record.to_vec(), layout, bits, operating_point, layer, max_frames })
}
