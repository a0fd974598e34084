//! C, behind functions that are safe to call with anything: what the safe bindings of the codecs
//! leave out, and nothing else.
//!
//! This is the only place of the repository where `unsafe` is allowed (`local/unsafe.sh` sees to
//! it), so that whoever reviews it knows where to look. Each block says why it is sound; what that
//! rests on, lengths above all, is checked in the same function. One file a library.

#![allow(unsafe_code)]

pub(crate) mod libaom;
pub(crate) mod libjpeg;
pub(crate) mod libwebp;
