//! HEIF: HEIC and AVIF, decoded by rows of tiles.
//!
//! A picture is one coded item or a grid of them ([`CodedImage`]). Each tile is decoded as a whole by its codec
//! ([`TileDecoder`]); its rows then flow like those of every other format. A single item is a grid of one tile.
//!
//! - A picture that is scaled down to half or less flows as planes of luma and chroma, which are resized separately.
//! - Other pictures, and those with alpha, become packed rows: all samples keep their 8, 10 or 12 bits until then.

mod av1;
#[cfg(feature = "heic")]
mod hevc;

mod chroma;
mod coded_bytes;
mod coding;
mod rgb;
mod samples;
mod tile;
mod tile_rows;

use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;

use self::coded_bytes::CodedBytes;
use self::coding::Coding;
use self::rgb::{Alpha, PackedRows};
use self::samples::SampleRows;
use self::tile::TileDecoder;
use self::tile_rows::{PlaneRows, StoredBits, TileRows};
use super::decoded::Decoded;
use crate::colour::{Cicp, ColourProfile};
use crate::geometry::Rect;
use crate::probe::heif::{Codec, CodedImage, Description, Layout, Nclx, description};
use crate::raster::{Depth, Raster, Region, RowsToCrop};
use crate::source_reader::SourceReader;
use crate::time_budget::TimeBudget;
use crate::{Rejection, RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(
    source: SourceReader<R>,
    crop: Rect,
    size: Size,
    budget: &TimeBudget,
) -> Result<Decoded<'a>, RenderError> {
    let Description { crop: shown, colours, alpha, is_premultiplied, profile, nclx, .. } =
        description(source.header_bytes())?;
    let crop = Rect { x: shown.x + crop.x, y: shown.y + crop.y, size: crop.size };
    // Planes have 8 bits. Those are too few for colours of high dynamic range, which are tone-mapped.
    let by_planes = alpha.is_none()
        && colours.layout() != Layout::Grey
        && is_half(crop.size, size)
        && !nclx.is_some_and(Nclx::is_high_dynamic_range);

    let bytes = Rc::new(RefCell::new(CodedBytes::new(source, std::iter::once(&colours).chain(&alpha))));
    let stored_bits = if by_planes { StoredBits::Eight { range: nclx } } else { StoredBits::All };
    let open = |image: CodedImage, stored_bits| {
        let decoder = decoder_of(image.codec())?;
        TileRows::open(image, &bytes, decoder, stored_bits, budget).map(|rows| Rc::new(RefCell::new(rows)))
    };
    let colours = open(colours, stored_bits)?;
    let (layout, bits, coded_nclx) = (colours.layout(), colours.bits(), colours.borrow().code_points());
    let nclx = nclx.or(coded_nclx);
    let coding = Coding::of(nclx);
    let profiles = profiles(profile, nclx);

    if by_planes
        && layout != Layout::Grey
        && let Some(ycc) = coding.of_planes()?
    {
        let plane = |index| RowsToCrop {
            rows: Box::new(PlaneRows::new(&colours, index, coding.is_full_range)),
            region: plane_region(crop, layout, index),
        };
        return Ok(Decoded { picture: Raster::Ycc([plane(0), plane(1), plane(2)], ycc), profiles });
    }
    let alpha = match alpha {
        None => None,
        Some(image) => {
            let codec = image.codec();
            let samples = open(image, StoredBits::All)?;
            let is_full_range = has_full_range_alpha(codec, samples.borrow().code_points());
            Some(Alpha { samples, is_full_range, is_premultiplied })
        }
    };
    let depth = if bits > 8 { Depth::Sixteen } else { Depth::Eight };
    let rows = PackedRows::new(colours, alpha, coding, depth, true)?;
    Ok(Decoded::packed(Box::new(rows), Region::at_full_scale(crop), profiles))
}

/// The colours of the picture: its ICC profile, or else its code points.
fn profiles(profile: Option<Vec<u8>>, nclx: Option<Nclx>) -> Vec<ColourProfile> {
    let number = |code: u16| u8::try_from(code).unwrap_or(u8::MAX);
    let cicp = nclx.map(|nclx| Cicp::of_video(number(nclx.primaries), number(nclx.transfer)));
    profile.map(ColourProfile::Icc).into_iter().chain(cicp.map(ColourProfile::Cicp)).collect()
}

/// Whether each side is scaled down to half or less: even chroma then has enough samples.
fn is_half(from: Size, to: Size) -> bool {
    let is_half = |from: u32, to: u32| u64::from(from) >= 2 * u64::from(to);
    is_half(from.width, to.width) && is_half(from.height, to.height)
}

/// The region of a plane that shows the crop.
fn plane_region(crop: Rect, layout: Layout, plane: usize) -> Region {
    let Region { left, top, width, height } = Region::at_full_scale(crop);
    if plane == 0 {
        return Region { left, top, width, height };
    }
    let (across, down) = layout.subsampling();
    let (across, down) = (f64::from(across), f64::from(down));
    Region { left: left / across, top: top / down, width: width / across, height: height / down }
}

/// Whether black and white of an alpha channel are the lowest and the highest level. Encoders of HEVC assume that, and
/// do not say so.
fn has_full_range_alpha(codec: Codec, code_points: Option<Nclx>) -> bool {
    codec == Codec::Hevc || code_points.is_none_or(|code_points| code_points.is_full_range)
}

/// The decoder of a codec.
fn decoder_of(codec: Codec) -> Result<Box<dyn TileDecoder>, Rejection> {
    match codec {
        #[cfg(feature = "heic")]
        Codec::Hevc => Ok(Box::new(hevc::HevcDecoder)),
        #[cfg(not(feature = "heic"))]
        Codec::Hevc => Err(Rejection::unsupported("HEIC")),
        Codec::Av1 => Ok(Box::new(av1::Av1Decoder)),
    }
}
