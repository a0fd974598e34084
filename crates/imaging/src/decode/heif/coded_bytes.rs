//! Reads the bytes of coded tiles from a source that is read once, from its start to its end.

use std::io::{BufRead, Read};
use std::ops::Range;

use crate::probe::heif::{CodedImage, CodedSpan, CodedSpans, max_coded_bytes};
use crate::source_reader::SourceReader;
use crate::stashed_io_error::StashedIoError;
use crate::{RenderError, Size};

/// The source, and the bytes that were read and are still needed.
pub(super) struct CodedBytes<R> {
    source: SourceReader<R>,
    stashed_error: StashedIoError,
    /// Bytes of the source that were read or skipped.
    at: u64,
    spans: Vec<CodedSpan>,
    /// The bytes of each span: empty before it was read and after its last use.
    loaded: Vec<Vec<u8>>,
    /// The next span to read.
    next: usize,
}

impl<R: Read> CodedBytes<R> {
    /// The bytes of these pictures, in a source of which nothing was read.
    pub(super) fn new<'i>(source: SourceReader<R>, images: impl IntoIterator<Item = &'i CodedImage>) -> Self {
        let CodedSpans { spans, .. } = CodedSpans::of(images);
        let stashed_error = source.stashed_error();
        CodedBytes { source, stashed_error, at: 0, loaded: vec![Vec::new(); spans.len()], spans, next: 0 }
    }

    /// The bytes of a tile of this size. Each tile can be taken once.
    pub(super) fn take(&mut self, extents: &[Range<u64>], tile: Size) -> Result<Vec<u8>, RenderError> {
        let limit = max_coded_bytes(tile);
        let mut coded = Vec::new();
        for extent in extents {
            let index = CodedSpans::index_of(&self.spans, extent);
            let index = index.ok_or_else(|| RenderError::corrupt("a tile lies outside the file"))?;
            while self.next <= index {
                self.read_next()?;
            }
            let (span, bytes) = (&mut self.spans[index], &mut self.loaded[index]);
            let from = usize::try_from(extent.start - span.range.start).unwrap_or(usize::MAX);
            let len = usize::try_from(extent.end - extent.start).unwrap_or(usize::MAX);
            let rest = bytes.get(from..).unwrap_or_default();
            // An extent without an end reaches to the end of the file.
            let part = if extent.end == u64::MAX { Some(rest) } else { rest.get(..len) };
            let part = part.ok_or_else(|| RenderError::corrupt("the file ends within its pixels"))?;
            if (coded.len() + part.len()) as u64 > limit {
                let message = format_args!("a tile of {tile} has more than {limit} bytes");
                return Err(RenderError::corrupt(message));
            }
            span.uses = span.uses.saturating_sub(1);
            if span.uses == 0 && extents.len() == 1 && part.len() == bytes.len() {
                return Ok(std::mem::take(bytes));
            }
            coded.extend_from_slice(part);
            if span.uses == 0 {
                *bytes = Vec::new();
            }
        }
        Ok(coded)
    }

    /// Reads the next span. If the source ends within it, the span has fewer bytes.
    fn read_next(&mut self) -> Result<(), RenderError> {
        let range = self.spans[self.next].range.clone();
        self.skip_to(range.start)?;
        let bytes = &mut self.loaded[self.next];
        let read = self.source.by_ref().take(range.end - range.start).read_to_end(bytes);
        read.map_err(|error| self.stashed_error.read_error_or_corrupt(error))?;
        self.at = range.start + bytes.len() as u64;
        self.next += 1;
        Ok(())
    }

    fn skip_to(&mut self, start: u64) -> Result<(), RenderError> {
        while self.at < start {
            let ready = self.source.fill_buf().map_err(|error| self.stashed_error.read_error_or_corrupt(error))?.len();
            if ready == 0 {
                return Ok(());
            }
            let skipped = ready.min(usize::try_from(start - self.at).unwrap_or(usize::MAX));
            self.source.consume(skipped);
            self.at += skipped as u64;
        }
        Ok(())
    }
}
