//! Animated WebP: libwebp lays its frames on the canvas, which begins transparent whatever
//! background the file names, as in browsers.

use std::io::Read;

use super::super::webp::{damaged, decoder_error, profile};
use super::{Animation, Budget, NextFrame, Shown};
use crate::ffi::libwebp::animation::Decoder;
use crate::source::Source;
use crate::{Header, RenderError};

pub(super) fn open<'a, R: Read>(
    source: Source<R>,
    header: &Header,
) -> Result<Animation<'a>, RenderError> {
    let webp = source.into_bytes();
    let canvas = header.orientation.size(header.size);
    let mut budget = Budget::of(canvas);
    for _ in 0..header.frames {
        budget.spend(canvas)?;
    }
    let profile = profile(&webp);
    let decoder =
        Decoder::new(webp).ok_or_else(|| decoder_error("its chunks are invalid", header))?;
    if decoder.size() != canvas || decoder.frames() != header.frames {
        return Err(damaged("it is not what its header says"));
    }
    let loop_count = decoder.loop_count();
    Ok(Animation { frames: Box::new(Webp { decoder, header: *header }), loop_count, profile })
}

struct Webp {
    decoder: Decoder,
    header: Header,
}

impl NextFrame for Webp {
    fn next(&mut self) -> Result<Option<Shown<'_>>, RenderError> {
        match self.decoder.next() {
            None => Ok(None),
            Some(Ok((canvas, duration_ms))) => Ok(Some(Shown { canvas, duration_ms })),
            Some(Err(())) => Err(decoder_error("a frame of it can't be decoded", &self.header)),
        }
    }
}
