//! Reads the header from a source's first bytes: format, size, orientation, and what decoding takes.
//!
//! The format is detected by content, never by a name. Nothing is decoded here. The header's claims are used for limits
//! only; the decoder checks them again.
//!
//! There is one file per format, [`riff`] for the container of WebP, and [`heif`] for that of HEIC and AVIF. Each walks the markers or chunks and says how
//! many bytes it needs to go on. [`HeaderReader`] turns that into ranges to read.

mod bmp;
mod exif;
mod gif;
mod header;
mod header_bytes;
mod header_reader;
pub(crate) mod heif;
mod ico;
mod jpeg;
mod jpeg_metadata;
mod other_file;
mod png;
mod pnm;
mod qoi;
mod read_header;
pub(crate) mod riff;
mod signature;
mod tiff;
mod vp8l;
mod webp;

pub(crate) use bmp::{Dib, DibCompression, MAX_DIB_LEN, parse_dib};
pub use header::{DecodedPixels, Header};
pub use header_reader::{HeaderReader, HeaderStep};
pub(crate) use ico::{IconKind, largest_icon};
pub(crate) use pnm::{PnmEncoding, PnmHeader, is_blank, parse_pnm};
pub(crate) use qoi::HEADER_LEN as QOI_HEADER_LEN;
pub(crate) use read_header::file_end;
pub use read_header::{Probe, probe};
pub(crate) use tiff::{TiffAlpha, TiffColours, TiffCompression, TiffLayout, TiffNumbers, tiff_layout};

#[cfg(test)]
mod tests;
