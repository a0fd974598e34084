//! Darkroom's domain: bytes in, bytes out. Synchronous, without I/O of its own, and without a word
//! about AWS.
//!
//! The way of a picture, and where to read about each step of it:
//!
//! 1. [`probe()`] reads the header from the first bytes alone: [`Format`], [`Size`],
//!    [`Orientation`], frames.
//! 2. [`Policy`] judges it against [`Limits`], before any pixel is decoded; a [`Rejection`] is a
//!    value, with a code.
//! 3. [`geometry`] lays the box of a [`RenditionSpec`] over it: inside or cover, never enlarged.
//! 4. `render` decodes, resizes, orients and encodes.
//! 5. [`rendition_key()`] says where the rendition is stored.
//!
mod error;
mod format;
pub mod geometry;
mod key;
mod orient;
mod policy;
mod probe;
mod spec;

pub use error::{Rejection, RejectionCode, RenderError};
pub use format::Format;
pub use geometry::Size;
pub use key::rendition_key;
pub use orient::{Orientation, OrientationOutOfRange};
pub use policy::{Limits, Policy};
pub use probe::{Header, Probe, probe};
pub use spec::{Encoding, Fit, Quality, RenditionName, RenditionSpec, SpecError};

/// Part of every rendition's key: a constant that changes when the bytes of an output would.
pub const RENDERER_VERSION: u32 = 1;
