//! Darkroom's domain: renders pictures from a reader to a writer. It is synchronous and knows nothing about AWS.
//!
//! The steps of a picture:
//!
//! 1. [`probe()`] reads the header from the first bytes: [`Format`], [`Size`], [`Orientation`].
//! 2. [`Policy`] checks the header, and the [memory](memory_needed) that rendering takes, before any pixel is
//!    decoded. A [`Rejection`] is a value, with a code.
//! 3. [`geometry`] computes the crop and the size for a [`RenditionSpec`]: inside or cover, never enlarged.
//! 4. [`render()`] decodes, resizes, converts to sRGB, orients and encodes. Animations do so for every frame.
//! 5. [`rendition_key()`] is the key under which the rendition is stored.
//!
//! ```
//! use imaging::{Orientation, Policy, Probe, RenditionSpec, ResolvedSpec, Size, chart};
//!
//! let source = chart::jpeg(Size::new(480, 640), Orientation::try_from(6)?);
//!
//! let Probe::Header(header) = imaging::probe(&source, source.len() as u64)? else { panic!() };
//! assert_eq!(header.size.to_string(), "480×640"); // the size after orientation; the stored picture is 640×480
//! Policy::default().judge(&header)?;
//!
//! let spec: RenditionSpec = serde_json::from_str(
//!     r#"{"name": "thumbnail", "width": 300, "height": 300, "format": "webp"}"#,
//! )?;
//! let mut rendition = Vec::new();
//! let rendered = imaging::render(source.as_slice(), &spec, &mut rendition)?;
//! assert_eq!(rendered.size.to_string(), "225×300");
//!
//! let spec = ResolvedSpec::new(spec, header.format);
//! let key = imaging::rendition_key("cat.jpg", "9b2cf5", Some("3HL4k"), &spec);
//! assert!(key.starts_with("cat.jpg/thumbnail-"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod animate;
mod catch_panic;
pub mod chart;
mod colour;
mod convert;
mod damage;
mod decode;
mod encode;
mod encoding;
mod error;
mod ffi;
mod format;
pub mod geometry;
mod key;
mod memory;
mod orient;
mod policy;
mod probe;
mod raster;
mod render;
mod resize;
mod resolved_spec;
mod source_reader;
mod spec;
mod stashed_io_error;
mod time_budget;
mod transparent;
mod words;
mod ycc;

pub use colour::HdrTransfer;
pub use damage::{Corruption, Damage, DamagePolicy, DecodedPart};
pub use decode::JpegDecoder;
pub use encoding::{Encoding, Method, OptionOutOfRange, Quality, ScanMode, Speed};
pub use error::{Rejection, RejectionCode, RenderError};
pub use format::Format;
pub use geometry::Size;
pub use key::{is_rendition_of, rendition_key, rendition_prefix};
pub use memory::memory_needed;
pub use orient::{Orientation, OrientationOutOfRange};
pub use policy::{Limits, Policy};
pub use probe::{DecodedPixels, Header, HeaderReader, HeaderStep, Probe, probe};
pub use render::{LimitedBy, RenderOptions, Rendered, SourceFacts, render, render_within};
pub use resolved_spec::ResolvedSpec;
pub use spec::{Fit, Frames, InvalidRenditionName, RenditionName, RenditionSpec, SpecError, Target};

/// The version of the renderer. It is part of every rendition's key, and changes when a rendition's bytes change.
pub const RENDERER_VERSION: u32 = 3;
