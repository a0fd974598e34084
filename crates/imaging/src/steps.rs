//! The steps of a rendering, each by itself: for `benches/steps.rs`, and for nothing else.

use std::io::sink;
use std::time::Duration;

use crate::clock::Clock;
use crate::decode::{Decoded, Part, Picture, Region};
use crate::geometry::Rect;
use crate::rows::Frame;
use crate::source::Source;
use crate::ycc::Range;
use crate::{Encoding, RenderError, Size, decode, encode, resize};

/// A picture as its decoder hands it out, held whole.
pub struct Decoding {
    planes: Vec<(Frame, Region)>,
    /// Of luma and chroma, where those are apart.
    range: Option<Range>,
}

/// Decodes all of a picture that is to become `size` px, as stored.
///
/// # Errors
/// Those of [`render()`](crate::render()).
pub fn decoded(source: &[u8], size: Size) -> Result<Decoding, RenderError> {
    let (header, source) = Source::open(source)?;
    let crop = Rect::whole(header.orientation.size(header.size));
    let Decoded { picture, .. } = decode::decode(source, &header, crop, size)?;
    let (parts, range) = match picture {
        Picture::Packed(part) => (vec![part], None),
        Picture::Ycc(planes, range) => (Vec::from(planes), Some(range)),
    };
    Ok(Decoding { planes: held(parts)?, range })
}

/// Planes come from one decoder, and are read by turns.
fn held(mut parts: Vec<Part<'_>>) -> Result<Vec<(Frame, Region)>, RenderError> {
    const TURNS: usize = 64;
    let mut pixels = vec![Vec::new(); parts.len()];
    for turn in 1..=TURNS {
        for (part, pixels) in parts.iter_mut().zip(&mut pixels) {
            let until = part.rows.size().height as usize * turn / TURNS * part.rows.stride();
            let from = pixels.len();
            pixels.resize(until, 0);
            part.rows.read(&mut pixels[from..])?;
        }
    }
    let frame = |part: &Part<'_>, pixels| Frame::new(part.rows.size(), part.rows.layout(), pixels);
    Ok(parts.iter().zip(pixels).map(|(part, pixels)| (frame(part, pixels), part.region)).collect())
}

/// A picture of the size of its rendition.
pub struct Resized(Frame);

impl Decoding {
    /// Brings it to `size`.
    ///
    /// # Errors
    /// Those of [`render()`](crate::render()).
    pub fn resized<'a>(&'a self, size: Size) -> Result<Resized, RenderError> {
        let part = |(frame, region): &'a (Frame, Region)| {
            let rows = Frame::new(frame.size, frame.layout, frame.bytes.as_slice());
            Part { rows: Box::new(rows), region: *region }
        };
        let picture = match (self.planes.as_slice(), self.range) {
            ([luma, blue, red], Some(range)) => Picture::Ycc([luma, blue, red].map(part), range),
            (planes, _) => Picture::Packed(part(&planes[0])),
        };
        Frame::collect(&mut *resize::resize(picture, size)).map(Resized)
    }
}

impl Resized {
    /// Encodes it, and says how many bytes that took.
    ///
    /// # Errors
    /// Those of [`render()`](crate::render()).
    pub fn encoded(&self, encoding: Encoding) -> Result<u64, RenderError> {
        let mut rows = Frame::new(self.0.size, self.0.layout, self.0.bytes.as_slice());
        encode::encode(&mut rows, encoding, &Clock::start(Duration::MAX), sink())
    }
}
