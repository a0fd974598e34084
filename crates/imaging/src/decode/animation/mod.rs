//! Animations, frame by frame: each as its whole canvas looks while it is shown. One file a format.
//!
//! A frame of a file is a patch on what was shown before. Patches can't be resized one by one: the
//! filter reaches beyond their edges.

mod gif;
mod webp;

use std::io::Read;

use crate::source::Source;
use crate::{Format, Header, Rejection, RenderError, Size};

/// An animation, or a still that could have been one.
pub(crate) struct Animation<'a> {
    pub(crate) frames: Box<dyn NextFrame + 'a>,
    /// How often it is played; 0 is for ever.
    pub(crate) loop_count: u16,
    /// The ICC profile of all its frames, unchecked.
    pub(crate) profile: Option<Vec<u8>>,
}

/// The frames of an animation in order, of which one is held at a time.
pub(crate) trait NextFrame {
    /// The next one, or `None` behind the last.
    fn next(&mut self) -> Result<Option<Shown<'_>>, RenderError>;
}

/// What is seen for a time.
pub(crate) struct Shown<'a> {
    /// Red, green, blue and alpha of every pixel of the canvas, not oriented.
    pub(crate) canvas: &'a [u8],
    pub(crate) duration_ms: u32,
}

/// Whether a picture with this header can have more than one frame. (A GIF's are only counted as
/// far as the header was read.)
pub(crate) fn may_move(header: &Header) -> bool {
    match header.format {
        Format::Gif => true,
        Format::Webp => header.frames > 1,
        Format::Jpeg | Format::Png | Format::Avif => false,
    }
}

/// Opens a source that [`may_move`] for all its frames.
pub(crate) fn open<'a, R: Read + 'a>(
    source: Source<R>,
    header: &Header,
) -> Result<Animation<'a>, RenderError> {
    match header.format {
        Format::Webp => webp::open(source, header),
        _ => gif::open(source),
    }
}

/// The pixels of all frames together that one animation may have: as many as a still, so that no
/// animation takes longer than the largest picture does.
const MAX_PIXELS: u64 = 16_383 * 16_383;

/// What a frame counts for at the least: the smallest takes some time too.
const MIN_FRAME_PIXELS: u64 = 128 * 128;

/// Counts the frames of an animation, and their pixels.
struct Budget {
    canvas: Size,
    frames: u32,
    pixels: u64,
}

impl Budget {
    fn of(canvas: Size) -> Self {
        Budget { canvas, frames: 0, pixels: 0 }
    }

    /// Takes note of a frame before any of it is decoded. Its own size may be beyond its canvas.
    fn spend(&mut self, frame: Size) -> Result<(), Rejection> {
        self.frames += 1;
        self.pixels += self.canvas.pixels().max(frame.pixels()).max(MIN_FRAME_PIXELS);
        if self.pixels > MAX_PIXELS {
            let Budget { canvas, frames, .. } = *self;
            return Err(Rejection::AnimationTooLong { limit: MAX_PIXELS, frames, canvas });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames_taken(canvas: Size, frame: Size) -> u32 {
        let mut budget = Budget::of(canvas);
        while budget.spend(frame).is_ok() {}
        budget.frames - 1
    }

    #[test]
    fn all_frames_together_have_no_more_pixels_than_a_still_may() {
        let cases = [
            ((16_383, 16_383), (1, 1), 1),
            ((1000, 1000), (1000, 1000), 268),
            ((1000, 1000), (10, 10), 268),
            ((10, 10), (2000, 1000), 134), // hanging over its canvas, it is decoded all the same
            ((1, 1), (1, 1), 16_382),
        ];
        for ((cw, ch), (fw, fh), frames) in cases {
            let (canvas, frame) = (Size::new(cw, ch), Size::new(fw, fh));
            assert_eq!(frames_taken(canvas, frame), frames, "{frame} on {canvas}");
        }
    }
}
