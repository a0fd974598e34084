//! The blocks of a GIF (89a): its screen, extensions and frames.
//!
//! This reader accepts what browsers accept. Unknown extensions are skipped. A file without its trailer, or with other
//! bytes behind a frame, ends with that frame. A frame without a palette is black.

use std::io::{self, BufRead};

use super::pixels::FramePixels;
use crate::geometry::Rect;
use crate::{RenderError, Size};

/// Reads the frames of a GIF in order.
pub(in crate::decode) struct Blocks<R> {
    source: R,
    /// The colours of frames without a palette of their own.
    palette: Vec<u8>,
    loop_count: Option<u16>,
    /// Frames that were begun.
    frames: u32,
    /// Whether the pixels of the last frame were not read to their end.
    has_open_frame: bool,
}

/// A frame before its pixels are read.
pub(in crate::decode) struct FrameHeader {
    /// Where the frame is drawn. Part of it may be outside the screen.
    pub(in crate::decode) rect: Rect,
    pub(in crate::decode) is_interlaced: bool,
    pub(in crate::decode) has_transparent_colour: bool,
    /// The colour of each of the 256 indices.
    pub(in crate::decode) colours: Vec<[u8; 4]>,
    pub(in crate::decode) disposal: DisposalMethod,
    /// How long the frame is shown, in hundredths of a second.
    pub(in crate::decode) delay: u16,
    /// The code size from which the pixels' codes grow.
    code_size: u8,
}

/// What happens to a frame before the next one is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::decode) enum DisposalMethod {
    Keep,
    Background,
    Previous,
}

/// The content of a graphic control extension, which belongs to the next frame.
#[derive(Clone, Copy)]
struct Control {
    transparent: Option<u8>,
    disposal: DisposalMethod,
    delay: u16,
}

const NO_CONTROL: Control = Control { transparent: None, disposal: DisposalMethod::Keep, delay: 0 };

const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const GRAPHIC_CONTROL: u8 = 0xF9;
const APPLICATION: u8 = 0xFF;

impl<R: BufRead> Blocks<R> {
    /// Reads the screen and its palette.
    pub(in crate::decode) fn open(mut source: R) -> Result<Self, Fault> {
        let mut start = [0; 13];
        source.read_exact(&mut start).map_err(ends_within("screen"))?;
        let palette = read_palette(&mut source, start[10]).map_err(ends_within("palette"))?;
        Ok(Blocks { source, palette, loop_count: None, frames: 0, has_open_frame: false })
    }

    /// How often the animation is repeated, 0 for ever, as far as the file was read. `None` if it is played once.
    pub(in crate::decode) fn loop_count(&self) -> Option<u16> {
        self.loop_count
    }

    /// The number of the last frame, from 1.
    pub(in crate::decode) fn frame_number(&self) -> u32 {
        self.frames
    }

    /// The next frame, or `None` after the last one.
    pub(in crate::decode) fn next_frame(&mut self) -> Result<Option<FrameHeader>, Fault> {
        if std::mem::take(&mut self.has_open_frame) {
            // A file that ends here has all its pixels.
            unless_at_end(self.skip_sub_blocks())?;
        }
        let mut control = NO_CONTROL;
        loop {
            match unless_at_end(read_byte(&mut self.source))? {
                Some(EXTENSION) => match unless_at_end(self.read_extension(&mut control))? {
                    Some(()) => {}
                    None => return Ok(None),
                },
                Some(IMAGE) => return self.read_frame_header(control).map(Some),
                // The trailer, the end of the file, or bytes that are no block.
                _ => return Ok(None),
            }
        }
    }

    /// The pixels of the frame whose header was read last. `frames` is the number of all frames, or 1 for a still.
    pub(in crate::decode) fn pixels(&self, frame: &FrameHeader, frames: u32) -> Result<FramePixels, Fault> {
        FramePixels::new(frame.code_size, frame.rect.size, self.frames, frames)
    }

    /// Notes that the last sub-block of the frame was read.
    pub(super) fn close_frame(&mut self) {
        self.has_open_frame = false;
    }

    /// The source, which is at the frame's pixels.
    pub(super) fn source(&mut self) -> &mut R {
        &mut self.source
    }

    fn read_frame_header(&mut self, control: Control) -> Result<FrameHeader, Fault> {
        self.frames += 1;
        let cut = || Fault(format!("the file ends within the header of frame {}", self.frames));
        let mut descriptor = [0; 9];
        self.source.read_exact(&mut descriptor).map_err(|_| cut())?;
        let [x, y, width, height] =
            [0, 2, 4, 6].map(|at| u32::from(u16::from_le_bytes([descriptor[at], descriptor[at + 1]])));
        let flags = descriptor[8];
        let local = read_palette(&mut self.source, flags).map_err(|_| cut())?;
        let code_size = read_byte(&mut self.source).map_err(|_| cut())?;
        self.has_open_frame = true;
        let palette = if local.is_empty() { &self.palette } else { &local };
        Ok(FrameHeader {
            rect: Rect { x, y, size: Size::new(width, height) },
            is_interlaced: flags & 0x40 > 0,
            has_transparent_colour: control.transparent.is_some(),
            colours: colour_table(palette, control.transparent),
            disposal: control.disposal,
            delay: control.delay,
            code_size,
        })
    }

    fn read_extension(&mut self, control: &mut Control) -> io::Result<()> {
        let label = read_byte(&mut self.source)?;
        let mut first = [0; 255];
        let len = self.read_sub_block(&mut first)?;
        match (label, &first[..len]) {
            (_, []) => return Ok(()),
            (GRAPHIC_CONTROL, &[flags, low, high, index, ..]) => {
                *control = Control {
                    transparent: (flags & 1 > 0).then_some(index),
                    disposal: disposal_method(flags),
                    delay: u16::from_le_bytes([low, high]),
                };
            }
            (APPLICATION, b"NETSCAPE2.0" | b"ANIMEXTS1.0") => return self.read_loop_count(),
            _ => {}
        }
        self.skip_sub_blocks()
    }

    fn read_loop_count(&mut self) -> io::Result<()> {
        let mut block = [0; 255];
        loop {
            match self.read_sub_block(&mut block)? {
                0 => return Ok(()),
                // The lowest three bits of the first byte say what the block is.
                3.. if block[0] & 7 == 1 => self.loop_count = Some(u16::from_le_bytes([block[1], block[2]])),
                _ => {}
            }
        }
    }

    /// Reads a sub-block. Returns its length, which is 0 for the last one.
    fn read_sub_block(&mut self, block: &mut [u8; 255]) -> io::Result<usize> {
        let len = usize::from(read_byte(&mut self.source)?);
        self.source.read_exact(&mut block[..len])?;
        Ok(len)
    }

    fn skip_sub_blocks(&mut self) -> io::Result<()> {
        let mut block = [0; 255];
        while self.read_sub_block(&mut block)? > 0 {}
        Ok(())
    }
}

/// A reason for a picture to be corrupt. If the reader failed, its error is stashed and takes precedence.
#[derive(Debug)]
pub(in crate::decode) struct Fault(pub(in crate::decode) String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Fault> for RenderError {
    fn from(fault: Fault) -> Self {
        RenderError::corrupt(fault)
    }
}

fn ends_within(part: &'static str) -> impl FnOnce(io::Error) -> Fault {
    move |_| Fault(format!("the file ends within its {part}"))
}

/// `None` at the end of the file.
fn unless_at_end<T>(result: io::Result<T>) -> Result<Option<T>, Fault> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(_) => Err(Fault("the file cannot be read".to_owned())),
    }
}

pub(super) fn read_byte(source: &mut impl BufRead) -> io::Result<u8> {
    let mut byte = [0];
    source.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Reads the palette of the screen or of a frame. Returns an empty one if `flags` announce no palette.
fn read_palette(source: &mut impl BufRead, flags: u8) -> io::Result<Vec<u8>> {
    let mut palette = vec![0; if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }];
    source.read_exact(&mut palette)?;
    Ok(palette)
}

/// The disposal method in the flags of a graphic control extension. Encoders wrote 4 where the standard says 3.
fn disposal_method(flags: u8) -> DisposalMethod {
    match flags >> 2 & 7 {
        2 => DisposalMethod::Background,
        3 | 4 => DisposalMethod::Previous,
        _ => DisposalMethod::Keep,
    }
}

/// The colour of each index. Indices beyond the palette are black.
fn colour_table(palette: &[u8], transparent: Option<u8>) -> Vec<[u8; 4]> {
    let mut colours: Vec<[u8; 4]> = palette.as_chunks().0.iter().map(|&[r, g, b]| [r, g, b, u8::MAX]).collect();
    colours.resize(256, [0, 0, 0, u8::MAX]);
    if let Some(index) = transparent {
        colours[usize::from(index)] = [0; 4];
    }
    colours
}
