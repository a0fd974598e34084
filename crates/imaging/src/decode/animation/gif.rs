//! Animated GIF (89a), drawn on its screen as browsers do.
//!
//! - The screen is transparent before the first frame, and where a frame is disposed of to the background. The background
//!   that the file names is ignored.
//! - A frame that is shown for less than 20 ms is shown for 100 ms. Files with delays of 0 or 10 ms were made for viewers
//!   that were slower than that.
//! - Without a loop count (`NETSCAPE2.0`) it is played once. With a loop count of n it is played n + 1 times, or for ever
//!   if n is 0.

use std::io::Read;

use gif::{Decoder, DecodingError, DisposalMethod, Repeat};

use super::super::gif::{FrameRows, colour_table, frame_rect, open_decoder, row_order};
use super::frames::{Animation, AnimationFrame, AnimationFrames};
use super::pixel_budget::PixelBudget;
use crate::geometry::Rect;
use crate::source_reader::SourceReader;
use crate::stashed_io_error::StashedIoError;
use crate::{RenderError, Size};

pub(super) fn open<'a, R: Read + 'a>(source: SourceReader<R>) -> Result<Animation<'a>, RenderError> {
    let stashed_error = source.stashed_error();
    let decoder = open_decoder(source).map_err(|error| stashed_error.read_error_or_corrupt(error))?;
    let size = Size::new(decoder.width().into(), decoder.height().into());
    let loop_count = loop_count(decoder.repeat());
    let screen = Screen { size, pixels: vec![[0; 4]; (size.width * size.height) as usize] };
    let gif = GifFrames { decoder, screen, disposal: Disposal::Keep, budget: PixelBudget::new(size), stashed_error };
    Ok(Animation { frames: Box::new(gif), loop_count, profile: None })
}

/// The loop count of a WebP that is played as often as the GIF.
fn loop_count(repeat: Repeat) -> u16 {
    match repeat {
        Repeat::Infinite => 0,
        Repeat::Finite(repetitions) => repetitions.saturating_add(1),
    }
}

struct GifFrames<R: Read> {
    decoder: Decoder<SourceReader<R>>,
    screen: Screen,
    /// What happens to the frame on the screen before the next one is drawn.
    disposal: Disposal,
    budget: PixelBudget,
    stashed_error: StashedIoError,
}

struct Screen {
    size: Size,
    pixels: Vec<[u8; 4]>,
}

/// What happens to a frame before the next one is drawn.
enum Disposal {
    Keep,
    Clear(Rect),
    /// The screen is restored to these pixels.
    Restore(Vec<[u8; 4]>),
}

/// A frame before it is drawn.
struct Patch {
    rect: Rect,
    colours: Vec<[u8; 4]>,
    is_interlaced: bool,
}

impl<R: Read> AnimationFrames for GifFrames<R> {
    fn next(&mut self) -> Result<Option<AnimationFrame<'_>>, RenderError> {
        let stashed_error = self.stashed_error.clone();
        let fault = |error: DecodingError| stashed_error.read_error_or_corrupt(error);
        let Some(info) = self.decoder.next_frame_info().map_err(fault)? else {
            return Ok(None);
        };
        let (transparent, disposal) = (info.transparent, info.dispose);
        let (duration_ms, is_interlaced) = (duration_ms(info.delay), info.interlaced);
        let rect = frame_rect(info);
        self.budget.add_frame(rect.size)?;
        let colours = colour_table(self.decoder.palette().map_err(fault)?, transparent);

        match std::mem::replace(&mut self.disposal, Disposal::Keep) {
            Disposal::Keep => {}
            Disposal::Clear(rect) => self.screen.clear(rect),
            Disposal::Restore(pixels) => self.screen.pixels = pixels,
        }
        self.disposal = match disposal {
            DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
            DisposalMethod::Background => Disposal::Clear(rect),
            DisposalMethod::Previous => Disposal::Restore(self.screen.pixels.clone()),
        };
        self.draw(&Patch { rect, colours, is_interlaced }).map_err(fault)?;
        Ok(Some(AnimationFrame { canvas: self.screen.pixels.as_flattened(), duration_ms }))
    }
}

/// The duration for a delay in hundredths of a second.
fn duration_ms(delay: u16) -> u32 {
    match delay {
        0 | 1 => 100,
        _ => u32::from(delay) * 10,
    }
}

impl<R: Read> GifFrames<R> {
    fn draw(&mut self, patch: &Patch) -> Result<(), DecodingError> {
        let mut frame_rows = FrameRows::new(patch.rect.size);
        for y in row_order(patch.rect.size.height, patch.is_interlaced) {
            let indices = frame_rows.next_row(&mut self.decoder)?;
            let row = self.screen.row(patch.rect.y + y).iter_mut();
            for (pixel, &index) in row.skip(patch.rect.x as usize).zip(indices) {
                match patch.colours[usize::from(index)] {
                    [_, _, _, 0] => {}
                    colour => *pixel = colour,
                }
            }
        }
        Ok(())
    }
}

impl Screen {
    /// The pixels of a row. A row below the screen has none.
    fn row(&mut self, y: u32) -> &mut [[u8; 4]] {
        let width = self.size.width as usize;
        self.pixels.get_mut(y as usize * width..).map_or(&mut [], |rest| {
            let len = width.min(rest.len());
            &mut rest[..len]
        })
    }

    fn clear(&mut self, rect: Rect) {
        for y in rect.y..(rect.y + rect.size.height).min(self.size.height) {
            let row = self.row(y).iter_mut();
            row.skip(rect.x as usize).take(rect.size.width as usize).for_each(|it| *it = [0; 4]);
        }
    }
}
