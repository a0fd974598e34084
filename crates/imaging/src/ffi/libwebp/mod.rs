//! libwebp's C interface, where no safe binding has what is needed: scaling while decoding, planes, import to the colour
//! space that is encoded, and animations.

mod animation_decoder;
mod animation_encoder;
mod decode;
mod encode;
mod picture;
#[cfg(test)]
mod tests;

pub(crate) use animation_decoder::AnimationDecoder;
pub(crate) use animation_encoder::AnimationEncoder;
pub(crate) use decode::{Extent, Features, RowCount, decode, decode_planes, features};
pub(crate) use encode::encode;
pub(crate) use libwebp_sys::VP8StatusCode;
pub(crate) use picture::Mode;
