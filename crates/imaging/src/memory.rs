//! What rendering takes of memory, by what the header says: known before anything is decoded.
//!
//! Step by step as in [`render()`](crate::render()), and from above: what each step may hold is
//! summed up, though not all of them hold it at once. Codecs' own needs are measured; a test holds
//! the sum against what processes really took.

use crate::decode::animation::can_animate;
use crate::decode::{decoded_size, whole_file_bytes};
use crate::encode::max_side;
use crate::geometry::{Placement, place_within};
use crate::{Encoding, Format, Frames, Header, Orientation, RenditionSpec, ScanMode, Size, Speed};

/// Bytes of memory that rendering a source of `byte_len` bytes takes, on top of what the process
/// takes before.
///
/// ```
/// use imaging::{Probe, Size, chart, memory_needed, probe};
///
/// let source = chart::jpeg(Size::new(4000, 3000), Default::default());
/// let Probe::Header(header) = probe(&source, source.len() as u64)? else { panic!() };
/// let spec = |json| serde_json::from_str(json).map(|spec| memory_needed(&header, 0, &spec));
///
/// // A baseline JPEG flows by, but WebP is encoded whole.
/// assert!(spec(r#"{"name": "a", "format": "jpeg"}"#)? < 16_000_000);
/// assert!(spec(r#"{"name": "a", "format": "webp"}"#)? > 80_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn memory_needed(header: &Header, byte_len: u64, spec: &RenditionSpec) -> u64 {
    let max_side = max_side(spec.output_format(header.format));
    let Placement { crop, size } = place_within(spec, header.size, max_side);
    let stored_crop = header.orientation.stored_rect(crop, header.size);
    let stored_size = header.orientation.size(size);
    let decoded = decoded_size(header, stored_crop, stored_size);

    FIXED
        // The header is read in steps, each of which doubles the buffer.
        + (2 * header.header_len).min(byte_len)
        + header.header_memory
        + header.pixels.decoder_bytes
        + whole_file_bytes(header, byte_len, stored_crop, stored_size)
        + resizing(header, decoded, stored_size)
        + orienting(header, size)
        + animating(header, byte_len, size, spec.frames)
        + encoding(header, byte_len, size, spec.target.encoding_for(header.format))
}

/// What every rendering takes: buffers and tables of the codecs, strips of rows.
const FIXED: u64 = 8_000_000;

/// The strip of rows that one line of the rendition is made of, half as much again, and what the
/// rows of a wide picture add to strips of a fixed number of rows; and the filter's weights.
fn resizing(header: &Header, decoded: Size, size: Size) -> u64 {
    const LOBES: u64 = 3;
    const STRIP_ROWS: u64 = 64;
    const ROWS_ON_THE_WAY: u64 = 4;
    // The filter's weights: 2 × LOBES for each row and column of the source, as an f64 and as a fixed-point number.
    const WEIGHTS: u64 = 2 * LOBES * (8 + 4);
    let weights = WEIGHTS * (u64::from(decoded.width) + u64::from(decoded.height));
    let rows = (2 * LOBES + 1) * u64::from(decoded.height.div_ceil(size.height.max(1)));
    let held = (rows * 3 / 2 + STRIP_ROWS).min(u64::from(decoded.height)) + ROWS_ON_THE_WAY;
    weights + held * u64::from(decoded.width) * u64::from(header.pixels.pixel_bytes)
}

/// A picture that is turned is held before and after. A WebP says that it is behind its pixels.
fn orienting(header: &Header, size: Size) -> u64 {
    if header.orientation == Orientation::UPRIGHT && header.format != Format::Webp {
        return 0;
    }
    2 * size.pixels() * pixel_bytes(header)
}

/// An animation's canvas, twice where frames are taken back; the rendition some five times; and its
/// file.
fn animating(header: &Header, byte_len: u64, size: Size, frames: Frames) -> u64 {
    if frames == Frames::First || !can_animate(header) {
        return 0;
    }
    2 * 4 * header.size.pixels() + 5 * 4 * size.pixels() + byte_len
}

fn encoding(header: &Header, byte_len: u64, size: Size, encoding: Encoding) -> u64 {
    let pixels = size.pixels();
    match encoding {
        // All coefficients at 4:2:0, twice.
        Encoding::Jpeg { scan_mode: ScanMode::Progressive, .. } => 7 * pixels,
        // The picture and its planes; its alpha is a lossless picture of its own.
        Encoding::Webp { .. } => {
            let planes = if header.pixels.has_alpha { 42 } else { 7 };
            planes * pixels + tokens(byte_len, pixels)
        }
        Encoding::WebpLossless if header.pixels.has_alpha => 50 * pixels,
        Encoding::WebpLossless => 42 * pixels,
        Encoding::Avif { speed, .. } => libaoms(size, header.pixels.has_alpha, speed),
        Encoding::Jpeg { .. } | Encoding::Png => 0,
    }
}

/// libwebp notes down all that it is going to write: most for noise at full quality, and never far
/// more than the source had to say.
fn tokens(byte_len: u64, pixels: u64) -> u64 {
    const OF_NOISE: u64 = 26;
    const OF_A_SOURCE_BYTE: u64 = 30;
    (OF_NOISE * pixels).min(OF_A_SOURCE_BYTE * byte_len)
}

/// Planes, libaom's own of them, and what it notes of every block, in blocks of up to 128 × 128 px.
/// Alpha is a picture of its own, but its turn comes later.
fn libaoms(size: Size, has_alpha: bool, speed: Speed) -> u64 {
    let side = |side: u32| u64::from(side).next_multiple_of(128);
    let tried_out = if speed < Speed::SINGLE_BLOCK_SIZE { 16 } else { 0 };
    (22 + u64::from(has_alpha) * 2 + tried_out) * side(size.width) * side(size.height)
}

/// Bytes of a pixel of the rendition.
fn pixel_bytes(header: &Header) -> u64 {
    if header.pixels.has_alpha { 4 } else { 3 }
}
