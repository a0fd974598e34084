//! Calls into C libraries, behind functions that are safe to call with any arguments. It has only what the safe bindings
//! of the codecs do not offer. There is one file per library.
//!
//! `unsafe` is allowed only here (`local/unsafe.sh` checks that), so that reviewers know where to look. Each block states
//! why it is sound. What that depends on, above all lengths, is checked in the same function.

#![allow(unsafe_code)]

pub(crate) mod libaom;
pub(crate) mod libaom_decoder;
pub(crate) mod libjpeg;
pub(crate) mod libwebp;
