//! HEVC through `heifer-hevc-dec`, which decodes pictures that are coded without reference to others.

use heifer_hevc_dec::Error;
use heifer_hevc_dec::nal::NalUnit;
use heifer_hevc_dec::params::{ParameterSets, Pps, Sps, Vui};
use heifer_hevc_dec::recon::{Frame, Reconstructor};
use heifer_hevc_dec::slice::SliceHeader;
use heifer_hevc_dec::syntax::{Picture, decode_slice_segment};

use super::tile::{DecodedTile, Samples, TileDecoder};
use crate::probe::heif::{CodecConfig, HEVC_MAX_PADDING, Layout, Nclx};
use crate::time_budget::TimeBudget;
use crate::{Rejection, RenderError, Size};

/// Limit on the slices of a tile. The highest level of HEVC allows 600.
const MAX_SLICES: u32 = 4096;

/// Decodes tiles, each for itself.
pub(super) struct HevcDecoder;

impl TileDecoder for HevcDecoder {
    fn decode(
        &mut self,
        config: &CodecConfig,
        coded: &[u8],
        size: Size,
        _: &TimeBudget,
    ) -> Result<Box<dyn DecodedTile>, RenderError> {
        let record = Record::parse(&config.record).ok_or_else(|| RenderError::corrupt("its `hvcC` property is cut"))?;
        let mut sets = ParameterSets::default();
        for unit in record.units {
            sets.add(&NalUnit::parse(unit).map_err(failed)?).map_err(failed)?;
        }
        // A file can hold millions of units, so they are not listed.
        let units = Units { rest: coded, length_len: record.length_len };
        for unit in units.clone() {
            let unit = unit?;
            if unit.header.unit_type.is_slice() {
                break;
            }
            sets.add(&unit).map_err(failed)?;
        }
        decode_picture(units, &sets, config, size)
    }
}

/// Decodes the first picture.
fn decode_picture(
    units: Units<'_>,
    sets: &ParameterSets,
    config: &CodecConfig,
    size: Size,
) -> Result<Box<dyn DecodedTile>, RenderError> {
    let mut picture: Option<(Picture<'_>, Reconstructor<'_>)> = None;
    let mut previous: Option<SliceHeader> = None;
    let mut slices = 0;
    for unit in units {
        let unit = unit?;
        if !unit.header.unit_type.is_slice() || unit.header.layer_id > 0 {
            continue;
        }
        // The first bit says that a picture begins.
        let begins = unit.rbsp.first().is_some_and(|byte| byte >> 7 > 0);
        if begins && picture.is_some() {
            break;
        }
        slices += 1;
        if slices > MAX_SLICES {
            return Err(RenderError::corrupt(format_args!("a tile has more than {MAX_SLICES} slices")));
        }
        let header = SliceHeader::parse(&unit.rbsp, &unit.header, sets, previous.as_ref()).map_err(failed)?;
        let (pps, sps) = sets.get(header.slice_pic_parameter_set_id.into()).map_err(failed)?;
        let (state, reconstructor) = match &mut picture {
            Some(picture) => picture,
            None => {
                judge(sps, config, size)?;
                picture.insert(begin(sps, pps))
            }
        };
        reconstructor.start_slice(&header);
        let slice_qp = header.slice_qp_y(sets).map_err(failed)?;
        let data = unit.rbsp.get(header.header_size..).unwrap_or_default();
        decode_slice_segment(state, &header, slice_qp, data, reconstructor).map_err(failed)?;
        if let Some(error) = reconstructor.error.take() {
            return Err(failed(error));
        }
        if !header.dependent_slice_segment_flag {
            previous = Some(header);
        }
    }
    let (state, reconstructor) = picture.ok_or_else(|| RenderError::corrupt("a tile has no pixels"))?;
    if !state.is_complete() {
        return Err(RenderError::corrupt("a tile is incomplete"));
    }
    let sps = state.sps;
    drop(state);
    Ok(Box::new(HevcTile::new(reconstructor.finish(false), sps)))
}

fn begin<'s>(sps: &'s Sps, pps: &'s Pps) -> (Picture<'s>, Reconstructor<'s>) {
    (Picture::new(sps, pps), Reconstructor::new(sps, pps))
}

/// Checks that the coded picture is the one that the container describes, before memory is allocated for it.
fn judge(sps: &Sps, config: &CodecConfig, size: Size) -> Result<(), RenderError> {
    if sps.separate_colour_plane_flag {
        return Err(Rejection::unsupported("HEIC with separate colour planes").into());
    }
    let coded = Size::new(sps.pic_width_in_luma_samples, sps.pic_height_in_luma_samples);
    let (width, height) = sps.output_size();
    let is_near = |coded: u32, stated: u32| coded <= stated.saturating_add(HEVC_MAX_PADDING);
    let has_size = width >= size.width && height >= size.height;
    if !has_size || !is_near(coded.width, size.width) || !is_near(coded.height, size.height) {
        let message = format_args!("its header says {size}, its pixels are {width}×{height}");
        return Err(RenderError::corrupt(message));
    }
    let bits = [sps.bit_depth_luma, sps.bit_depth_chroma];
    if config.layout != Layout::Grey && bits[0] != bits[1] {
        return Err(Rejection::unsupported("HEIC with luma and chroma of different depths").into());
    }
    if layout_of(sps.chroma_format_idc) != config.layout || bits[0] != config.bits {
        return Err(RenderError::corrupt("its pixels are not as its header says"));
    }
    Ok(())
}

fn layout_of(chroma_format: u8) -> Layout {
    match chroma_format {
        0 => Layout::Grey,
        1 => Layout::Half,
        2 => Layout::HalfWidth,
        _ => Layout::Full,
    }
}

/// The rejection for an error of the decoder.
fn failed(error: Error) -> RenderError {
    match error {
        Error::Unimplemented(what) => Rejection::unsupported(format!("HEIC with {what}")).into(),
        Error::UnexpectedEof => RenderError::corrupt("a tile ends early"),
        Error::Invalid(what) => RenderError::corrupt(format_args!("a tile is damaged ({what})")),
        Error::HashMismatch(_) => RenderError::corrupt("a tile is damaged"),
    }
}

/// What a decoder configuration record (`hvcC`) holds.
struct Record<'a> {
    /// Bytes of the length before each unit of a tile.
    length_len: usize,
    /// Units that belong to every tile.
    units: Vec<&'a [u8]>,
}

impl<'a> Record<'a> {
    fn parse(record: &'a [u8]) -> Option<Self> {
        let length_len = usize::from(record.get(21)? & 3) + 1;
        let arrays = *record.get(22)?;
        let (mut rest, mut units) = (record.get(23..)?, Vec::new());
        for _ in 0..arrays {
            let (&[_, n0, n1], tail) = rest.split_first_chunk::<3>()?;
            rest = tail;
            for _ in 0..u16::from_be_bytes([n0, n1]) {
                let (&len, tail) = rest.split_first_chunk::<2>()?;
                let (unit, tail) = tail.split_at_checked(u16::from_be_bytes(len).into())?;
                units.push(unit);
                rest = tail;
            }
        }
        Some(Record { length_len, units })
    }
}

/// The units of a tile, each of which has its length before it.
#[derive(Clone)]
struct Units<'a> {
    rest: &'a [u8],
    length_len: usize,
}

impl<'a> Units<'a> {
    fn split(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.rest.split_at_checked(self.length_len)?;
        let len = len.iter().fold(0usize, |len, &byte| len << 8 | usize::from(byte));
        let (unit, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        Some(unit)
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Result<NalUnit<'a>, RenderError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let unit = self.split().ok_or_else(|| RenderError::corrupt("a tile ends early"));
        if unit.is_err() {
            self.rest = &[];
        }
        Some(unit.and_then(|unit| NalUnit::parse(unit).map_err(failed)))
    }
}

/// A decoded tile. The window that is shown can be smaller than the coded picture.
struct HevcTile {
    frame: Frame,
    size: Size,
    /// The first column and row that are shown, in luma.
    left: u32,
    top: u32,
    code_points: Option<Nclx>,
}

impl HevcTile {
    fn new(frame: Frame, sps: &Sps) -> Self {
        let (width, height) = sps.output_size();
        let (across, down) = sps.chroma_subsampling();
        let [left, _, top, _] = sps.conf_win_offsets;
        let code_points = sps.vui.as_ref().map(|vui| {
            let Vui { video_full_range_flag, colour_primaries, transfer_characteristics, matrix_coeffs, .. } = *vui;
            Nclx {
                primaries: colour_primaries.into(),
                transfer: transfer_characteristics.into(),
                matrix: matrix_coeffs.into(),
                is_full_range: video_full_range_flag,
            }
        });
        HevcTile { frame, size: Size::new(width, height), left: left * across, top: top * down, code_points }
    }
}

impl DecodedTile for HevcTile {
    fn size(&self) -> Size {
        self.size
    }

    fn layout(&self) -> Layout {
        layout_of(self.frame.chroma_format)
    }

    fn code_points(&self) -> Option<Nclx> {
        self.code_points
    }

    fn bits(&self) -> u8 {
        self.frame.bit_depth[0]
    }

    fn row(&self, plane: usize, row: u32) -> Samples<'_> {
        let (across, down) = if plane == 0 { (1, 1) } else { self.layout().subsampling() };
        let width = self.frame.widths[plane] as usize;
        let start = (self.top / down + row) as usize * width + (self.left / across) as usize;
        let end = (self.top / down + row + 1) as usize * width;
        Samples::Wide(self.frame.planes[plane].get(start..end).unwrap_or_default())
    }
}
