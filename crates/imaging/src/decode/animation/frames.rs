//! The frames of an animation.

use crate::RenderError;
use crate::colour::ColourProfile;

/// An animation. It may have only one frame.
pub(crate) struct Animation<'a> {
    pub(crate) frames: Box<dyn AnimationFrames + 'a>,
    /// How often the animation is played. 0 means for ever.
    pub(crate) loop_count: u16,
    /// The ICC profile of all frames, as the file has it.
    pub(crate) profiles: Vec<ColourProfile>,
}

/// Decodes frames in order. One frame is in memory at a time.
pub(crate) trait AnimationFrames {
    /// The next frame, or `None` after the last.
    fn next(&mut self) -> Result<Option<AnimationFrame<'_>>, RenderError>;
}

/// A frame as it is shown.
pub(crate) struct AnimationFrame<'a> {
    /// The whole canvas as RGBA, before orientation.
    pub(crate) canvas: &'a [u8],
    /// How long the frame is shown.
    pub(crate) duration_ms: u32,
}
