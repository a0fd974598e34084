//! Limits the pixels of an animation.

use crate::{Rejection, Size};

/// Limit on the pixels of all frames together.
// It is the limit of a still (16,383 × 16,383 px), so that no animation takes longer than the largest still.
const MAX_PIXELS: u64 = 16_383 * 16_383;

/// The least number of pixels that a frame counts for.
// Even the smallest frame takes some time.
const MIN_FRAME_PIXELS: u64 = 128 * 128;

/// Counts the frames of an animation, and their pixels.
pub(super) struct PixelBudget {
    canvas: Size,
    frames: u32,
    pixels: u64,
}

impl PixelBudget {
    pub(super) fn new(canvas: Size) -> Self {
        PixelBudget { canvas, frames: 0, pixels: 0 }
    }

    /// Counts a frame before it is decoded. A frame may be larger than its canvas.
    ///
    /// # Errors
    /// [`Rejection::TooManyAnimationPixels`].
    pub(super) fn add_frame(&mut self, frame: Size) -> Result<(), Rejection> {
        self.frames += 1;
        self.pixels += self.canvas.pixels().max(frame.pixels()).max(MIN_FRAME_PIXELS);
        if self.pixels > MAX_PIXELS {
            let PixelBudget { canvas, frames, .. } = *self;
            return Err(Rejection::TooManyAnimationPixels { limit: MAX_PIXELS, frames, canvas });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted_frames(canvas: Size, frame: Size) -> u32 {
        let mut budget = PixelBudget::new(canvas);
        while budget.add_frame(frame).is_ok() {}
        budget.frames - 1
    }

    #[test]
    fn all_frames_together_have_the_limit_of_a_still() {
        let cases = [
            ((16_383, 16_383), (1, 1), 1),
            ((1000, 1000), (1000, 1000), 268),
            ((1000, 1000), (10, 10), 268),
            ((10, 10), (2000, 1000), 134), // a frame is decoded as a whole, even outside its canvas
            ((1, 1), (1, 1), 16_382),
        ];
        for ((cw, ch), (fw, fh), frames) in cases {
            let (canvas, frame) = (Size::new(cw, ch), Size::new(fw, fh));
            assert_eq!(accepted_frames(canvas, frame), frames, "{frame} on {canvas}");
        }
    }
}
