//! Walks over the scans of a JPEG on its way to libjpeg.
//!
//! - It drops the scans that the rendition does not need. At a scale of 1/8, libjpeg makes one pixel of each block's mean,
//!   but decodes every scan of every coefficient first, which is most of the time of a thumbnail. Dropping those scans
//!   changes no byte of the result. Their bytes are read all the same, so that a file that ends within one is recognised:
//!   [`DroppedEnd`].
//! - It decides where the picture ends. Files lack their EOI marker, or are followed by a video. Once all scans are there
//!   (`scan_log`), it adds the marker at the end of the file, or where the next segment cannot belong to the picture.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use baseline_jpeg::markers::{
    APP0, APP15, COM, DAC, DHT, DQT, DRI, EOI, RST0, RST7, SOF2, SOF9, SOF10, SOS, STUFFED, code_after_ff,
    is_frame_header, next_byte, next_marker,
};
use baseline_jpeg::{FrameHeader, ScanHeader};

use super::scan_log::ScanLog;

/// Which scans are passed on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ScanChoice {
    All,
    /// Those without which means of blocks would change. For a scale of 1/8.
    MeansOnly,
}

/// Set if all scans began, and the file ends within one that was dropped. Only decoding it says whether it is complete.
#[derive(Clone, Default)]
pub(super) struct DroppedEnd(Rc<Cell<bool>>);

impl DroppedEnd {
    pub(super) fn is_set(&self) -> bool {
        self.0.get()
    }
}

/// A JPEG on its way to libjpeg. At a scale of 1/8, scans are left out if their component is needed by its means only.
pub(super) struct ScanFilter<B> {
    source: B,
    state: ScanState,
    choice: ScanChoice,
    dropped_end: DroppedEnd,
    log: ScanLog,
    /// The code of the frame header; 0 before it.
    frame_code: u8,
    /// Components of the frame.
    components: usize,
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
    /// All further bytes are passed on unchanged: they are those of a single scan, or libjpeg refuses what was read.
    PassThrough,
    /// Nothing more is passed on.
    Ended,
}

#[derive(Clone, Copy, PartialEq)]
enum ScanUse {
    Kept,
    Dropped,
}

/// Bytes that are collected before libjpeg gets them: its fast path needs long pieces.
const PIECE_BYTES: usize = 32 * 1024;

impl<B: BufRead> ScanFilter<B> {
    pub(super) fn new(source: B, choice: ScanChoice, dropped_end: DroppedEnd) -> Self {
        ScanFilter {
            source,
            state: ScanState::Segments,
            choice,
            dropped_end,
            log: ScanLog::default(),
            frame_code: 0,
            components: 0,
            out: Vec::new(),
            at: 0,
            unread_code: None,
            mean_only: Vec::new(),
        }
    }

    /// Reads on until there is a piece for libjpeg, or the picture ends.
    fn fill_out(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.len() < PIECE_BYTES {
            let start = self.out.len();
            let has_more = match self.state {
                ScanState::Segments => self.read_segment()?,
                ScanState::Scan(scan_use) => self.read_scan(scan_use)?,
                ScanState::PassThrough | ScanState::Ended => break,
            };
            if !has_more {
                // What was read of an incomplete segment.
                self.out.truncate(start);
                self.end();
            }
        }
        Ok(())
    }

    /// Ends the picture: the file ends, or what follows belongs to no picture. If pixels are missing, there is no EOI
    /// marker, which is an error.
    fn end(&mut self) {
        let may_be_whole = match self.state {
            // libjpeg warns if the scan is not complete. It cannot know that of arithmetic coding, in which any number of
            // zeros at the end of a scan is left out.
            ScanState::Scan(ScanUse::Kept) => !matches!(self.frame_code, SOF9 | SOF10),
            ScanState::Scan(ScanUse::Dropped) => {
                self.dropped_end.0.set(self.log.is_complete());
                false
            }
            _ => true,
        };
        if may_be_whole && self.log.is_complete() {
            self.out.extend([0xFF, EOI]);
        }
        self.state = ScanState::Ended;
    }

    /// Reads a marker and its segment. `false` at the end of the picture.
    fn read_segment(&mut self) -> io::Result<bool> {
        // The code of a marker that ended a scan was read there, behind its 0xFF.
        let mut unread = self.unread_code.take().into_iter().flat_map(|code| [0xFF, code]);
        let source = &mut self.source;
        let marker = next_marker(|| match unread.next() {
            Some(byte) => Ok(Some(byte)),
            None => next_byte(source),
        })?;
        let Some(marker) = marker else { return Ok(false) };
        if self.log.is_complete() && !may_follow_a_scan(marker.code) {
            return Ok(false);
        }
        let start = self.out.len();
        self.out.extend([0xFF, marker.code]);
        let Some(len) = marker.segment_len else {
            if marker.code == EOI {
                if !self.log.has_all_components() {
                    return Ok(false);
                }
                self.state = ScanState::Ended;
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
        let body = self.out[body_start..].to_vec();
        match marker.code {
            // Garbage with the bytes of a marker.
            SOS if self.log.is_complete() && ScanHeader::parse(&body).is_none() => return Ok(false),
            SOS => {
                let scan_use = self.start_scan(&body);
                if scan_use == Some(ScanUse::Dropped) {
                    self.out.truncate(start);
                }
                self.state = scan_use.map_or(ScanState::PassThrough, ScanState::Scan);
            }
            code if is_frame_header(code) => self.start_frame(code, &body),
            _ => {}
        }
        Ok(true)
    }

    fn start_frame(&mut self, code: u8, body: &[u8]) {
        // A header that is not understood is for libjpeg to judge.
        let Ok(frame) = FrameHeader::parse(body) else {
            self.state = ScanState::PassThrough;
            return;
        };
        let is_progressive = matches!(code, SOF2 | SOF10);
        self.frame_code = code;
        self.components = frame.components.len();
        self.log.start_frame(&frame, is_progressive);
        if is_progressive && self.choice == ScanChoice::MeansOnly {
            self.mean_only = mean_only(&frame);
        }
    }

    /// What becomes of the scan with this header. `None` if nothing has to be known of its bytes.
    fn start_scan(&mut self, scan_header: &[u8]) -> Option<ScanUse> {
        let scan = ScanHeader::parse(scan_header)?;
        let is_progressive = matches!(self.frame_code, SOF2 | SOF10);
        if !is_progressive && scan.components.len() >= self.components {
            return None;
        }
        self.log.add(&scan);
        Some(if self.is_needed(&scan) { ScanUse::Kept } else { ScanUse::Dropped })
    }

    /// Whether the rendition needs this scan.
    fn is_needed(&self, scan: &ScanHeader) -> bool {
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

/// Whether the segment of this marker may follow a scan. Another picture or garbage may not.
fn may_follow_a_scan(code: u8) -> bool {
    matches!(code, DHT | DAC | DQT | DRI | SOS | EOI | RST0..=RST7 | APP0..=APP15 | COM)
}

/// The ids of the components of which libjpeg decodes one pixel per block at a scale of 1/8.
///
/// Components with half the samples along both axes (4:2:0 chroma) are not among them: libjpeg decodes four pixels per
/// block of these, so that it need not upsample them.
fn mean_only(frame: &FrameHeader) -> Vec<u8> {
    let components = &frame.components;
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
        if self.at == self.out.len() {
            self.fill_out()?;
        }
        match self.state {
            ScanState::PassThrough if self.at == self.out.len() => self.source.fill_buf(),
            _ => Ok(&self.out[self.at..]),
        }
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

    fn filtered(jpeg: &[u8], choice: ScanChoice, buffer: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let source = BufReader::with_capacity(buffer, jpeg);
        ScanFilter::new(source, choice, DroppedEnd::default()).read_to_end(&mut out).unwrap();
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
            let less = filtered(&jpeg, ScanChoice::MeansOnly, 1 << 16);
            assert!(less.len() * 10 < jpeg.len() * 9, "{chroma:?}: {} of {}", less.len(), jpeg.len());
            assert_eq!(decoded(&less, 1), decoded(&jpeg, 1), "{chroma:?}");
        }
    }

    #[test]
    fn the_length_of_the_sources_pieces_does_not_matter() {
        let jpeg = progressive((2, 2));
        let whole = filtered(&jpeg, ScanChoice::MeansOnly, 1 << 16);
        for buffer in [1, 2, 3, 7, 100] {
            assert_eq!(filtered(&jpeg, ScanChoice::MeansOnly, buffer), whole, "{buffer} bytes at a time");
        }
    }

    #[test]
    fn all_scans_and_other_jpegs_are_passed_on_unchanged() {
        let (progressive, baseline) = (progressive((2, 2)), chart::jpeg(SIZE, Orientation::UPRIGHT));
        assert_eq!(filtered(&progressive, ScanChoice::All, 100), progressive);
        assert_eq!(filtered(&baseline, ScanChoice::MeansOnly, 100), baseline);
    }

    #[test]
    fn a_file_that_ends_within_a_dropped_scan_gets_no_end_marker() {
        // All scans but the first are dropped.
        let jpeg = progressive((1, 1));
        for cut in 1..jpeg.len() {
            let less = filtered(&jpeg[..cut], ScanChoice::MeansOnly, 1000);
            assert!(!less.ends_with(&[0xFF, EOI]), "cut at {cut}, the file ends with an EOI marker");
        }
    }

    #[test]
    fn a_file_gets_an_end_marker_only_within_or_behind_its_last_scan() {
        let jpeg = progressive((2, 2));
        let last_scan = jpeg.windows(2).rposition(|marker| marker == [0xFF, SOS]).unwrap();
        for cut in 1..jpeg.len() {
            let ends = filtered(&jpeg[..cut], ScanChoice::All, 1000).ends_with(&[0xFF, EOI]);
            // Marker, length and ten bytes at most.
            let is_known = !(last_scan..last_scan + 14).contains(&cut);
            assert!(ends == (cut > last_scan) || !is_known, "cut at {cut}, with the last scan at {last_scan}");
        }
        for garbage in [&b"\0\0\0\x18ftypmp42"[..], &jpeg, b"\xFF\x02\xFF\xC0", b"\xFF\xDA\0\x05\x09", b"\xFF\xE1\xFF"]
        {
            let less = filtered(&[&jpeg[..jpeg.len() - 2], garbage].concat(), ScanChoice::All, 1000);
            assert!(less.ends_with(&[0xFF, EOI]) && less.len() < jpeg.len() + 20, "{} bytes", less.len());
        }
    }
}
