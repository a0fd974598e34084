//! Animated WebP: libwebp draws the frames on the canvas. The canvas is transparent before the first frame, and the
//! background that the file names is ignored, as browsers do.

use std::io::Read;

use super::super::webp::{corrupt_webp, decoder_error, profiles};
use super::frames::{Animation, AnimationFrame, AnimationFrames};
use super::pixel_budget::PixelBudget;
use crate::ffi::libwebp::AnimationDecoder;
use crate::source_reader::SourceReader;
use crate::{Header, RenderError};

pub(super) fn open<'a, R: Read>(source: SourceReader<R>, header: &Header) -> Result<Animation<'a>, RenderError> {
    let webp = source.into_bytes();
    let canvas = header.orientation.size(header.size);
    let mut budget = PixelBudget::new(canvas);
    for _ in 0..header.frames {
        budget.add_frame(canvas)?;
    }
    let profiles = profiles(&webp);
    let decoder = AnimationDecoder::new(webp).ok_or_else(|| decoder_error("its chunks are invalid", header))?;
    if decoder.size() != canvas || decoder.frames() != header.frames {
        return Err(corrupt_webp("its size or its number of frames differs from its header"));
    }
    let loop_count = decoder.loop_count();
    Ok(Animation { frames: Box::new(WebpFrames { decoder, header: *header }), loop_count, profiles })
}

struct WebpFrames {
    decoder: AnimationDecoder,
    header: Header,
}

impl AnimationFrames for WebpFrames {
    fn next(&mut self) -> Result<Option<AnimationFrame<'_>>, RenderError> {
        match self.decoder.next() {
            None => Ok(None),
            Some(Ok((canvas, duration_ms))) => Ok(Some(AnimationFrame { canvas, duration_ms })),
            Some(Err(())) => Err(decoder_error("a frame cannot be decoded", &self.header)),
        }
    }
}
