//! Animated WebP: libwebp draws the frames on the canvas. The canvas is transparent before the first frame, and the
//! background that the file names is ignored, as browsers do.

use std::io::Read;

use super::super::webp::{decoder_error, profiles};
use super::frames::{Animation, AnimationFrame, AnimationFrames};
use super::pixel_budget::PixelBudget;
use crate::damage::DamageLog;
use crate::ffi::libwebp::AnimationDecoder;
use crate::probe::riff;
use crate::source_reader::SourceReader;
use crate::{Corruption, Header, RenderError, words};

pub(super) fn open<'a, R: Read>(source: SourceReader<R>, header: &Header) -> Result<Animation<'a>, RenderError> {
    let log = source.damage();
    let mut webp = source.into_bytes();
    let byte_len = webp.len() as u64;
    let canvas = header.orientation.size(header.size);
    let mut budget = PixelBudget::new(canvas);
    for _ in 0..header.frames {
        budget.add_frame(canvas)?;
    }
    let profiles = profiles(&webp);
    let lacks_frame = riff::cut_incomplete_chunk(&mut webp);
    let decoder =
        AnimationDecoder::new(webp).ok_or_else(|| decoder_error("the chunks of the animation are invalid", header))?;
    let frames = decoder.frames();
    if decoder.size() != canvas || frames != header.frames && !lacks_frame {
        return Err(RenderError::corrupt("the size or the number of frames is not that of the header"));
    }
    if lacks_frame {
        let ends = Corruption::new(words::FILE_ENDS).at_byte(byte_len);
        log.accept(ends.after(frames.into(), header.frames.max(frames + 1).into()))?;
    }
    let loop_count = decoder.loop_count();
    Ok(Animation { frames: Box::new(WebpFrames { decoder, header: *header, decoded: 0, log }), loop_count, profiles })
}

struct WebpFrames {
    decoder: AnimationDecoder,
    header: Header,
    /// Frames that were decoded.
    decoded: u32,
    log: DamageLog,
}

impl AnimationFrames for WebpFrames {
    fn next(&mut self) -> Result<Option<AnimationFrame<'_>>, RenderError> {
        let frames = self.decoder.frames();
        match self.decoder.next() {
            None => Ok(None),
            Some(Ok((canvas, duration_ms))) => {
                self.decoded += 1;
                Ok(Some(AnimationFrame { canvas, duration_ms }))
            }
            Some(Err(())) => {
                let corruption = Corruption::new(format_args!("frame {} of {frames} is damaged", self.decoded + 1));
                match decoder_error("a frame is damaged", &self.header) {
                    // libwebp decodes no frame after a damaged one.
                    RenderError::Rejected(_) => {
                        self.log.accept(corruption.after(self.decoded.into(), frames.into())).map(|()| None)
                    }
                    error => Err(error),
                }
            }
        }
    }
}
