//! Drops the scans of a progressive JPEG that the rendition does not need.
//!
//! At a scale of 1/8, libjpeg makes one pixel of each block's mean, but decodes every scan of every coefficient first,
//! which is most of the time of a thumbnail. Dropping those scans changes no byte of the result. Their bytes are read
//! all the same, so that a file that ends within one is recognised as cut short.

use std::io::{self, BufRead, Read};

use baseline_jpeg::markers::{
    EOI, RST0, RST7, SOF2, SOS, STUFFED, code_after_ff, is_frame_header, next_byte, next_marker,
};
use baseline_jpeg::{FrameHeader, ScanHeader};

/// A JPEG on its way to libjpeg. At a scale of 1/8, scans are left out if their component is needed by its means only.
pub(super) struct ScanFilter<B> {
    source: B,
    state: ScanState,
    /// Bytes for libjpeg; those before `at` are read already.
    out: Vec<u8>,
    at: usize,
    /// The code of a marker that ended a scan.
    unread_code: Option<u8>,
    /// Ids of the components whose means are all that is needed.
    mean_only: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
enum ScanState {
    /// A marker comes next.
    Segments,
    /// Within the entropy-coded bytes of a scan.
    Scan(ScanUse),
    /// All further bytes are passed on unchanged.
    PassThrough,
}

#[derive(Clone, Copy, PartialEq)]
enum ScanUse {
    Kept,
    Dropped,
}

/// Bytes that are collected before libjpeg gets them: its fast path needs long pieces.
const PIECE_BYTES: usize = 32 * 1024;

impl<B: BufRead> ScanFilter<B> {
    /// Scans are dropped if the picture is decoded at `eighths` = 1.
    pub(super) fn new(source: B, eighths: u8) -> Self {
        let state = if eighths == 1 { ScanState::Segments } else { ScanState::PassThrough };
        let (out, mean_only) = (Vec::new(), Vec::new());
        ScanFilter { source, state, out, at: 0, unread_code: None, mean_only }
    }

    /// Reads on until there is a piece for libjpeg, or the source ends.
    fn fill_out(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.len() < PIECE_BYTES {
            let has_more = match self.state {
                ScanState::Segments => self.read_segment()?,
                ScanState::Scan(scan_use) => self.read_scan(scan_use)?,
                ScanState::PassThrough => false,
            };
            if !has_more {
                break;
            }
        }
        Ok(())
    }

    /// Reads a marker and its segment. `false` at the end of the source.
    fn read_segment(&mut self) -> io::Result<bool> {
        let start = self.out.len();
        // The code of a marker that ended a scan was read there, behind its 0xFF.
        let mut unread = self.unread_code.take().into_iter().flat_map(|code| [0xFF, code]);
        let source = &mut self.source;
        let marker = next_marker(|| match unread.next() {
            Some(byte) => Ok(Some(byte)),
            None => next_byte(source),
        })?;
        let Some(marker) = marker else { return Ok(false) };
        self.out.extend([0xFF, marker.code]);
        let Some(len) = marker.segment_len else {
            if marker.code == EOI {
                self.state = ScanState::PassThrough;
            }
            return Ok(true);
        };
        self.out.extend(len.to_be_bytes());
        let body_start = self.out.len();
        let body_len = u64::from(len.saturating_sub(2));
        let copied = (&mut self.source).take(body_len).read_to_end(&mut self.out)?;
        if (copied as u64) < body_len {
            return Ok(false);
        }
        let body = &self.out[body_start..];
        match marker.code {
            SOS if self.is_needed(body) => self.state = ScanState::Scan(ScanUse::Kept),
            SOS => {
                self.out.truncate(start);
                self.state = ScanState::Scan(ScanUse::Dropped);
            }
            SOF2 => self.mean_only = mean_only(body),
            // The picture is not progressive.
            code if is_frame_header(code) => self.state = ScanState::PassThrough,
            _ => {}
        }
        Ok(true)
    }

    /// Whether the rendition needs the scan with this header.
    fn is_needed(&self, scan_header: &[u8]) -> bool {
        // A header that is not understood is for libjpeg to judge.
        let Some(scan) = ScanHeader::parse(scan_header) else { return true };
        match &*scan.components {
            [component] => scan.spectral_start == 0 || !self.mean_only.contains(&component.id),
            _ => true,
        }
    }

    /// Reads entropy-coded bytes up to the next 0xFF, as far as the source has them ready. `false` at its end.
    fn read_scan(&mut self, scan_use: ScanUse) -> io::Result<bool> {
        let ready = self.source.fill_buf()?;
        if ready.is_empty() {
            return Ok(false);
        }
        let plain = ready.iter().position(|&byte| byte == 0xFF).unwrap_or(ready.len());
        if plain > 0 {
            if scan_use == ScanUse::Kept {
                self.out.extend(&ready[..plain]);
            }
            self.source.consume(plain);
            return Ok(true);
        }
        self.source.consume(1);
        let source = &mut self.source;
        let Some(code) = code_after_ff(|| next_byte(source))? else { return Ok(false) };
        match code {
            // The scan continues.
            STUFFED | RST0..=RST7 => {
                if scan_use == ScanUse::Kept {
                    self.out.extend([0xFF, code]);
                }
            }
            _ => {
                self.state = ScanState::Segments;
                self.unread_code = Some(code);
            }
        }
        Ok(true)
    }
}

/// The ids of the components of which libjpeg decodes one pixel per block at a scale of 1/8.
///
/// Components with half the samples along both axes (4:2:0 chroma) are not among them: libjpeg decodes four pixels per
/// block of these, so that it need not upsample them.
fn mean_only(frame_header: &[u8]) -> Vec<u8> {
    let Ok(FrameHeader { components, .. }) = FrameHeader::parse(frame_header) else {
        return Vec::new();
    };
    let horizontal = components.iter().map(|component| component.horizontal).max().unwrap_or(1);
    let vertical = components.iter().map(|component| component.vertical).max().unwrap_or(1);
    let is_halved = |max: u8, own: u8| max.is_multiple_of(2 * own);
    components
        .iter()
        .filter(|own| !(is_halved(horizontal, own.horizontal) && is_halved(vertical, own.vertical)))
        .map(|component| component.id)
        .collect()
}

impl<B: BufRead> BufRead for ScanFilter<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.out.len() && self.state != ScanState::PassThrough {
            self.fill_out()?;
        }
        if self.at < self.out.len() {
            return Ok(&self.out[self.at..]);
        }
        // Either the state is `PassThrough`, or the source has ended.
        self.source.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if self.at < self.out.len() {
            self.at += amount;
        } else {
            self.source.consume(amount);
        }
    }
}

impl<B: BufRead> Read for ScanFilter<B> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let len = ready.len().min(out.len());
        out[..len].copy_from_slice(&ready[..len]);
        self.consume(len);
        Ok(len)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::{Orientation, Size, chart};

    const SIZE: Size = Size::new(200, 150);

    fn progressive(chroma: (u8, u8)) -> Vec<u8> {
        let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
        jpeg.set_size(SIZE.width as usize, SIZE.height as usize);
        jpeg.set_progressive_mode();
        jpeg.set_chroma_sampling_pixel_sizes(chroma, chroma);
        let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
        jpeg.write_scanlines(&chart::rgb(SIZE)).unwrap();
        jpeg.finish().unwrap()
    }

    fn filtered(jpeg: &[u8], eighths: u8, buffer: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let source = BufReader::with_capacity(buffer, jpeg);
        ScanFilter::new(source, eighths).read_to_end(&mut out).unwrap();
        out
    }

    fn decoded(jpeg: &[u8], eighths: u8) -> Vec<u8> {
        let mut jpeg = mozjpeg::Decompress::new_mem(jpeg).unwrap();
        jpeg.scale(eighths);
        jpeg.do_block_smoothing(false);
        jpeg.rgb().unwrap().read_scanlines().unwrap()
    }

    #[test]
    fn dropped_scans_change_no_pixel_at_an_eighth() {
        for chroma in [(1, 1), (2, 1), (1, 2), (2, 2)] {
            let jpeg = progressive(chroma);
            let less = filtered(&jpeg, 1, 1 << 16);
            assert!(less.len() * 10 < jpeg.len() * 9, "{chroma:?}: {} of {}", less.len(), jpeg.len());
            assert_eq!(decoded(&less, 1), decoded(&jpeg, 1), "{chroma:?}");
        }
    }

    #[test]
    fn the_length_of_the_sources_pieces_does_not_matter() {
        let jpeg = progressive((2, 2));
        let whole = filtered(&jpeg, 1, 1 << 16);
        for buffer in [1, 2, 3, 7, 100] {
            assert_eq!(filtered(&jpeg, 1, buffer), whole, "{buffer} bytes at a time");
        }
    }

    #[test]
    fn other_scales_and_other_jpegs_are_passed_on_unchanged() {
        let (progressive, baseline) = (progressive((2, 2)), chart::jpeg(SIZE, Orientation::UPRIGHT));
        for eighths in 2..=8 {
            assert_eq!(filtered(&progressive, eighths, 100), progressive);
        }
        assert_eq!(filtered(&baseline, 1, 100), baseline);
    }

    #[test]
    fn a_file_that_ends_within_a_dropped_scan_gets_no_end_marker() {
        let jpeg = progressive((2, 2));
        for cut in 1..jpeg.len() {
            let less = filtered(&jpeg[..cut], 1, 1000);
            assert!(!less.ends_with(&[0xFF, EOI]), "cut at {cut}, the file ends with an EOI marker");
        }
    }
}
