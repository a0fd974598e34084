//! The whole way of a rendition, as the list of its steps.

use std::io::{Read, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::animate::animate;
use crate::catch_panic::catch_panic;
use crate::convert::convert_pixels;
use crate::decode::animation::may_move;
use crate::decode::decode;
use crate::encode::{encode, max_side};
use crate::geometry::{Placement, place, place_within};
use crate::source::Source;
use crate::time_budget::TimeBudget;
use crate::{Format, Frames, RenderError, RenditionSpec, Size};

/// Renders one rendition of a source.
///
/// The same source and spec always give the same bytes. Metadata of every kind stays behind, and
/// the picture comes out as it is seen: orientation applied, transparent JPEG over white. Where the
/// format can't hold the size that the spec asks for, the picture is scaled down to what it can
/// (WebP: 16,383 px a side, AVIF: 32,768), and [`Rendered::limited_by`] says so.
///
/// Limits are [`Policy`](crate::Policy)'s business, and to be judged before.
///
/// Memory: baseline JPEG, PNG and GIF flow by in strips, whatever their size. What does not flow is
/// held, and [`memory_needed`](crate::memory_needed()) says what that takes.
///
/// # Errors
/// By whose fault: see [`RenderError`]. A picture cut short is rejected as corrupt, never rendered
/// half; what was written by then is to be thrown away.
pub fn render(
    source: impl Read,
    spec: &RenditionSpec,
    out: impl Write,
) -> Result<Rendered, RenderError> {
    render_within(Duration::MAX, source, spec, out)
}

/// The same in as much time as `limit`, of which what the reader and the writer take is no part.
///
/// # Errors
/// Those of [`render()`], and [`Rejection::TooMuchTime`](crate::Rejection::TooMuchTime) some time
/// after the limit: it is looked at between strips of rows, between frames, between pieces of
/// the source, and while WebP is encoded.
pub fn render_within(
    limit: Duration,
    mut source: impl Read,
    spec: &RenditionSpec,
    mut out: impl Write,
) -> Result<Rendered, RenderError> {
    within(limit, &mut source, spec, &mut out)
}

/// Readers and writers are asked seldom, so they may be of any kind. If all below were generic over
/// them, it would be compiled with what calls it, and as that is: for size.
fn within(
    limit: Duration,
    source: &mut dyn Read,
    spec: &RenditionSpec,
    out: &mut dyn Write,
) -> Result<Rendered, RenderError> {
    let budget = TimeBudget::start(limit);
    let rendered =
        catch_panic(|| steps(budget.exclude(source), spec, &budget, budget.exclude(out)));
    // Whatever gave up when the time was up, and however it says so, did it for that.
    rendered.or_else(|error| budget.check().map_err(RenderError::from).and(Err(error)))
}

fn steps(
    source: impl Read,
    spec: &RenditionSpec,
    budget: &TimeBudget,
    out: impl Write,
) -> Result<Rendered, RenderError> {
    let (header, source) = Source::open(source)?;
    let spec = spec.clone().resolved(header.format);
    let format = spec.output_format(header.format);
    let Placement { crop, size } = place_within(&spec, header.size, max_side(format));
    let limited_by = (size != place(&spec, header.size).size).then_some(LimitedBy::Format);

    // EXIF 5–8 swap the axes: what was placed on the picture as seen is cut from it as stored.
    let stored_crop = header.orientation.stored_rect(crop, header.size);
    let stored_size = header.orientation.size(size);

    let (frames, byte_len) = if spec.frames == Frames::All && may_move(&header) {
        animate(source, &header, stored_crop, stored_size, spec.encoding, budget, out)?
    } else {
        let decoded = decode(source, &header, stored_crop, stored_size)?;
        let mut upright = convert_pixels(decoded, stored_size, header.orientation, budget)?;
        (1, encode(&mut *upright, spec.encoding, budget, out)?)
    };

    let source = SourceFacts { format: header.format, size: header.size };
    Ok(Rendered { format, size, limited_by, frames, byte_len, source })
}

/// What came of a [`render()`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendered {
    /// The rendition's format.
    pub format: Format,
    /// The rendition's size.
    pub size: Size,
    /// Why it is smaller than its spec and its source would have it, if it is.
    pub limited_by: Option<LimitedBy>,
    /// Frames that were rendered; 1 for a still. Those that look alike may be one in the file.
    pub frames: u32,
    /// Bytes written.
    pub byte_len: u64,
    /// What it was made of.
    pub source: SourceFacts,
}

/// What made a rendition smaller than its spec and its source would have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    /// The format holds no longer side.
    Format,
}

/// What a rendition was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFacts {
    /// The source's format, by content.
    pub format: Format,
    /// The source's size as it is seen.
    pub size: Size,
}
