//! A streaming decoder for baseline JPEG (ITU-T T.81), made for small renditions of large pictures.
//!
//! - Every component is decoded at a [`Scale`] of its own: of each block of 8×8 pixels, 1×1 to 8×8 are made. The
//!   Huffman codes of coefficients that the scale does not need are skipped, several at a time.
//! - Only a rectangle of MCUs ([`McuRect`]) is transformed to pixels. The others are skipped.
//! - Rows are decoded when they are read. Memory is bounded by some rows of MCUs, whatever the picture's height.
//! - The components are returned as they are stored, without upsampling and without colour conversion.
//!
//! It decodes grey and YCbCr pictures with 8 bits per sample and a single Huffman-coded scan.
//! By default, decoding fails at the first fault of the data. [`Decoder::tolerate_damage`] makes it go on as libjpeg does.
//!
//! [`JpegHeader::baseline_frame`] is `None` for all others (progressive, CMYK, several scans): another decoder has to take
//! them. [`JpegHeader::segments`] holds what was read of the file by then.
//!
//! The modules build on each other in this order: `icc`, `markers`, `block`, `entropy`, `huffman`, `idct`, `frame`, `header`,
//! `plane`, `decoder`. There is no unsafe code: a SIMD transform may be passed in, see [`Idct8x8`].
//!
//! ```no_run
//! use std::{fs::File, io::BufReader};
//! use baseline_jpeg::{DecoderSetup, JpegHeader, McuRect, Scale, idct_8x8};
//!
//! let mut source = BufReader::new(File::open("photo.jpg")?);
//! let header = JpegHeader::read(&mut source, 0)?;
//! let frame = header.baseline_frame().ok_or("not a baseline JPEG")?;
//!
//! // A thumbnail of an eighth of the width and height.
//! let scales = vec![Scale::Eighth; frame.components.len()];
//! let setup = DecoderSetup::new(&header, &scales, McuRect::whole(frame), idct_8x8).ok_or("unusable Huffman tables")?;
//! let mut decoder = setup.start(source);
//! let luma = decoder.size(0);
//! let mut row = vec![0; luma.width as usize];
//! for _ in 0..luma.height {
//!     decoder.read_rows(0, &mut row)?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block;
mod decoder;
mod entropy;
mod error;
mod frame;
mod header;
mod huffman;
pub mod icc;
mod idct;
pub mod markers;
mod plane;

pub use block::Block;
pub use decoder::{Decoder, DecoderSetup, McuRect};
pub use error::{DecodeError, ScanDamage, ScanFault};
pub use frame::{FrameComponent, FrameHeader, FrameHeaderError, ScanComponent, ScanHeader, Size};
pub use header::JpegHeader;
pub use idct::{Idct8x8, Scale, idct_8x8};
