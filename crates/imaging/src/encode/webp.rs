//! Lossy WebP through libwebp, method 4, which wants the picture whole.

use std::io::Write;

use webp::{Encoder, WebPConfig};

use super::Counted;
use crate::rows::{Channels, Frame, Rows};
use crate::{Quality, RenderError};

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows,
    quality: Quality,
    out: &mut Counted<W>,
) -> Result<(), RenderError> {
    let Frame { size, layout, bytes, .. } = Frame::collect(rows)?;
    let (channels, bytes) = colourful(layout.channels, bytes);
    let encoder = match channels {
        Channels::Rgba => Encoder::from_rgba(&bytes, size.width, size.height),
        _ => Encoder::from_rgb(&bytes, size.width, size.height),
    };
    let failed = |reason: &dyn std::fmt::Debug| {
        RenderError::encode("encoding WebP", format_args!("{reason:?}"))
    };
    let mut config = WebPConfig::new().map_err(|()| failed(&"no configuration"))?;
    config.quality = quality.get().into();
    let encoded = encoder.encode_advanced(&config).map_err(|error| failed(&error))?;
    out.write_all(&encoded).map_err(|error| out.fault("writing WebP", error))
}

/// WebP has no grey pictures.
fn colourful(channels: Channels, bytes: Vec<u8>) -> (Channels, Vec<u8>) {
    match channels {
        Channels::Grey => (Channels::Rgb, bytes.iter().flat_map(|&grey| [grey; 3]).collect()),
        Channels::GreyAlpha => {
            let pixels = bytes.as_chunks().0.iter();
            (Channels::Rgba, pixels.flat_map(|&[grey, alpha]| [grey, grey, grey, alpha]).collect())
        }
        Channels::Rgb | Channels::Rgba | Channels::Cmyk => (channels, bytes),
    }
}
