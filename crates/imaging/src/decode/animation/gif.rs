//! Animated GIF (89a), drawn on its screen as browsers do.
//!
//! - The screen is transparent before the first frame, and where a frame is disposed of to the background. The background
//!   that the file names is ignored.
//! - A frame that is shown for less than 20 ms is shown for 100 ms. Files with delays of 0 or 10 ms were made for viewers
//!   that were slower than that.
//! - Without a loop count (`NETSCAPE2.0`) it is played once. With a loop count of n it is played n + 1 times, or for ever
//!   if n is 0.

use std::io::Read;

use super::super::gif::{Blocks, DisposalMethod, Fault, FrameHeader, row_order};
use super::frames::{Animation, AnimationFrame, AnimationFrames};
use super::pixel_budget::PixelBudget;
use crate::damage::DamageLog;
use crate::geometry::Rect;
use crate::source_reader::SourceReader;
use crate::{Corruption, Header, RenderError, Size};

pub(super) fn open<'a, R: Read + 'a>(source: SourceReader<R>, header: &Header) -> Result<Animation<'a>, RenderError> {
    let log = source.damage();
    let mut blocks = Blocks::open(source).map_err(|fault| log.reject(fault))?;
    // The loop count is before the first frame.
    let first = blocks.next_frame().map_err(|fault| log.reject(fault))?;
    let loop_count = loop_count(blocks.loop_count());
    let size = header.size;
    let pixels = usize::try_from(size.pixels()).map_err(RenderError::corrupt)?;
    let screen = Screen { size, pixels: vec![[0; 4]; pixels] };
    let budget = PixelBudget::new(size);
    let gif = GifFrames { blocks, next: first, screen, disposal: Disposal::Keep, budget, frames: header.frames, log };
    Ok(Animation { frames: Box::new(gif), loop_count, profiles: Vec::new() })
}

/// The loop count of a WebP that is played as often as the GIF.
fn loop_count(repetitions: Option<u16>) -> u16 {
    match repetitions {
        None => 1,
        Some(0) => 0,
        Some(repetitions) => repetitions.saturating_add(1),
    }
}

struct GifFrames<R: Read> {
    blocks: Blocks<SourceReader<R>>,
    /// The next frame; `None` after the last one.
    next: Option<FrameHeader>,
    screen: Screen,
    /// What happens to the frame on the screen before the next one is drawn.
    disposal: Disposal,
    budget: PixelBudget,
    /// The number of frames, as far as the header was read.
    frames: u32,
    log: DamageLog,
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

impl<R: Read> AnimationFrames for GifFrames<R> {
    fn next(&mut self) -> Result<Option<AnimationFrame<'_>>, RenderError> {
        let Some(frame) = self.next.take() else { return Ok(None) };
        let rect = frame.rect;
        self.budget.add_frame(rect.size)?;
        match std::mem::replace(&mut self.disposal, Disposal::Keep) {
            Disposal::Keep => {}
            Disposal::Clear(rect) => self.screen.clear(rect),
            Disposal::Restore(pixels) => self.screen.pixels = pixels,
        }
        self.disposal = match frame.disposal {
            DisposalMethod::Keep => Disposal::Keep,
            DisposalMethod::Background => Disposal::Clear(rect),
            DisposalMethod::Previous => Disposal::Restore(self.screen.pixels.clone()),
        };
        self.draw(&frame)?;
        self.next = match self.blocks.next_frame() {
            Ok(next) => next,
            Err(fault) => self.end_early(&fault)?,
        };
        let duration_ms = duration_ms(frame.delay);
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
    /// Ends the animation at a frame whose header is damaged.
    fn end_early<T>(&self, fault: &Fault) -> Result<Option<T>, RenderError> {
        let frames = self.blocks.frame_number();
        let before = frames.saturating_sub(1);
        self.log.accept(Corruption::new(fault).after(before.into(), self.frames.max(frames).into()))?;
        Ok(None)
    }

    fn draw(&mut self, frame: &FrameHeader) -> Result<(), RenderError> {
        let mut pixels = match self.blocks.pixels(frame, self.frames.max(self.blocks.frame_number())) {
            Ok(pixels) => pixels,
            Err(fault) => return self.end_early::<()>(&fault).map(drop),
        };
        for y in row_order(frame.rect.size.height, frame.is_interlaced) {
            let indices = pixels.next_row(&mut self.blocks, &self.log)?;
            let row = self.screen.row(frame.rect.y + y).iter_mut();
            for (pixel, &index) in row.skip(frame.rect.x as usize).zip(indices) {
                match frame.colours[usize::from(index)] {
                    [_, _, _, 0] => {}
                    colour => *pixel = colour,
                }
            }
        }
        pixels.finish(&mut self.blocks);
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
