//! JPEG (ITU-T T.81): a walk over the marker segments up to the first scan, past the EXIF and the
//! frame header on the way.

use super::{Head, Pixels, Stop, Stored, exif};
use crate::decode::{MAX_PROFILE_BYTES, PROFILE_TAG};
use crate::{Orientation, Rejection, Size};

const SOI_LEN: u64 = 2;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const COM: u8 = 0xFE;
const SOS: u8 = 0xDA;
const EOI: u8 = 0xD9;

pub(super) fn read(head: &Head<'_>) -> Result<Stored, Stop> {
    let mut at = SOI_LEN;
    let (mut orientation, mut frame) = (None, None);
    let (mut tables, mut profile) = (0, 0);
    loop {
        let marker = next_marker(head, &mut at)?;
        match marker {
            // No segment follows: TEM, RSTn and a second SOI stand alone.
            0x01 | 0xD0..=0xD8 => continue,
            EOI => return Err(Rejection::corrupt("no scan before the end").into()),
            _ => {}
        }
        let segment_len = u64::from(u16::from_be_bytes(head.array(at)?));
        if segment_len < 2 {
            return Err(
                Rejection::corrupt("a marker segment is shorter than its own length").into()
            );
        }
        match marker {
            APP2 if head.given(at + 2, at + segment_len).starts_with(PROFILE_TAG) => {
                profile += segment_len
            }
            0xE1..=0xEF | COM => {}
            _ => tables += segment_len,
        }
        match marker {
            APP1 if orientation.is_none() => {
                let segment = head.get(at + 2, segment_len - 2)?;
                orientation = segment.strip_prefix(b"Exif\0\0").map(exif::orientation);
            }
            // DHT, JPG and DAC share the range of the frame headers.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                judge_process(marker)?;
                frame = Some(Frame::read(marker, head.get(at + 2, segment_len - 2)?)?);
            }
            SOS => {
                let Some(Frame { size, components, is_progressive }) = frame else {
                    return Err(Rejection::corrupt("no frame header before the first scan").into());
                };
                let in_scan = usize::from(head.u8(at + 2)?);
                let has_scans = is_progressive || in_scan < components.len();
                return Ok(Stored {
                    header_len: at + segment_len,
                    header_memory: header_memory(tables, profile),
                    size,
                    orientation: orientation.unwrap_or(Orientation::UPRIGHT),
                    frames: 1,
                    pixels: Pixels {
                        byte_len: components_out(components.len()),
                        has_alpha: false,
                        held: if has_scans { coefficient_bytes(size, &components) } else { 0 },
                    },
                });
            }
            _ => {}
        }
        at += segment_len;
    }
}

/// Tables and the profile are copied into a vector, which takes up to three times its length while it grows. The decoder
/// also holds the profile's parts, libjpeg's copy of them, and the assembled profile. Longer profiles are ignored.
fn header_memory(tables: u64, profile: u64) -> u64 {
    let profile = profile.min(MAX_PROFILE_BYTES as u64);
    3 * (tables + profile) + 3 * profile
}

/// The code of the next marker, `at` moved behind it. Stray bytes before a marker are skipped, as
/// libjpeg does.
fn next_marker(head: &Head<'_>, at: &mut u64) -> Result<u8, Stop> {
    loop {
        if head.u8(*at)? != 0xFF {
            *at += 1;
            continue;
        }
        let code = head.u8(*at + 1)?;
        match code {
            0xFF => *at += 1,
            0x00 => *at += 2,
            marker => {
                *at += 2;
                return Ok(marker);
            }
        }
    }
}

/// Whether a frame that begins with this marker is coded in a way that we decode.
fn judge_process(marker: u8) -> Result<(), Rejection> {
    match marker {
        0xC0..=0xC2 => Ok(()),
        0xC3 => Err(Rejection::unsupported("lossless JPEG")),
        0xC9..=0xCB => Err(Rejection::unsupported("JPEG with arithmetic coding")),
        _ => Err(Rejection::unsupported("hierarchical JPEG")),
    }
}

/// What a frame header says.
struct Frame {
    size: Size,
    /// How many samples each component has in a unit of the picture, across and down: 1 to 4.
    components: Vec<[u8; 2]>,
    is_progressive: bool,
}

impl Frame {
    fn read(marker: u8, segment: &[u8]) -> Result<Self, Rejection> {
        let &[precision, h1, h0, w1, w0, count, ref rest @ ..] = segment else {
            return Err(Rejection::corrupt("the frame header is too short"));
        };
        if precision != 8 {
            return Err(Rejection::unsupported(format!("JPEG with {precision} bits a sample")));
        }
        let sampling = |&[_, hv, _]: &[u8; 3]| [hv >> 4, hv & 0xF];
        let components: Vec<_> = rest.as_chunks().0.iter().map(sampling).collect();
        let is_sampled = |sampling: &[u8; 2]| sampling.iter().all(|of| (1..=4).contains(of));
        if !matches!(count, 1..=4)
            || components.len() != usize::from(count)
            || !components.iter().all(is_sampled)
        {
            return Err(Rejection::corrupt("the frame header names impossible components"));
        }
        let size =
            Size::new(u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into());
        Ok(Frame { size, components, is_progressive: marker == 0xC2 })
    }
}

/// Grey, colours or inks.
fn components_out(stored: usize) -> u8 {
    match stored {
        1 => 1,
        4 => 4,
        _ => 3,
    }
}

/// What libjpeg keeps where a later scan may change any pixel: 64 numbers of 16 bits for each block
/// of each component, to the full unit at the right and at the bottom. It keeps as much at every
/// scale, and whichever scans are left out.
fn coefficient_bytes(size: Size, components: &[[u8; 2]]) -> u64 {
    const BLOCK_BYTES: u64 = 64 * 2;
    let most = |axis: usize| components.iter().map(|of| of[axis]).max().unwrap_or(1);
    let blocks = |side: u32, own: u8, most: u8| {
        let (side, own, most) = (u64::from(side), u64::from(own), u64::from(most));
        (side * own).div_ceil(8 * most).next_multiple_of(own)
    };
    let of_component =
        |&[h, v]: &[u8; 2]| blocks(size.width, h, most(0)) * blocks(size.height, v, most(1));
    BLOCK_BYTES * components.iter().map(of_component).sum::<u64>()
}
