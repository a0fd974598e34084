//! WebP through libwebp, which wants the picture whole.

use std::io::Write;

use super::Counted;
use crate::RenderError;
use crate::ffi::libwebp::{self, Mode};
use crate::rows::{Channels, Frame, Rows};

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows,
    mode: Mode,
    out: &mut Counted<W>,
) -> Result<(), RenderError> {
    let Frame { size, layout, bytes, .. } = Frame::collect(rows)?;
    let pixels = colourful(layout.channels, bytes);
    let encoded = libwebp::encode(&pixels, size, mode)
        .map_err(|reason| RenderError::encode("encoding WebP", reason))?;
    out.write_all(&encoded).map_err(|error| out.fault("writing WebP", error))
}

/// WebP has no grey pictures.
fn colourful(channels: Channels, bytes: Vec<u8>) -> Vec<u8> {
    match channels {
        Channels::Grey => bytes.iter().flat_map(|&grey| [grey; 3]).collect(),
        Channels::GreyAlpha => {
            let pixels = bytes.as_chunks().0.iter();
            pixels.flat_map(|&[grey, alpha]| [grey, grey, grey, alpha]).collect()
        }
        Channels::Rgb | Channels::Rgba | Channels::Cmyk => bytes,
    }
}
