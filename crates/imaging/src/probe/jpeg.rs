//! JPEG (ITU-T T.81): a walk over the marker segments up to the frame header, past the EXIF on the
//! way.

use super::{Head, Stop, Stored, exif, unsupported};
use crate::{Orientation, Rejection, Size};

const SOI_LEN: u64 = 2;
const APP1: u8 = 0xE1;
const SOS: u8 = 0xDA;
const EOI: u8 = 0xD9;

pub(super) fn read(head: &Head<'_>) -> Result<Stored, Stop> {
    let mut at = SOI_LEN;
    let mut orientation = None;
    loop {
        let marker = next_marker(head, &mut at)?;
        match marker {
            // No segment follows: TEM, RSTn and a second SOI stand alone.
            0x01 | 0xD0..=0xD8 => continue,
            SOS | EOI => {
                return Err(Rejection::corrupt("no frame header before the first scan").into());
            }
            _ => {}
        }
        let segment_len = u64::from(u16::from_be_bytes(head.array(at)?));
        if segment_len < 2 {
            return Err(
                Rejection::corrupt("a marker segment is shorter than its own length").into()
            );
        }
        match marker {
            APP1 if orientation.is_none() => {
                let segment = head.get(at + 2, segment_len - 2)?;
                orientation = segment.strip_prefix(b"Exif\0\0").map(exif::orientation);
            }
            // DHT, JPG and DAC share the range of the frame headers.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let size = frame_size(marker, head.array(at + 2)?)?;
                return Ok(Stored {
                    size,
                    orientation: orientation.unwrap_or(Orientation::UPRIGHT),
                    frames: 1,
                });
            }
            _ => {}
        }
        at += segment_len;
    }
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

fn frame_size(marker: u8, [precision, h1, h0, w1, w0]: [u8; 5]) -> Result<Size, Rejection> {
    match marker {
        0xC0..=0xC2 => {}
        0xC3 => return Err(unsupported("lossless JPEG")),
        0xC9..=0xCB => return Err(unsupported("JPEG with arithmetic coding")),
        _ => return Err(unsupported("hierarchical JPEG")),
    }
    if precision != 8 {
        return Err(unsupported(format!("JPEG with {precision} bits a sample")));
    }
    Ok(Size::new(u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into()))
}
