//! The marker segments of a JPEG (ITU-T T.81, annex B) up to its first scan.
//!
//! Read once, for both decoders: the one gets tables, the other the segments' bytes. What neither
//! looks at, EXIF above all, is left out.

use std::io::{self, BufRead, Read};

use super::super::MAX_PROFILE_BYTES;
use super::huffman::{Code, ZIGZAG};
use super::icc;
use crate::Size;
use crate::ffi::libjpeg::Block;

#[derive(Default)]
pub(super) struct Head {
    /// The segments, for libjpeg to read them again.
    pub(super) bytes: Vec<u8>,
    pub(super) frame: Option<Frame>,
    /// `None` if the segments do not end in a scan's.
    pub(super) scan: Option<Scan>,
    /// By their numbers, each in natural order.
    pub(super) quantisation: [Option<Block>; 4],
    pub(super) dc: [Option<Code>; 4],
    pub(super) ac: [Option<Code>; 4],
    /// MCUs between two restart markers, or 0.
    pub(super) restart_interval: u16,
    pub(super) is_jfif: bool,
    /// Adobe's number for what the components are.
    pub(super) adobe_transform: Option<u8>,
    profile_parts: Vec<Vec<u8>>,
}

/// A sequential Huffman-coded frame of 8 bits a sample.
pub(super) struct Frame {
    pub(super) size: Size,
    pub(super) components: Vec<FrameComponent>,
}

pub(super) struct FrameComponent {
    pub(super) id: u8,
    /// Blocks of it in an MCU, along each axis: 1 to 4.
    pub(super) across: u8,
    pub(super) down: u8,
    pub(super) quantisation: u8,
}

/// Of each of a scan's components: its id, and the numbers of its DC and AC tables.
pub(super) struct Scan {
    pub(super) components: Vec<(u8, u8, u8)>,
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

impl Head {
    /// Reads on until a scan begins, or until there is something that only libjpeg may make sense
    /// of.
    pub(super) fn read(source: &mut impl BufRead) -> io::Result<Self> {
        let mut head = Head::default();
        while let Some(code) = next_marker(source)? {
            head.bytes.extend([0xFF, code]);
            match code {
                SOI => continue,
                EOI | 0x01 | 0xD0..=0xD7 => break,
                _ => {}
            }
            let Some(segment) = segment(source, &mut head.bytes)? else { break };
            if head.take(code, &segment).is_none() || code == SOS {
                break;
            }
        }
        Ok(head)
    }

    /// Whether the first scan holds every component, so that no other scan has to follow.
    pub(super) fn has_single_scan(&self) -> bool {
        let in_scan = self.scan.as_ref().map(|scan| scan.components.len());
        self.frame.as_ref().is_some_and(|frame| in_scan == Some(frame.components.len()))
    }

    /// The colour profile, if there is a whole one.
    pub(super) fn profile(&self) -> Option<Vec<u8>> {
        icc::assemble(self.profile_parts.iter().map(Vec::as_slice))
    }

    /// `None` if the segment can't be made sense of.
    fn take(&mut self, code: u8, segment: &[u8]) -> Option<()> {
        let parts_before = self.profile_parts.len();
        match code {
            0xC0 | 0xC1 if self.frame.is_none() => self.frame = Some(frame(segment)?),
            0xC4 => self.take_codes(segment)?,
            0xDB => self.take_quantisation(segment)?,
            0xDD => self.restart_interval = u16::from_be_bytes(segment.try_into().ok()?),
            SOS => self.scan = Some(scan(segment)?),
            APP0 => self.is_jfif |= segment.len() >= 14 && segment.starts_with(b"JFIF\0"),
            APP2 if self.is_profile_part(segment) => self.profile_parts.push(segment.to_vec()),
            APP14 if segment.len() >= 12 && segment.starts_with(b"Adobe") => {
                self.adobe_transform = Some(segment[11]);
            }
            0xE0..=0xEF | 0xFE => {}
            _ => return None,
        }
        let is_kept = match code {
            APP2 => self.profile_parts.len() > parts_before,
            _ => !matches!(code, 0xE1..=0xEF | 0xFE) || code == APP14,
        };
        let len = self.bytes.len();
        if !is_kept {
            self.bytes.truncate(len - segment.len() - 4);
        }
        Some(())
    }

    /// Whether an APP2 segment holds a part of the profile, and the profile is not too long so far. Other APP2 segments,
    /// such as previews, are dropped. A profile that is too long lacks parts, and is then ignored.
    fn is_profile_part(&self, segment: &[u8]) -> bool {
        let held: usize = self.profile_parts.iter().map(Vec::len).sum();
        segment.starts_with(icc::TAG) && held + segment.len() <= MAX_PROFILE_BYTES
    }

    fn take_codes(&mut self, mut rest: &[u8]) -> Option<()> {
        while let &[class_and_number, ref more @ ..] = rest {
            let (counts, more) = more.split_first_chunk::<16>()?;
            let symbols = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, more) = more.split_at_checked(symbols)?;
            let classes = [&mut self.dc, &mut self.ac];
            let class = classes.into_iter().nth((class_and_number >> 4).into())?;
            let place = class.get_mut(usize::from(class_and_number & 0xF))?;
            *place = Some(Code { counts: *counts, symbols: symbols.to_vec() });
            rest = more;
        }
        Some(())
    }

    fn take_quantisation(&mut self, mut rest: &[u8]) -> Option<()> {
        while let &[precision_and_number, ref more @ ..] = rest {
            let mut steps = Block::default();
            let bytes = if precision_and_number >> 4 == 0 { 1 } else { 2 };
            let (table, more) = more.split_at_checked(64 * bytes)?;
            for (step, &place) in table.chunks(bytes).zip(&ZIGZAG) {
                let step = step.iter().fold(0, |high, &low| high << 8 | u16::from(low));
                // Those of 16 bits that matter are far below; libjpeg is left the others.
                steps.0[usize::from(place)] = i16::try_from(step).ok()?;
            }
            *self.quantisation.get_mut(usize::from(precision_and_number & 0xF))? = Some(steps);
            rest = more;
        }
        Some(())
    }
}

fn frame(segment: &[u8]) -> Option<Frame> {
    let (&[8, h1, h0, w1, w0, count], rest) = segment.split_first_chunk()? else { return None };
    let size = Size::new(u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into());
    let (components, rest) = rest.as_chunks::<3>();
    let mut components: Vec<_> = components
        .iter()
        .map(|&[id, blocks, quantisation]| FrameComponent {
            id,
            across: blocks >> 4,
            down: blocks & 0xF,
            quantisation,
        })
        .collect();
    let is_sound = components.len() == usize::from(count)
        && rest.is_empty()
        && size.pixels() > 0
        && components.iter().all(|c| (1..=4).contains(&c.across) && (1..=4).contains(&c.down));
    if let [alone] = &mut *components {
        // It has no MCUs but its blocks, whatever it says.
        (alone.across, alone.down) = (1, 1);
    }
    is_sound.then_some(Frame { size, components })
}

fn scan(segment: &[u8]) -> Option<Scan> {
    let (&count, rest) = segment.split_first()?;
    let (components, spectrum) = rest.split_at_checked(2 * usize::from(count))?;
    let components =
        components.as_chunks().0.iter().map(|&[id, tables]| (id, tables >> 4, tables & 0xF));
    // The spectral fields mean nothing in a sequential scan, and some phones write zeros: libjpeg ignores them, too.
    (spectrum.len() == 3).then(|| Scan { components: components.collect() })
}

/// A segment's bytes behind its length, which are appended to `bytes` with it; `None` if the length
/// is none, or more than there is.
fn segment(source: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let start = bytes.len();
    if source.take(2).read_to_end(bytes)? < 2 {
        return Ok(None);
    }
    let len = u16::from_be_bytes([bytes[start], bytes[start + 1]]);
    let Some(len) = len.checked_sub(2) else { return Ok(None) };
    let read = source.take(len.into()).read_to_end(bytes)?;
    Ok((read == usize::from(len)).then(|| bytes[start + 2..].to_vec()))
}

/// The code of the next marker, whatever stands before it passed over. `None` at the end.
pub(super) fn next_marker(source: &mut impl BufRead) -> io::Result<Option<u8>> {
    let mut is_after_ff = false;
    loop {
        let Some(&byte) = source.fill_buf()?.first() else { return Ok(None) };
        source.consume(1);
        match byte {
            0xFF => is_after_ff = true,
            0x00 => is_after_ff = false,
            code if is_after_ff => return Ok(Some(code)),
            _ => {}
        }
    }
}

pub(super) fn cut_short() -> io::Error {
    io::Error::other("the file ends before the picture does")
}
