//! The marker segments of a file up to its first scan (T.81, annex B.2).

use std::io::{self, BufRead, Read};

use crate::block::{Block, ZIGZAG};
use crate::entropy::MAX_MCU_BLOCKS;
use crate::frame::{FrameHeader, ScanHeader};
use crate::huffman::HuffmanDefinition;
use crate::icc;
use crate::markers::{APP0, APP2, APP14, DHT, DQT, DRI, SOF0, SOF1, SOI, SOS, is_metadata, next_byte, next_marker};

/// The marker segments of a file up to its first scan.
#[derive(Default)]
pub struct JpegHeader {
    /// The segments that were read, for another decoder to begin with. Segments that change no pixel, such as EXIF, are
    /// left out.
    pub segments: Vec<u8>,
    /// `None` if the file has no frame header, or if the frame is not sequential and Huffman-coded.
    frame: Option<FrameHeader>,
    /// `None` if the segments do not end in a scan's header.
    scan: Option<ScanHeader>,
    /// By number.
    quant_tables: [Option<Block>; 4],
    /// By number.
    dc_codes: [Option<HuffmanDefinition>; 4],
    /// By number.
    ac_codes: [Option<HuffmanDefinition>; 4],
    /// MCUs between two restart markers; 0 if there are no restart markers.
    restart_interval: u16,
    is_jfif: bool,
    /// Adobe's number for the colours of the components.
    adobe_transform: Option<u8>,
    profile_parts: Vec<Vec<u8>>,
}

/// Whether another decoder gets a segment.
#[derive(Clone, Copy, PartialEq)]
enum SegmentUse {
    Kept,
    Dropped,
}

impl JpegHeader {
    /// Reads up to and including the header of the first scan, or up to the first segment that this decoder does not
    /// understand. Parts of an ICC profile beyond `max_profile_bytes` are dropped.
    ///
    /// # Errors
    /// If the source cannot be read. A file that ends early, or that is corrupt, is no error here: it has no
    /// [`baseline_frame`](Self::baseline_frame).
    pub fn read(source: &mut impl BufRead, max_profile_bytes: usize) -> io::Result<Self> {
        let mut header = JpegHeader::default();
        while let Some(marker) = next_marker(|| next_byte(source))? {
            let start = header.segments.len();
            header.segments.extend([0xFF, marker.code]);
            let Some(len) = marker.segment_len else {
                // A second SOI is left to another decoder. libjpeg and browsers refuse it.
                if marker.code == SOI && start == 0 {
                    continue;
                }
                break;
            };
            header.segments.extend(len.to_be_bytes());
            let body_start = header.segments.len();
            let Some(body_len) = len.checked_sub(2) else { break };
            let read = source.take(body_len.into()).read_to_end(&mut header.segments)?;
            if read < usize::from(body_len) {
                break;
            }
            // A copy, since `parse` changes the header.
            let body = header.segments[body_start..].to_vec();
            match header.parse(marker.code, &body, max_profile_bytes) {
                Some(SegmentUse::Kept) if marker.code == SOS => break,
                Some(SegmentUse::Kept) => {}
                Some(SegmentUse::Dropped) => header.segments.truncate(start),
                None => break,
            }
        }
        Ok(header)
    }

    /// The frame header, if the file is one that this decoder decodes: sequential and Huffman-coded with 8 bits per
    /// sample, grey or YCbCr, and with all components in the first scan.
    ///
    /// An interleaved scan with more than ten blocks per MCU, which the standard forbids (T.81, B.2.3), is not among
    /// them: the entropy decoder's buffer is laid out for ten. libjpeg refuses such files.
    pub fn baseline_frame(&self) -> Option<&FrameHeader> {
        let frame = self.frame.as_ref()?;
        let is_known = match frame.components.len() {
            1 => true,
            3 => self.is_ycc(frame),
            _ => false,
        };
        let has_pixels = frame.size.width > 0 && frame.size.height > 0;
        let fits = frame.total_mcu_blocks() <= MAX_MCU_BLOCKS;
        (is_known && has_pixels && fits && self.has_single_scan()).then_some(frame)
    }

    /// Whether the first scan holds every component of a sequential frame, so that no further scan is needed.
    pub fn has_single_scan(&self) -> bool {
        let in_scan = self.scan.as_ref().map(|scan| scan.components.len());
        self.frame.as_ref().is_some_and(|frame| in_scan == Some(frame.components.len()))
    }

    /// The ICC profile, if all of its parts were found.
    pub fn icc_profile(&self) -> Option<Vec<u8>> {
        icc::assemble(self.profile_parts.iter().map(Vec::as_slice))
    }

    pub(crate) fn scan(&self) -> Option<&ScanHeader> {
        self.scan.as_ref()
    }

    pub(crate) fn quant_table(&self, number: u8) -> Option<&Block> {
        self.quant_tables.get(usize::from(number))?.as_ref()
    }

    pub(crate) fn dc_code(&self, number: u8) -> Option<&HuffmanDefinition> {
        self.dc_codes.get(usize::from(number))?.as_ref()
    }

    pub(crate) fn ac_code(&self, number: u8) -> Option<&HuffmanDefinition> {
        self.ac_codes.get(usize::from(number))?.as_ref()
    }

    pub(crate) fn restart_interval(&self) -> u16 {
        self.restart_interval
    }

    /// Whether three components are luma and chroma. The rules are libjpeg's, so that both decoders agree.
    fn is_ycc(&self, frame: &FrameHeader) -> bool {
        match self.adobe_transform {
            _ if self.is_jfif => true,
            Some(transform) => transform == 1,
            None => !frame.components.iter().map(|component| component.id).eq(*b"RGB"),
        }
    }

    /// `None` if the segment is not understood.
    fn parse(&mut self, code: u8, body: &[u8], max_profile_bytes: usize) -> Option<SegmentUse> {
        if is_metadata(code, body) {
            return Some(SegmentUse::Dropped);
        }
        match code {
            SOF0 | SOF1 if self.frame.is_none() => self.frame = Some(frame(body)?),
            DHT => self.parse_huffman_codes(body)?,
            DQT => self.parse_quant_tables(body)?,
            DRI => self.restart_interval = u16::from_be_bytes(body.try_into().ok()?),
            SOS => self.scan = Some(ScanHeader::parse(body)?),
            APP0 => self.is_jfif |= body.len() >= 14,
            APP2 if self.has_room_for_profile(body, max_profile_bytes) => self.profile_parts.push(body.to_vec()),
            APP2 => return Some(SegmentUse::Dropped),
            APP14 => {
                if let Some(&transform) = body.get(11) {
                    self.adobe_transform = Some(transform);
                }
            }
            _ => return None,
        }
        Some(SegmentUse::Kept)
    }

    /// Whether the profile is not too long with one more part. A profile that is too long lacks parts, and is then
    /// ignored.
    fn has_room_for_profile(&self, part: &[u8], max_profile_bytes: usize) -> bool {
        let held: usize = self.profile_parts.iter().map(Vec::len).sum();
        held + part.len() <= max_profile_bytes
    }

    fn parse_huffman_codes(&mut self, mut rest: &[u8]) -> Option<()> {
        while let &[class_and_number, ref more @ ..] = rest {
            let (counts, more) = more.split_first_chunk::<16>()?;
            let symbols = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, more) = more.split_at_checked(symbols)?;
            let codes = match class_and_number >> 4 {
                0 => &mut self.dc_codes,
                1 => &mut self.ac_codes,
                _ => return None,
            };
            let code = codes.get_mut(usize::from(class_and_number & 0xF))?;
            *code = Some(HuffmanDefinition { counts: *counts, symbols: symbols.to_vec() });
            rest = more;
        }
        Some(())
    }

    fn parse_quant_tables(&mut self, mut rest: &[u8]) -> Option<()> {
        while let &[precision_and_number, ref more @ ..] = rest {
            let mut quant_table = Block::default();
            let value_len = if precision_and_number >> 4 == 0 { 1 } else { 2 };
            let (values, more) = more.split_at_checked(64 * value_len)?;
            for (value, &at) in values.chunks(value_len).zip(&ZIGZAG) {
                let value = value.iter().fold(0, |high, &low| high << 8 | u16::from(low));
                // Useful values of 16 bits are far below; tables with others are left to libjpeg.
                quant_table.0[usize::from(at)] = i16::try_from(value).ok()?;
            }
            *self.quant_tables.get_mut(usize::from(precision_and_number & 0xF))? = Some(quant_table);
            rest = more;
        }
        Some(())
    }
}

/// `None` if the header is not sound, or has bytes after its last component.
fn frame(body: &[u8]) -> Option<FrameHeader> {
    let frame = FrameHeader::parse(body).ok()?;
    (body.len() == 6 + 3 * frame.components.len()).then_some(frame)
}
