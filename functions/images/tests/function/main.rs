//! Tests of the images function with the in-memory ports.
#![allow(clippy::unwrap_used)]

mod events;
mod http;
mod support;
