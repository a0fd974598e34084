//! PNG, decoded row by row. An interlaced PNG is decoded as a whole, because its first row is complete only with the last
//! pass.

use std::io::Read;

use png::{BitDepth, ColorType, Decoder, DecodingError, Info, Limits, Reader, Transformations};

use super::decoded::Decoded;
use crate::colour::{Cicp, ColourProfile, GammaProfile, MAX_PROFILE_BYTES};
use crate::geometry::Rect;
use crate::raster::{Channels, Depth, PixelBuffer, PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::stashed_io_error::StashedIoError;
use crate::{Header, RenderError, Size};

/// Limit on the decoder's memory in addition to one row of pixels: a colour profile, compressed and decompressed.
const MAX_METADATA_BYTES: usize = 2 * MAX_PROFILE_BYTES;

pub(super) fn decode<'a, R: Read + 'a>(
    source: SourceReader<R>,
    header: &Header,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let stashed_error = source.stashed_error();
    let row = header.size.width.max(header.size.height) as usize * header.pixels.pixel_bytes as usize;
    let mut decoder = Decoder::new_with_limits(source, Limits { bytes: MAX_METADATA_BYTES.saturating_add(row) });
    // Palettes become colours, fewer than 8 bits become 8, and a transparent colour becomes an alpha channel.
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let reader = decoder.read_info().map_err(|error| stashed_error.read_error_or_corrupt(error))?;
    let info = reader.info();
    let size = Size::new(info.width, info.height);
    let profiles = profiles(info);
    let is_interlaced = info.interlaced;
    let pixel_format = native_format(reader.output_color_type());

    let rows: Box<dyn Rows> = if is_interlaced {
        Box::new(
            decode_interlaced(reader, size, pixel_format)
                .map_err(|error| stashed_error.read_error_or_corrupt(error))?,
        )
    } else {
        Box::new(PngRows { reader, pixel_format, size, rows_left: size.height, stashed_error })
    };
    Ok(Decoded::packed(rows, Region::at_full_scale(crop), profiles))
}

/// The colours by precedence (PNG third edition, section 12): cICP, iCCP, sRGB, gAMA with cHRM.
fn profiles(info: &Info<'_>) -> Vec<ColourProfile> {
    // Browsers take this gamma for the one of sRGB, within 5 %, if it comes without primaries.
    const SRGB_GAMMA: f32 = 0.454_55;
    let cicp = info
        .coding_independent_code_points
        .filter(|cicp| cicp.is_video_full_range_image && cicp.matrix_coefficients == 0)
        .and_then(|cicp| Cicp::of_png(cicp.color_primaries, cicp.transfer_function))
        .map(|cicp| ColourProfile::Cicp(cicp.with_peak(peak_nits(info))));
    let icc = info.icc_profile.as_deref().map(|profile| ColourProfile::Icc(profile.to_vec()));
    let gamma = info.gama_chunk.filter(|_| info.srgb.is_none()).map(png::ScaledFloat::into_value).and_then(|gamma| {
        let primaries =
            info.chrm_chunk.map(|c| [c.red, c.green, c.blue, c.white].map(|(x, y)| [x.into_value(), y.into_value()]));
        let is_srgb = primaries.is_none() && (gamma / SRGB_GAMMA - 1.0).abs() <= 0.05;
        (!is_srgb).then_some(ColourProfile::Gamma(GammaProfile { exponent: 1.0 / gamma, chromaticities: primaries }))
    });
    cicp.into_iter().chain(icc).chain(gamma).collect()
}

/// The light of the brightest pixel in cd/m², by cLLI or mDCV.
#[allow(clippy::cast_precision_loss)] // of no consequence
fn peak_nits(info: &Info<'_>) -> Option<f32> {
    const UNITS_PER_NIT: f32 = 10_000.0;
    let content = info.content_light_level.map(|light| light.max_content_light_level).filter(|&light| light > 0);
    let display = info.mastering_display_color_volume.map(|volume| volume.max_luminance);
    content.or(display).filter(|&light| light > 0).map(|light| light as f32 / UNITS_PER_NIT)
}

fn native_format((samples, depth): (ColorType, BitDepth)) -> PixelFormat {
    let channels = match samples {
        ColorType::Grayscale => Channels::Grey,
        ColorType::GrayscaleAlpha => Channels::GreyAlpha,
        ColorType::Rgb | ColorType::Indexed => Channels::Rgb,
        ColorType::Rgba => Channels::Rgba,
    };
    let depth = if depth == BitDepth::Sixteen { Depth::Sixteen } else { Depth::Eight };
    PixelFormat { channels, depth }
}

struct PngRows<R: Read> {
    reader: Reader<SourceReader<R>>,
    pixel_format: PixelFormat,
    size: Size,
    rows_left: u32,
    stashed_error: StashedIoError,
}

impl<R: Read> PngRows<R> {
    fn read_row(&mut self, out: &mut [u8]) -> Result<(), DecodingError> {
        self.reader.read_row(out)?;
        to_native(out, self.pixel_format);
        self.rows_left = self.rows_left.saturating_sub(1);
        if self.rows_left == 0 {
            // Reads to the end of the file, so that a file which is truncated after its pixels is rejected.
            self.reader.finish()?;
        }
        Ok(())
    }
}

impl<R: Read> Rows for PngRows<R> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for row in out.chunks_exact_mut(stride) {
            self.read_row(row).map_err(|error| self.stashed_error.read_error_or_corrupt(error))?;
        }
        Ok(())
    }
}

/// Decodes an interlaced picture as a whole.
fn decode_interlaced<R: Read>(
    mut reader: Reader<SourceReader<R>>,
    size: Size,
    pixel_format: PixelFormat,
) -> Result<PixelBuffer, DecodingError> {
    let mut bytes = vec![0; reader.output_buffer_size().ok_or(DecodingError::LimitsExceeded)?];
    reader.next_frame(&mut bytes)?;
    reader.finish()?;
    to_native(&mut bytes, pixel_format);
    Ok(PixelBuffer::new(size, pixel_format, bytes))
}

/// Converts samples of 16 bits from big-endian, as PNG stores them, to the machine's byte order.
fn to_native(row: &mut [u8], pixel_format: PixelFormat) {
    if pixel_format.depth == Depth::Sixteen {
        for sample in row.as_chunks_mut().0 {
            *sample = u16::from_be_bytes(*sample).to_ne_bytes();
        }
    }
}
