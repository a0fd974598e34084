//! How the pixels of a TIFF are stored.

use std::ops::Range;

use super::directory::{Directory, TiffNumbers, TiffValues};
use super::tag;
use crate::probe::header::DecodedPixels;
use crate::probe::header_bytes::Stop;
use crate::{Rejection, Size};

/// How the pixels are stored. Every combination is one that can be decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TiffLayout {
    pub(crate) numbers: TiffNumbers,
    pub(crate) size: Size,
    pub(crate) colours: TiffColours,
    pub(crate) alpha: TiffAlpha,
    /// 1 to 16, or 32.
    pub(crate) bits: u8,
    /// Samples of a pixel, with those that are not shown.
    pub(crate) samples: u16,
    /// Whether each sample has chunks of its own.
    pub(crate) is_planar: bool,
    pub(crate) compression: TiffCompression,
    /// Whether a sample is stored as the difference to the one before.
    pub(crate) has_differences: bool,
    /// Whether the first pixel is in the lowest bit of a byte.
    pub(crate) is_low_bit_first: bool,
    /// The size of a tile, or of a strip, which is as wide as the picture.
    pub(crate) chunk: Size,
    pub(crate) is_tiled: bool,
    pub(crate) offsets: TiffValues,
    pub(crate) byte_counts: Option<TiffValues>,
    pub(crate) palette: Option<TiffValues>,
    pub(crate) profile: Option<TiffValues>,
    pub(crate) jpeg_tables: Option<TiffValues>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TiffColours {
    /// 0 is white.
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Cmyk,
    /// Luma and chroma, in JPEG only, whose decoder converts it to RGB.
    Ycc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TiffAlpha {
    None,
    /// Colours are multiplied by alpha.
    Associated,
    Unassociated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TiffCompression {
    None,
    Fax3,
    Fax4,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
}

impl TiffLayout {
    pub(super) fn read(directory: &Directory<'_>) -> Result<Self, Stop> {
        let number = |tag, default: u64| Ok::<_, Stop>(directory.number(tag)?.unwrap_or(default));
        let side = |tag| {
            let side = number(tag, 0)?;
            u32::try_from(side).map_err(|_| Stop::from(Rejection::corrupt(format_args!("a side has {side} px"))))
        };
        let size = Size::new(side(tag::WIDTH)?, side(tag::HEIGHT)?);
        let samples = u16::try_from(number(tag::SAMPLES_PER_PIXEL, 1)?).unwrap_or(u16::MAX);
        let compression = compression(directory)?;
        let colours = colours(directory, samples, compression)?;
        let bits = bits(directory, samples)?;
        let is_float = number(tag::SAMPLE_FORMAT, 1)?;
        if !matches!(is_float, 1 | 4) {
            let found = if is_float == 3 { "floating-point" } else { "signed" };
            return Err(Rejection::unsupported(format!("TIFF with {found} samples")).into());
        }
        let is_tiled = directory.find(tag::TILE_OFFSETS)?.is_some();
        let chunk = if is_tiled {
            Size::new(side(tag::TILE_WIDTH)?, side(tag::TILE_HEIGHT)?)
        } else {
            let rows = number(tag::ROWS_PER_STRIP, u64::MAX)?.min(size.height.into());
            Size::new(size.width, u32::try_from(rows).unwrap_or(size.height))
        };
        let (offsets, byte_counts) = if is_tiled {
            (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
        } else {
            (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
        };
        let offsets = directory
            .find(offsets)?
            .ok_or_else(|| Stop::from(Rejection::corrupt("it does not say where its pixels are")))?;
        let predictor = number(tag::PREDICTOR, 1)?;
        let layout = TiffLayout {
            numbers: directory.numbers,
            size,
            colours,
            alpha: alpha(directory, colours, samples)?,
            bits,
            samples,
            is_planar: number(tag::PLANAR, 1)? == 2 && samples > 1,
            compression,
            has_differences: predictor == 2 && matches!(compression, TiffCompression::Lzw | TiffCompression::Deflate),
            is_low_bit_first: number(tag::FILL_ORDER, 1)? == 2,
            chunk,
            is_tiled,
            offsets,
            byte_counts: directory.find(byte_counts)?,
            palette: directory.find(tag::COLOUR_MAP)?,
            profile: directory.find(tag::ICC_PROFILE)?,
            jpeg_tables: directory.find(tag::JPEG_TABLES)?,
        };
        layout.check(predictor)?;
        Ok(layout)
    }

    fn check(&self, predictor: u64) -> Result<(), Rejection> {
        let bits = self.bits;
        let is_depth_known = match self.compression {
            TiffCompression::Jpeg => bits == 8,
            TiffCompression::Fax3 | TiffCompression::Fax4 => bits == 1 && self.samples == 1,
            _ => matches!(bits, 1..=16 | 32),
        };
        if !is_depth_known || (self.colours == TiffColours::Palette && bits > 8) {
            return Err(Rejection::unsupported(format!("TIFF with {bits} bits per sample")));
        }
        if predictor == 3 || (self.has_differences && !matches!(bits, 8 | 16 | 32)) {
            return Err(Rejection::unsupported(format!("TIFF with predictor {predictor} and {bits} bits per sample")));
        }
        let in_chunk = self.samples_in_chunk();
        if self.compression == TiffCompression::Jpeg
            && (!matches!(in_chunk, 1 | 3 | 4) || (self.is_planar && self.colours == TiffColours::Ycc))
        {
            return Err(Rejection::unsupported(format!("TIFF with JPEG of {in_chunk} samples per pixel")));
        }
        if self.chunk.width == 0 || (self.chunk.height == 0 && self.size.height > 0) {
            return Err(Rejection::corrupt("a side of its tiles is zero"));
        }
        // The standard says 16. Opening a tile takes time, so that smaller ones could take minutes.
        const MIN_TILE_SIDE: u32 = 8;
        if self.is_tiled && self.chunk.width.min(self.chunk.height) < MIN_TILE_SIDE {
            return Err(Rejection::corrupt(format_args!("its tiles of {} are too small", self.chunk)));
        }
        // A tile's padding is decoded, too.
        let (padded, pixels) = (self.padded_size().pixels(), self.size.pixels());
        if padded > pixels.saturating_mul(4).max(1 << 24) {
            let chunk = self.chunk;
            return Err(Rejection::corrupt(format_args!("its tiles of {chunk} are too large for its {}", self.size)));
        }
        Ok(())
    }

    /// The size that the chunks cover.
    fn padded_size(&self) -> Size {
        let pad = |side: u32, chunk: u32| side.div_ceil(chunk.max(1)).saturating_mul(chunk);
        Size::new(pad(self.size.width, self.chunk.width), pad(self.size.height, self.chunk.height))
    }

    /// Samples that are stored next to each other.
    pub(crate) fn samples_in_chunk(&self) -> u16 {
        if self.is_planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a chunk, before it is unpacked.
    pub(crate) fn chunk_row_len(&self) -> u64 {
        (u64::from(self.chunk.width) * u64::from(self.samples_in_chunk()) * u64::from(self.bits)).div_ceil(8)
    }

    /// Chunks in a row, and chunks in a column.
    pub(crate) fn chunks(&self) -> (u32, u32) {
        let count = |side: u32, chunk: u32| side.div_ceil(chunk.max(1));
        (count(self.size.width, self.chunk.width), count(self.size.height, self.chunk.height))
    }

    /// Chunks of all planes.
    pub(super) fn chunk_count(&self) -> u64 {
        let (across, down) = self.chunks();
        let planes = if self.is_planar { self.samples } else { 1 };
        (u64::from(across) * u64::from(down)).saturating_mul(planes.into())
    }

    /// Where a chunk is, in a file that is in memory.
    pub(crate) fn chunk_range(&self, file: &[u8], index: u64) -> Option<Range<u64>> {
        let start = self.offsets.get(file, self.numbers, index)?;
        let stated = self.byte_counts.and_then(|counts| counts.get(file, self.numbers, index));
        let len = match (self.compression, stated) {
            // The stated length of plain pixels says nothing new, and is wrong in some files.
            (TiffCompression::None, _) => self.chunk_row_len().saturating_mul(self.chunk.height.into()),
            (_, Some(len)) => len,
            (_, None) => u64::MAX,
        };
        Some(start..start.saturating_add(len))
    }

    pub(super) fn decoded_pixels(&self) -> DecodedPixels {
        let channels = match self.colours {
            TiffColours::WhiteIsZero | TiffColours::BlackIsZero => 1,
            TiffColours::Rgb | TiffColours::Palette | TiffColours::Ycc => 3,
            TiffColours::Cmyk => 4,
        };
        let has_alpha = self.alpha != TiffAlpha::None;
        let sample_bytes = if self.bits > 8 && self.colours != TiffColours::Cmyk { 2 } else { 1 };
        let (across, _) = self.chunks();
        let planes = if self.is_planar { u64::from(self.samples) } else { 1 };
        // The sides may have any value, because limits are checked later. Sums of this number do not overflow.
        const MOST_BYTES: u64 = 1 << 60;
        let chunk_bytes = self.chunk_row_len().saturating_mul(self.chunk.height.into());
        let tiles = if self.is_tiled { chunk_bytes.saturating_mul(u64::from(across) * planes) } else { 0 };
        let chunk = match self.compression {
            // The pixels of a chunk, its coefficients if it is progressive, and a copy of its bytes, which are fewer.
            TiffCompression::Jpeg => self.chunk.pixels().saturating_mul(2 * u64::from(self.samples_in_chunk()) + 6),
            TiffCompression::Fax3 | TiffCompression::Fax4 => chunk_bytes,
            // A row of each plane, as it is stored.
            _ => 4 * self.chunk_row_len(),
        };
        let decoder_bytes =
            tiles.saturating_add(chunk.saturating_mul(if self.is_tiled { 1 } else { planes })).min(MOST_BYTES);
        DecodedPixels { pixel_bytes: (channels + u8::from(has_alpha)) * sample_bytes, has_alpha, decoder_bytes }
    }
}

fn compression(directory: &Directory<'_>) -> Result<TiffCompression, Stop> {
    let name = match directory.number(tag::COMPRESSION)?.unwrap_or(1) {
        1 => return Ok(TiffCompression::None),
        3 if directory.number(tag::T4_OPTIONS)?.unwrap_or(0) & 1 == 0 => return Ok(TiffCompression::Fax3),
        4 => return Ok(TiffCompression::Fax4),
        5 => return Ok(TiffCompression::Lzw),
        7 => return Ok(TiffCompression::Jpeg),
        8 | 32_946 => return Ok(TiffCompression::Deflate),
        32_773 => return Ok(TiffCompression::PackBits),
        2 => "CCITT 1-D",
        3 => "two-dimensional CCITT Group 3",
        6 => "old-style JPEG",
        32_809 => "ThunderScan",
        34_676 | 34_677 => "LogLuv",
        33_003..=33_005 | 34_712 => "JPEG 2000",
        34_887 => "LERC",
        34_925 => "LZMA",
        50_000 => "Zstandard",
        50_001 => "WebP",
        50_002 | 52_546 => "JPEG XL",
        _ => "unknown",
    };
    Err(Rejection::unsupported(format!("TIFF with {name} compression")).into())
}

fn colours(directory: &Directory<'_>, samples: u16, compression: TiffCompression) -> Result<TiffColours, Stop> {
    const CMYK_INKS: u64 = 1;
    let photometric = directory.number(tag::PHOTOMETRIC)?;
    let (colours, least) = match photometric {
        Some(0) => (TiffColours::WhiteIsZero, 1),
        Some(1) => (TiffColours::BlackIsZero, 1),
        // Some writers forget the tag.
        None if samples >= 3 => (TiffColours::Rgb, 3),
        None if matches!(compression, TiffCompression::Fax3 | TiffCompression::Fax4) => (TiffColours::WhiteIsZero, 1),
        None => (TiffColours::BlackIsZero, 1),
        Some(2) => (TiffColours::Rgb, 3),
        Some(3) => (TiffColours::Palette, 1),
        Some(5) if directory.number(tag::INK_SET)?.unwrap_or(CMYK_INKS) == CMYK_INKS => (TiffColours::Cmyk, 4),
        Some(6) if compression == TiffCompression::Jpeg => (TiffColours::Ycc, 3),
        other => {
            let name = match other {
                Some(4) => "a mask in place of a picture",
                Some(5) => "inks that are not CMYK",
                Some(6) => "luma and chroma that are not JPEG",
                Some(8..=10) => "CIELAB colours",
                Some(32_844 | 32_845) => "LogLuv colours",
                _ => "unknown colours",
            };
            return Err(Rejection::unsupported(format!("TIFF with {name}")).into());
        }
    };
    // A palette has one sample, and libjpeg converts exactly three.
    let most = if matches!(colours, TiffColours::Ycc) { 3 } else { 64 };
    if !(least..=most).contains(&samples) {
        return Err(Rejection::corrupt(format_args!("{samples} samples per pixel do not fit its colours")).into());
    }
    Ok(colours)
}

fn bits(directory: &Directory<'_>, samples: u16) -> Result<u8, Stop> {
    let Some(values) = directory.find(tag::BITS_PER_SAMPLE)? else { return Ok(1) };
    let first = directory.number(tag::BITS_PER_SAMPLE)?.unwrap_or(1);
    for index in 1..values.count.min(samples.into()) {
        if directory.value(values, index)? != first {
            return Err(Rejection::unsupported("TIFF with samples of different depths").into());
        }
    }
    Ok(u8::try_from(first).unwrap_or(u8::MAX))
}

/// What the first sample after the colours is.
fn alpha(directory: &Directory<'_>, colours: TiffColours, samples: u16) -> Result<TiffAlpha, Stop> {
    let colour_samples = match colours {
        TiffColours::WhiteIsZero | TiffColours::BlackIsZero => 1,
        TiffColours::Rgb => 3,
        TiffColours::Palette | TiffColours::Cmyk | TiffColours::Ycc => return Ok(TiffAlpha::None),
    };
    if samples <= colour_samples {
        return Ok(TiffAlpha::None);
    }
    Ok(match directory.number(tag::EXTRA_SAMPLES)? {
        Some(1) => TiffAlpha::Associated,
        Some(2) => TiffAlpha::Unassociated,
        _ => TiffAlpha::None,
    })
}
