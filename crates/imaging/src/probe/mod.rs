//! Reads the header from a source's first bytes: format, size, orientation, and what decoding takes.
//!
//! The format is detected by content, never by a name. Nothing is decoded here. The header's claims are used for limits
//! only; the decoder checks them again.
//!
//! There is one file per format, [`riff`] for the container of WebP, and [`heif`] for that of HEIC and AVIF. Each walks the markers or chunks and says how
//! many bytes it needs to go on. [`HeaderReader`] turns that into ranges to read.

mod exif;
mod gif;
mod header;
mod header_bytes;
mod header_reader;
pub(crate) mod heif;
mod jpeg;
mod jpeg_metadata;
mod png;
mod read_header;
pub(crate) mod riff;
mod signature;
mod vp8l;
mod webp;

pub use header::{DecodedPixels, Header};
pub use header_reader::{HeaderReader, HeaderStep};
pub use read_header::{Probe, probe};

#[cfg(test)]
mod tests;
