//! Lossy WebP through libwebp, method 4, which wants the picture whole.

use std::io::Write;

use webp::{Encoder, WebPConfig};

use super::Counted;
use crate::rows::{Frame, Layout, Rows};
use crate::{Quality, RenderError};

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows,
    quality: Quality,
    out: &mut Counted<W>,
) -> Result<(), RenderError> {
    let Frame { size, layout, bytes, .. } = Frame::collect(rows)?;
    let encoder = match layout {
        Layout::Rgb8 => Encoder::from_rgb(&bytes, size.width, size.height),
        Layout::Rgba8 => Encoder::from_rgba(&bytes, size.width, size.height),
    };
    let failed = |reason: &dyn std::fmt::Debug| {
        RenderError::encode("encoding WebP", format_args!("{reason:?}"))
    };
    let mut config = WebPConfig::new().map_err(|()| failed(&"no configuration"))?;
    config.quality = quality.get().into();
    let encoded = encoder.encode_advanced(&config).map_err(|error| failed(&error))?;
    out.write_all(&encoded).map_err(|error| out.fault("writing WebP", error))
}
