//! Estimates the memory of a rendition from the header, before anything is decoded.
//!
//! The estimate is an upper bound. It adds up what each step of [`render()`](crate::render()) may hold, although not all
//! steps hold it at the same time. Constants come from the allocations in the code of the codecs. Where several
//! allocations depend on the pixels, the constant was measured with noise, which takes the most. `tests/memory.rs` checks
//! every estimate against the peak of a process.

use crate::decode::animation::can_animate;
use crate::decode::{decoded_size, unstreamed_bytes};
use crate::encode::max_side;
use crate::geometry::{Placement, place_within};
use crate::{Encoding, Format, Frames, Header, Orientation, RenditionSpec, ScanMode, Size, Speed};

/// Bytes of memory that rendering a source of `byte_len` bytes takes, in addition to what the process takes before.
/// [`u64::MAX`] for a picture of more than 2⁴⁰ px, which no memory is large enough for.
///
/// ```
/// use imaging::{Probe, Size, chart, memory_needed, probe};
///
/// let source = chart::jpeg(Size::new(4000, 3000), Default::default());
/// let Probe::Header(header) = probe(&source, source.len() as u64)? else { panic!() };
/// let spec = |json| serde_json::from_str(json).map(|spec| memory_needed(&header, 0, &spec));
///
/// // Baseline JPEGs are streamed, but WebP is encoded as a whole.
/// assert!(spec(r#"{"name": "a", "format": "jpeg"}"#)? < 16_000_000);
/// assert!(spec(r#"{"name": "a", "format": "webp"}"#)? > 80_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn memory_needed(header: &Header, byte_len: u64, spec: &RenditionSpec) -> u64 {
    if header.size.pixels() > MAX_PIXELS {
        return u64::MAX;
    }
    let max_side = max_side(spec.output_format(header.format));
    let Placement { crop, size } = place_within(spec, header.size, max_side);
    let stored_crop = header.orientation.stored_rect(crop, header.size);
    let stored_size = header.orientation.size(size);
    let decoded = decoded_size(header, stored_crop, stored_size);

    BASE_BYTES
        + header_buffer_bytes(header, byte_len)
        + header.header_memory
        + header.pixels.decoder_bytes
        + unstreamed_bytes(header, byte_len, stored_crop, stored_size)
        + resize_bytes(header, decoded, stored_size)
        + orient_bytes(header, size)
        + animation_bytes(header, byte_len, size, spec.frames)
        + encode_bytes(header, byte_len, size, spec.target.encoding_for(header.format))
}

// Above this, the bytes of all pixels may not fit into a u64.
const MAX_PIXELS: u64 = 1 << 40;

// What every rendition takes: buffers and tables of the codecs, and strips of rows.
const BASE_BYTES: u64 = 8_000_000;

// RGBA, which the canvas of an animation has.
const CANVAS_PIXEL_BYTES: u64 = 4;

/// The buffer that the header is read into.
fn header_buffer_bytes(header: &Header, byte_len: u64) -> u64 {
    // Each step of `HeaderReader` doubles the bytes, so the buffer has at most twice the length of the header.
    const STEP_FACTOR: u64 = 2;
    (STEP_FACTOR * header.header_len).min(byte_len)
}

/// The strip of source rows that is resized, and the filter's weights.
fn resize_bytes(header: &Header, decoded: Size, size: Size) -> u64 {
    // Lanczos3 reads three source pixels to each side, at the scale of the rendition.
    const LOBES: u64 = 3;
    // Rows that are collected at a time (`raster::PixelBuffer::collect`).
    const COLLECTED_ROWS: u64 = 64;
    // Rows that the steps pass to each other. They matter if the picture is very wide.
    const ROWS_BETWEEN_STEPS: u64 = 4;
    // 2 × LOBES weights for each row and column of the source, as an f64 and as a fixed-point number.
    const WEIGHT_BYTES: u64 = 2 * LOBES * (8 + 4);

    let weights = WEIGHT_BYTES * (u64::from(decoded.width) + u64::from(decoded.height));
    let rows_of_one = (2 * LOBES + 1) * u64::from(decoded.height.div_ceil(size.height.max(1)));
    // The strip has half as many rows again, so that rows are seldom moved (`resize::vertical`).
    let strip_rows = rows_of_one * 3 / 2 + COLLECTED_ROWS;
    let rows = strip_rows.min(u64::from(decoded.height)) + ROWS_BETWEEN_STEPS;
    weights + rows * u64::from(decoded.width) * u64::from(header.pixels.pixel_bytes)
}

/// The pixels before and after orientation.
fn orient_bytes(header: &Header, size: Size) -> u64 {
    const COPIES: u64 = 2;
    // WebP stores orientation after the pixels, where the header is not read. It is assumed to be turned.
    if header.orientation == Orientation::UPRIGHT && header.format != Format::Webp {
        return 0;
    }
    COPIES * size.pixels() * rendition_pixel_bytes(header)
}

/// The canvases of an animation's decoder and encoder, and the encoded frames.
fn animation_bytes(header: &Header, byte_len: u64, size: Size, frames: Frames) -> u64 {
    // The canvas, and the copy that a GIF restores or that libwebp keeps of the frame before.
    const DECODER_CANVASES: u64 = 2;
    // Three canvases of libwebp's encoder (`anim_encode.c`), the frame that is added, and our own copy of it.
    const ENCODER_CANVASES: u64 = 5;
    if frames == Frames::First || !can_animate(header) {
        return 0;
    }
    let canvases = DECODER_CANVASES * header.size.pixels() + ENCODER_CANVASES * size.pixels();
    // Encoded frames are kept until the last one is added. They are assumed to be as long as the source.
    CANVAS_PIXEL_BYTES * canvases + byte_len
}

fn encode_bytes(header: &Header, byte_len: u64, size: Size, encoding: Encoding) -> u64 {
    // mozjpeg keeps two arrays of all coefficients, quantised and not (`jccoefct.c`). At 4:2:0 each has 1.5 coefficients
    // of 2 bytes per pixel. One more byte is for blocks at the edges.
    const PROGRESSIVE_JPEG: u64 = 2 * 3 + 1;
    // Our RGB pixels (3), libwebp's planes (1.5), and what it keeps of every block. Measured.
    const LOSSY_WEBP: u64 = 7;
    // libwebp compresses alpha as a lossless picture. Measured.
    const LOSSY_WEBP_WITH_ALPHA: u64 = 42;
    // Our RGB pixels (3), libwebp's ARGB pixels (4), a transformed copy of them (4), a hash chain (4), and lists of
    // references with 8 bytes each (`vp8l_enc.c`). Measured.
    const LOSSLESS_WEBP: u64 = 42;
    // Our pixels are RGBA. Measured.
    const LOSSLESS_WEBP_WITH_ALPHA: u64 = 50;

    let (pixels, has_alpha) = (size.pixels(), header.pixels.has_alpha);
    match encoding {
        Encoding::Jpeg { scan_mode: ScanMode::Progressive, .. } => PROGRESSIVE_JPEG * pixels,
        Encoding::Webp { .. } => {
            let pixel_bytes = if has_alpha { LOSSY_WEBP_WITH_ALPHA } else { LOSSY_WEBP };
            pixel_bytes * pixels + webp_token_bytes(byte_len, pixels)
        }
        Encoding::WebpLossless if has_alpha => LOSSLESS_WEBP_WITH_ALPHA * pixels,
        Encoding::WebpLossless => LOSSLESS_WEBP * pixels,
        Encoding::Avif { speed, .. } => avif_bytes(size, has_alpha, speed),
        // Rows are streamed.
        Encoding::Jpeg { .. } | Encoding::Png => 0,
    }
}

/// The tokens of lossy WebP. libwebp keeps all of them before it writes the file.
fn webp_token_bytes(byte_len: u64, pixels: u64) -> u64 {
    // Measured with noise at quality 100: 13 tokens of 2 bytes per pixel.
    const PER_PIXEL_OF_NOISE: u64 = 26;
    // The number of tokens is bounded by the source's entropy. Measured as bytes of tokens per byte of the source.
    const PER_SOURCE_BYTE: u64 = 30;
    (PER_PIXEL_OF_NOISE * pixels).min(PER_SOURCE_BYTE * byte_len)
}

/// The planes that are given to libaom, its own planes, and what it keeps of every block. Alpha is encoded after the
/// colours, as a picture of its own, so that only its plane is added.
fn avif_bytes(size: Size, has_alpha: bool, speed: Speed) -> u64 {
    // libaom allocates whole blocks of the largest size.
    const BLOCK_SIDE: u64 = 128;
    // Bytes per pixel of whole blocks. Measured.
    const COLOURS: u64 = 22;
    const ALPHA: u64 = 2;
    // At lower speeds, libaom tries blocks of several sizes, and keeps more of each. Measured.
    const SEVERAL_BLOCK_SIZES: u64 = 16;

    let side = |side: u32| u64::from(side).next_multiple_of(BLOCK_SIDE);
    let alpha = if has_alpha { ALPHA } else { 0 };
    let blocks = if speed < Speed::SINGLE_BLOCK_SIZE { SEVERAL_BLOCK_SIZES } else { 0 };
    (COLOURS + alpha + blocks) * side(size.width) * side(size.height)
}

/// Bytes per pixel of the rendition, before it is encoded.
fn rendition_pixel_bytes(header: &Header) -> u64 {
    if header.pixels.has_alpha { 4 } else { 3 }
}
