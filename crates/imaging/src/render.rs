//! From the bytes of a source to the bytes of a rendition.

use std::io::{Read, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::animate::animate;
use crate::catch_panic::catch_panic;
use crate::colour::SrgbConverter;
use crate::convert::convert_pixels;
use crate::decode::animation::can_animate;
use crate::decode::{Decoded, decode};
use crate::encode::{encode, max_side, webp_mode};
use crate::geometry::{Placement, place, place_within};
use crate::memory::memory_needed;
use crate::source_reader::SourceReader;
use crate::time_budget::TimeBudget;
use crate::{
    Damage, DamagePolicy, Format, Frames, HdrTransfer, Header, JpegDecoder, Rejection, RenderError, RenditionSpec,
    Size, words,
};

/// Renders one rendition of a source.
///
/// - The same source and spec always give the same bytes.
/// - The rendition has no metadata. The orientation is applied, and a transparent picture becomes a JPEG on white.
/// - If the format does not support the size that the spec asks for, the rendition is smaller (WebP: at most 16,383
///   px a side, AVIF: 32,768), and [`Rendered::limited_by`] is set.
///
/// The caller checks limits first: see [`Policy`](crate::Policy). Without them, only a picture that would take more than
/// 32 GiB is rejected by its header.
///
/// Baseline JPEG, PNG, GIF, QOI and PNM are streamed in strips, so memory does not grow with their height. Other sources are
/// decoded in memory; [`memory_needed`](crate::memory_needed()) estimates how much that takes.
///
/// # Errors
/// The variants of [`RenderError`] say whose fault it is. A truncated picture is rejected as corrupt. After an error,
/// the caller must discard what was written.
pub fn render(source: impl Read, spec: &RenditionSpec, out: impl Write) -> Result<Rendered, RenderError> {
    match render_within(RenderOptions::default(), source, spec, out) {
        // The source cannot be read again. What is not known to be whole is rejected.
        Err(RenderError::JpegEndUnknown) => Err(RenderError::corrupt(words::FILE_ENDS)),
        rendered => rendered,
    }
}

/// How [`render_within`] renders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// How long the rendering may take. Time in the reader and the writer does not count. The default is without limit.
    pub limit: Duration,
    /// The decoder of baseline JPEGs.
    pub jpeg_decoder: JpegDecoder,
    /// What happens to a damaged source. The default is to reject it. A sound source gives the same bytes with either
    /// value.
    pub damaged: DamagePolicy,
}

impl Default for RenderOptions {
    fn default() -> Self {
        let (jpeg_decoder, damaged) = Default::default();
        RenderOptions { limit: Duration::MAX, jpeg_decoder, damaged }
    }
}

/// Renders like [`render()`], with options.
///
/// After [`RenderError::JpegDecoderPanicked`] or [`RenderError::JpegEndUnknown`], a caller that can read the source again,
/// and can discard what was written, should render once more with [`JpegDecoder::Libjpeg`]. This function streams, so it can neither read the
/// source from its beginning again nor take back what it has written.
///
/// # Errors
/// Those of [`render()`], and [`Rejection::TooMuchTime`](crate::Rejection::TooMuchTime) some time after the limit.
/// The time is checked between strips of rows, between frames, before each read of the source, and while WebP is
/// encoded.
pub fn render_within(
    options: RenderOptions,
    source: impl Read,
    spec: &RenditionSpec,
    out: impl Write,
) -> Result<Rendered, RenderError> {
    let budget = TimeBudget::start(options.limit);
    let (mut source, mut out) = (budget.exclude(source), budget.exclude(out));
    let rendered = catch_panic(|| render_inner(&mut source, options, spec, &budget, &mut out));
    // When the time is up, codecs stop with errors of their own.
    rendered.or_else(|error| budget.check().map_err(RenderError::from).and(Err(error)))
}

/// The steps of a rendering.
///
/// It is not generic over readers and writers: generic code is compiled in the caller's crate, which is built for size.
fn render_inner(
    source: &mut dyn Read,
    options: RenderOptions,
    spec: &RenditionSpec,
    budget: &TimeBudget,
    out: &mut dyn Write,
) -> Result<Rendered, RenderError> {
    let (header, source) = SourceReader::open(source)?;
    judge_memory(&header, spec)?;
    let source = source.with_damage_policy(options.damaged);
    let damage = source.damage();
    let encoding = spec.target.encoding_for(header.format);
    let format = encoding.format();
    let Placement { crop, size } = place_within(spec, header.size, max_side(format));
    let limited_by = (size != place(spec, header.size).size).then_some(LimitedBy::Format);

    // EXIF 5–8 swap the axes. The crop is in the seen picture; decoders need it in the stored picture.
    let stored_crop = header.orientation.stored_rect(crop, header.size);
    let stored_size = header.orientation.size(size);

    let is_animated = spec.frames == Frames::All && can_animate(&header);
    let (frames, byte_len, tone_mapped) = match webp_mode(encoding).filter(|_| is_animated) {
        Some(mode) => animate(source, &header, stored_crop, stored_size, mode, budget, out)?,
        None => {
            let Decoded { picture, profiles } =
                decode(source, &header, stored_crop, stored_size, options.jpeg_decoder, budget)?;
            let to_srgb = SrgbConverter::new(&profiles, picture.pixel_format());
            let mut pixels = convert_pixels(picture, stored_size, &to_srgb, header.orientation, budget)?;
            (1, encode(&mut *pixels, encoding, budget, out)?, to_srgb.tone_mapped())
        }
    };

    let source = SourceFacts { format: header.format, size: header.size };
    let damaged = damage.worst();
    Ok(Rendered { format, size, limited_by, damaged, frames, byte_len, tone_mapped, source })
}

/// Rejects a picture that no caller has the memory for. An allocation that fails ends the process.
fn judge_memory(header: &Header, spec: &RenditionSpec) -> Result<(), Rejection> {
    const LIMIT: u64 = 32 << 30;
    // The length of the source is not known here.
    match memory_needed(header, 0, spec) {
        needed if needed > LIMIT => Err(Rejection::TooMuchMemory { limit: LIMIT, needed }),
        _ => Ok(()),
    }
}

/// The result of [`render()`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The rendition's format.
    pub format: Format,
    /// The rendition's size.
    pub size: Size,
    /// Set if the rendition is smaller than the spec asks for and the source allows.
    pub limited_by: Option<LimitedBy>,
    /// What is missing of the picture, if its source is damaged and was rendered by [`DamagePolicy::Render`].
    pub damaged: Option<Damage>,
    /// The number of frames that were rendered; 1 for a still. The file may have fewer, because equal frames are
    /// merged.
    pub frames: u32,
    /// Set if the source has a high dynamic range. The rendition has a standard one, so its colours were tone-mapped.
    pub tone_mapped: Option<HdrTransfer>,
    /// The number of bytes written.
    pub byte_len: u64,
    /// Facts about the source.
    pub source: SourceFacts,
}

/// Why a rendition is smaller than the spec asks for and the source allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    /// The format does not support longer sides.
    Format,
}

/// Facts about the source of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFacts {
    /// The source's format, detected from its content.
    pub format: Format,
    /// The source's size after orientation.
    pub size: Size,
}
