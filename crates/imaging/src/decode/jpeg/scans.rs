//! Drops the scans of a progressive JPEG that nothing will be made of.
//!
//! At a scale of 1/8 libjpeg makes each block's mean into one pixel, and still decodes every scan
//! of every coefficient first: most of the time of a thumbnail. What is left out here changes no
//! byte of the result. The scans are read all the same, so that a file cut within one is known for
//! what it is.

use std::io::{self, BufRead, Read};

/// A JPEG on its way to libjpeg, less the scans of those components that come out as one pixel a
/// block at a scale of 1/8.
pub(super) struct Scans<B> {
    source: B,
    state: State,
    /// What was let through, from `at` on still to be handed out.
    out: Vec<u8>,
    at: usize,
    /// A marker's code that ended a scan.
    unread: Option<u8>,
    /// Components that nothing but the mean is needed of.
    mean_only: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// A marker comes next.
    Segments,
    /// Within a scan's entropy-coded bytes.
    Scan(Fate),
    /// Nothing more is to be dropped.
    Through,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Kept,
    Dropped,
}

/// What is gathered before it is handed out: libjpeg is fastest on long pieces.
const PIECE_BYTES: usize = 32 * 1024;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const PROGRESSIVE: u8 = 0xC2;

impl<B: BufRead> Scans<B> {
    pub(super) fn at_scale(source: B, eighths: u8) -> Self {
        let state = if eighths == 1 { State::Segments } else { State::Through };
        Scans { source, state, out: Vec::new(), at: 0, unread: None, mean_only: Vec::new() }
    }

    /// Lets the next pieces through, until there is something to hand out or the source ends.
    fn gather(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.len() < PIECE_BYTES {
            let goes_on = match self.state {
                State::Segments => self.segment()?,
                State::Scan(fate) => self.scan(fate)?,
                State::Through => false,
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    /// One marker with what belongs to it. `false` at the end of the source.
    fn segment(&mut self) -> io::Result<bool> {
        let start = self.out.len();
        let Some(code) = self.marker()? else { return Ok(false) };
        self.out.extend([0xFF, code]);
        match code {
            SOI | 0x01 | 0xD0..=0xD7 => return Ok(true),
            EOI => {
                self.state = State::Through;
                return Ok(true);
            }
            _ => {}
        }
        let body = start + 2;
        if !self.copy(2)? {
            return Ok(false);
        }
        let len = usize::from(u16::from_be_bytes([self.out[body], self.out[body + 1]]));
        if !self.copy(len.saturating_sub(2))? {
            return Ok(false);
        }
        let body = &self.out[body + 2..];
        match code {
            SOS => {
                let fate = if self.is_needed(body) { Fate::Kept } else { Fate::Dropped };
                if fate == Fate::Dropped {
                    self.out.truncate(start);
                }
                self.state = State::Scan(fate);
            }
            PROGRESSIVE => self.mean_only = mean_only(body),
            // Any other frame header: nothing here is progressive.
            0xC0..=0xCF if !matches!(code, 0xC4 | 0xC8 | 0xCC) => self.state = State::Through,
            _ => {}
        }
        Ok(true)
    }

    /// Whether a scan holds anything that the result is made of.
    fn is_needed(&self, scan_header: &[u8]) -> bool {
        let &[components, ref rest @ ..] = scan_header else { return true };
        let spectral_start = rest.get(2 * usize::from(components)).copied().unwrap_or(0);
        let component = rest.first().copied().unwrap_or(0);
        spectral_start == 0 || components != 1 || !self.mean_only.contains(&component)
    }

    /// Entropy-coded bytes up to the next marker, as far as the source has them ready.
    fn scan(&mut self, fate: Fate) -> io::Result<bool> {
        let ready = self.source.fill_buf()?;
        if ready.is_empty() {
            return Ok(false);
        }
        let plain = ready.iter().position(|&byte| byte == 0xFF).unwrap_or(ready.len());
        if plain > 0 {
            if fate == Fate::Kept {
                self.out.extend(&ready[..plain]);
            }
            self.source.consume(plain);
            return Ok(true);
        }
        let Some(code) = self.marker()? else { return Ok(false) };
        match code {
            // A stuffed 0xFF, or a restart: the scan goes on.
            0x00 | 0xD0..=0xD7 => {
                if fate == Fate::Kept {
                    self.out.extend([0xFF, code]);
                }
            }
            _ => {
                self.state = State::Segments;
                self.unread = Some(code);
            }
        }
        Ok(true)
    }

    /// The code behind the next 0xFF, fill bytes passed over.
    fn marker(&mut self) -> io::Result<Option<u8>> {
        if let Some(code) = self.unread.take() {
            return Ok(Some(code));
        }
        loop {
            match self.byte()? {
                Some(0xFF) => break,
                Some(_) => {}
                None => return Ok(None),
            }
        }
        loop {
            match self.byte()? {
                Some(0xFF) => {}
                code => return Ok(code),
            }
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.source.fill_buf()?.first().copied();
        self.source.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Lets `len` bytes through. `false` if there are not so many.
    fn copy(&mut self, len: usize) -> io::Result<bool> {
        let copied = (&mut self.source).take(len as u64).read_to_end(&mut self.out)?;
        Ok(copied == len)
    }
}

/// The components that come out as one pixel a block at a scale of 1/8: all that don't have half
/// the samples of the densest along both axes. Those are given four pixels, to save the upsampling.
fn mean_only(frame_header: &[u8]) -> Vec<u8> {
    let components = frame_header.get(6..).unwrap_or_default().as_chunks::<3>().0;
    let densest =
        |shift: u8| components.iter().map(|&[_, hv, _]| hv >> shift & 0xF).max().unwrap_or(1);
    let (h_max, v_max) = (densest(4), densest(0));
    let is_halved = |max: u8, own: u8| own > 0 && max.is_multiple_of(2 * own);
    let mean_only =
        |&&[_, hv, _]: &&[u8; 3]| !(is_halved(h_max, hv >> 4) && is_halved(v_max, hv & 0xF));
    components.iter().filter(mean_only).map(|&[id, ..]| id).collect()
}

impl<B: BufRead> BufRead for Scans<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.out.len() && self.state != State::Through {
            self.gather()?;
        }
        if self.at < self.out.len() {
            return Ok(&self.out[self.at..]);
        }
        // Also what follows the end of a progressive picture, and its early end.
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

impl<B: BufRead> Read for Scans<B> {
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
        Scans::at_scale(source, eighths).read_to_end(&mut out).unwrap();
        out
    }

    fn decoded(jpeg: &[u8], eighths: u8) -> Vec<u8> {
        let mut jpeg = mozjpeg::Decompress::new_mem(jpeg).unwrap();
        jpeg.scale(eighths);
        jpeg.do_block_smoothing(false);
        jpeg.rgb().unwrap().read_scanlines().unwrap()
    }

    #[test]
    fn what_is_left_makes_the_same_pixels_at_an_eighth() {
        for chroma in [(1, 1), (2, 1), (1, 2), (2, 2)] {
            let jpeg = progressive(chroma);
            let less = filtered(&jpeg, 1, 1 << 16);
            assert!(
                less.len() * 10 < jpeg.len() * 9,
                "{chroma:?}: {} of {}",
                less.len(),
                jpeg.len()
            );
            assert_eq!(decoded(&less, 1), decoded(&jpeg, 1), "{chroma:?}");
        }
    }

    #[test]
    fn pieces_of_any_length_make_no_difference() {
        let jpeg = progressive((2, 2));
        let whole = filtered(&jpeg, 1, 1 << 16);
        for buffer in [1, 2, 3, 7, 100] {
            assert_eq!(filtered(&jpeg, 1, buffer), whole, "{buffer} bytes at a time");
        }
    }

    #[test]
    fn other_scales_and_other_jpegs_pass_untouched() {
        let (progressive, baseline) =
            (progressive((2, 2)), chart::jpeg(SIZE, Orientation::UPRIGHT));
        for eighths in 2..=8 {
            assert_eq!(filtered(&progressive, eighths, 100), progressive);
        }
        assert_eq!(filtered(&baseline, 1, 100), baseline);
    }

    #[test]
    fn a_picture_cut_within_a_dropped_scan_ends_early() {
        let jpeg = progressive((2, 2));
        for cut in 1..jpeg.len() {
            let less = filtered(&jpeg[..cut], 1, 1000);
            assert!(!less.ends_with(&[0xFF, EOI]), "an end at {cut} that is not there");
        }
    }
}
