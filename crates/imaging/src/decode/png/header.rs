//! The chunks before the pixels.
//!
//! The decoder gets only what it needs to decode pixels: IHDR, and PLTE and tRNS if they are valid. Everything else is
//! read here or passed over, so no damage in it matters. Each decision is the one of Chromium 156, unless a reason says
//! otherwise:
//!
//! | chunk | damage | verdict |
//! |---|---|---|
//! | IHDR | checksum, length, values | corrupt |
//! | any before IHDR | | corrupt: what it changes is not known |
//! | unknown and critical | also with a wrong checksum | corrupt: its name says that the picture is wrong without it |
//! | PLTE, indexed | missing, checksum, twice, 0 or more than 256 colours | corrupt |
//! | PLTE, indexed | length not divisible by 3 | corrupt, as in libpng. Chromium shows it with the last colour cut |
//! | PLTE, indexed | fewer colours than the pixels have | whole: pixels without a colour have the last one |
//! | PLTE, other | any | whole. It is a suggestion to old screens. Chromium refuses most of its damages |
//! | tRNS | checksum, too short or long, before PLTE, in pictures with alpha | whole: ignored |
//! | tRNS | twice | whole: the first one counts |
//! | tRNS | more numbers than the palette has colours | whole: the others are ignored. libpng ignores all |
//! | cICP, iCCP, sRGB, gAMA, cHRM, mDCV, cLLI | any | whole: see [`colours`](super::colours) |
//! | acTL, fcTL, fdAT | any | whole: the still picture is rendered. Chromium refuses some whose first frame is invalid |
//! | others | any | whole: ignored |
//! | any | longer than the file | corrupt: there are no pixels |

use std::io::{self, BufRead};

use super::chunks::{ChunkData, ChunkStart, Chunks, chunk};
use super::colours::ColourChunks;
use super::palette::Palette;
use crate::colour::{ColourProfile, MAX_PROFILE_BYTES};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1A\n";

/// The longest data of a chunk that is kept: a compressed colour profile. Longer chunks are passed over.
const MAX_CHUNK_BYTES: usize = MAX_PROFILE_BYTES;

/// What is known before the pixels.
pub(super) struct PngHeader {
    /// The file up to the pixels, with only the chunks that the decoder needs.
    pub(super) bytes: Vec<u8>,
    /// The first chunk of pixels. Its data comes next.
    pub(super) pixels: ChunkStart,
    /// The colours, by precedence.
    pub(super) profiles: Vec<ColourProfile>,
}

/// Why there is no header.
pub(super) enum HeaderError {
    /// The source failed or ended. The damage log knows which.
    Read,
    Corrupt(String),
}

/// An error with this reason.
fn corrupt(reason: &str) -> HeaderError {
    HeaderError::Corrupt(reason.to_owned())
}

impl From<io::Error> for HeaderError {
    fn from(_: io::Error) -> Self {
        HeaderError::Read
    }
}

/// The content of IHDR that matters here.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImageHeader {
    /// Bits for each sample, or for each index.
    pub(super) depth: u8,
    pub(super) colour_type: ColourType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColourType {
    Grey,
    Rgb,
    Indexed,
    GreyAlpha,
    Rgba,
}

/// Reads the file up to the data of its first IDAT chunk.
pub(super) fn read<R: BufRead>(chunks: &mut Chunks<R>) -> Result<PngHeader, HeaderError> {
    if chunks.array()?.as_ref() != Some(SIGNATURE) {
        return Err(corrupt("it does not begin as a PNG"));
    }
    let first = next_chunk(chunks)?;
    if &first.name != b"IHDR" || first.len != 13 {
        return Err(corrupt("a PNG must begin with an IHDR chunk of 13 bytes"));
    }
    let image = sound_data(chunks, first)?.ok_or_else(|| corrupt("the checksum of its header (IHDR) is wrong"))?;
    let header = check(&image)?;
    let (mut palette, mut colours) = (Palette::new(header), ColourChunks::default());
    loop {
        let next = next_chunk(chunks)?;
        match &next.name {
            b"IDAT" if header.colour_type == ColourType::Indexed && !palette.has_colours() => {
                return Err(corrupt("it has no palette before its pixels"));
            }
            b"IDAT" => {
                let bytes = [SIGNATURE, &chunk(*b"IHDR", &image)[..], &palette.into_chunks()].concat();
                return Ok(PngHeader { bytes, pixels: next, profiles: colours.profiles() });
            }
            b"IEND" => return Err(corrupt("it has no pixels")),
            b"PLTE" => {
                if header.colour_type == ColourType::Indexed {
                    palette.set_colours(read_palette(chunks, next, &palette)?);
                } else {
                    chunks.skip(next)?;
                }
                colours.end_of_early_chunks();
            }
            _ if next.is_critical() => {
                return Err(corrupt("it has a critical chunk that is not known before its pixels"));
            }
            name if next.len as usize <= MAX_CHUNK_BYTES && (name == b"tRNS" || ColourChunks::has(*name)) => {
                match sound_data(chunks, next)? {
                    Some(data) if name == b"tRNS" => palette.add_transparency(data),
                    Some(data) => colours.add(*name, &data),
                    None => {}
                }
            }
            _ => chunks.skip(next)?,
        }
    }
}

fn next_chunk<R: BufRead>(chunks: &mut Chunks<R>) -> Result<ChunkStart, HeaderError> {
    chunks.start()?.ok_or_else(ends_early)
}

/// The data of a chunk, or `None` if its checksum is wrong.
fn sound_data<R: BufRead>(chunks: &mut Chunks<R>, chunk: ChunkStart) -> Result<Option<Vec<u8>>, HeaderError> {
    match chunks.data(chunk)? {
        Some(ChunkData::Sound(data)) => Ok(Some(data)),
        Some(ChunkData::WrongChecksum) => Ok(None),
        None => Err(ends_early()),
    }
}

fn ends_early() -> HeaderError {
    corrupt("the file ends before its pixels")
}

fn read_palette<R: BufRead>(
    chunks: &mut Chunks<R>,
    chunk: ChunkStart,
    earlier: &Palette,
) -> Result<Vec<u8>, HeaderError> {
    if earlier.has_colours() {
        return Err(corrupt("it has two palettes"));
    }
    if !Palette::is_valid_len(chunk.len) {
        let reason = format!("its palette has {} bytes, which is not 3 for each of 1 to 256 colours", chunk.len);
        return Err(HeaderError::Corrupt(reason));
    }
    sound_data(chunks, chunk)?.ok_or_else(|| corrupt("the checksum of its palette is wrong"))
}

/// Checks the values of IHDR.
fn check(image: &[u8]) -> Result<ImageHeader, HeaderError> {
    let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, colour_type, compression, filter, interlace] = image else {
        return Err(corrupt("its header (IHDR) does not have 13 bytes"));
    };
    if [w0, w1, w2, w3] == [0; 4] || [h0, h1, h2, h3] == [0; 4] {
        return Err(corrupt("it has no width or no height"));
    }
    let colour_type = match (colour_type, depth) {
        (0, 1 | 2 | 4 | 8 | 16) => ColourType::Grey,
        (2, 8 | 16) => ColourType::Rgb,
        (3, 1 | 2 | 4 | 8) => ColourType::Indexed,
        (4, 8 | 16) => ColourType::GreyAlpha,
        (6, 8 | 16) => ColourType::Rgba,
        _ => {
            let reason = format!("its header has {depth} bits for colour type {colour_type}, which PNG does not have");
            return Err(HeaderError::Corrupt(reason));
        }
    };
    if compression > 0 || filter > 0 || interlace > 1 {
        return Err(corrupt("its header has a method of compression, filtering or interlacing that PNG does not have"));
    }
    Ok(ImageHeader { depth, colour_type })
}
