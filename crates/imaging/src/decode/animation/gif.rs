//! Animated GIF (89a), laid on its screen as browsers do it.
//!
//! - The screen begins transparent, whatever background the file names, and is that again where a
//!   frame is disposed of to the background.
//! - What is shown for less than 20 ms is shown for 100 ms: files that ask for 0 or 10 were made for
//!   viewers that could not keep up.
//! - Without a loop count (`NETSCAPE2.0`) it is played once; with one of n it is played n + 1 times,
//!   or for ever if n is 0.

use std::io::Read;

use gif::{Decoder, DecodingError, DisposalMethod, Repeat};

use super::super::gif::{Lines, colours, decoder, line_order, place};
use super::{Animation, Budget, NextFrame, Shown};
use crate::geometry::Rect;
use crate::source::{Blame, Source};
use crate::{RenderError, Size};

pub(super) fn open<'a, R: Read + 'a>(source: Source<R>) -> Result<Animation<'a>, RenderError> {
    let blame = source.blame();
    let decoder = decoder(source).map_err(|error| blame.reader_or_picture(error))?;
    let size = Size::new(decoder.width().into(), decoder.height().into());
    let loop_count = loop_count(decoder.repeat());
    let screen = Screen { size, pixels: vec![[0; 4]; (size.width * size.height) as usize] };
    let gif = Gif { decoder, screen, last: Disposal::Keep, budget: Budget::of(size), blame };
    Ok(Animation { frames: Box::new(gif), loop_count, profile: None })
}

/// How often a WebP is played that is to be played as often as the GIF.
fn loop_count(repeat: Repeat) -> u16 {
    match repeat {
        Repeat::Infinite => 0,
        Repeat::Finite(again) => again.saturating_add(1),
    }
}

struct Gif<R: Read> {
    decoder: Decoder<Source<R>>,
    screen: Screen,
    /// What becomes of the frame that is on the screen.
    last: Disposal,
    budget: Budget,
    blame: Blame,
}

struct Screen {
    size: Size,
    pixels: Vec<[u8; 4]>,
}

/// What becomes of a frame before the next one is drawn.
enum Disposal {
    Keep,
    Clear(Rect),
    /// The screen as it was before.
    Restore(Vec<[u8; 4]>),
}

/// What the decoder says of a frame.
struct Patch {
    place: Rect,
    colours: Vec<[u8; 4]>,
    is_interlaced: bool,
}

impl<R: Read> NextFrame for Gif<R> {
    fn next(&mut self) -> Result<Option<Shown<'_>>, RenderError> {
        let blame = self.blame.clone();
        let fault = |error: DecodingError| blame.reader_or_picture(error);
        let Some(info) = self.decoder.next_frame_info().map_err(fault)? else {
            return Ok(None);
        };
        let (transparent, disposal) = (info.transparent, info.dispose);
        let (duration_ms, is_interlaced) = (duration_ms(info.delay), info.interlaced);
        let place = place(info);
        self.budget.spend(place.size)?;
        let colours = colours(self.decoder.palette().map_err(fault)?, transparent);

        match std::mem::replace(&mut self.last, Disposal::Keep) {
            Disposal::Keep => {}
            Disposal::Clear(place) => self.screen.clear(place),
            Disposal::Restore(pixels) => self.screen.pixels = pixels,
        }
        self.last = match disposal {
            DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
            DisposalMethod::Background => Disposal::Clear(place),
            DisposalMethod::Previous => Disposal::Restore(self.screen.pixels.clone()),
        };
        self.draw(&Patch { place, colours, is_interlaced }).map_err(fault)?;
        Ok(Some(Shown { canvas: self.screen.pixels.as_flattened(), duration_ms }))
    }
}

/// Of a delay in hundredths of a second.
fn duration_ms(delay: u16) -> u32 {
    match delay {
        0 | 1 => 100,
        _ => u32::from(delay) * 10,
    }
}

impl<R: Read> Gif<R> {
    fn draw(&mut self, patch: &Patch) -> Result<(), DecodingError> {
        let mut lines = Lines::of(patch.place.size);
        for y in line_order(patch.place.size.height, patch.is_interlaced) {
            let line = lines.next(&mut self.decoder)?;
            let row = self.screen.row(patch.place.y + y).iter_mut();
            for (pixel, &index) in row.skip(patch.place.x as usize).zip(line) {
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
    /// Nothing, where it is below the screen.
    fn row(&mut self, y: u32) -> &mut [[u8; 4]] {
        let width = self.size.width as usize;
        self.pixels.get_mut(y as usize * width..).map_or(&mut [], |rest| {
            let len = width.min(rest.len());
            &mut rest[..len]
        })
    }

    fn clear(&mut self, place: Rect) {
        for y in place.y..(place.y + place.size.height).min(self.size.height) {
            let row = self.row(y).iter_mut();
            row.skip(place.x as usize).take(place.size.width as usize).for_each(|it| *it = [0; 4]);
        }
    }
}
