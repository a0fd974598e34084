//! PNGs that are damaged before, in and behind their pixels. If every pixel was decoded, the picture is whole.
//!
//! Each verdict is beside what Chromium 156 shows of the same file.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod animation;
mod chunks;
mod ends;

use imaging::RenderError;
use support::png_file::{
    HEIGHT, SIGNATURE, WIDTH, chunk, colour, compress, end, header, interlaced_rows, pixel_chunks, rgb_rows, rgb_with,
    rows, wrong_checksum,
};
use support::{rendition, try_rendition};

const PNG: &str = r#""format": "png""#;

const SMALL: &str = r#""width": 10, "format": "png""#;

/// What Chromium shows: all pixels, not all of them, or nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Chromium {
    Whole,
    Part,
    Nothing,
}

use Chromium::{Nothing, Part, Whole};

/// A name, a file, and what Chromium shows of it.
type Case = (&'static str, Vec<u8>, Chromium);

/// The picture is rendered, and has the pixels of `whole`.
fn assert_whole(name: &str, source: &[u8], whole: &[u8]) {
    for json in [PNG, SMALL] {
        let found = try_rendition(source, json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(found == rendition(whole, json), "{name}, {json}: other pixels");
    }
}

/// The picture is rejected with this reason.
fn assert_corrupt(name: &str, source: &[u8], reason: &str) {
    for json in [PNG, SMALL] {
        match try_rendition(source, json) {
            Err(error @ RenderError::Rejected(_)) => {
                let message = error.to_string();
                assert!(message.contains(reason), "{name}: {message}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

fn rgb() -> Vec<u8> {
    header(8, 2, 0)
}

fn stream() -> Vec<u8> {
    compress(&rgb_rows())
}

/// The file of these parts.
fn png(parts: &[&[u8]]) -> Vec<u8> {
    [SIGNATURE, &parts.concat()].concat()
}

fn text() -> Vec<u8> {
    chunk(b"tEXt", b"Comment\0a text behind the pixels")
}

/// Everything up to the last byte of the pixels' checksum.
fn to_pixels() -> Vec<u8> {
    png(&[&rgb(), &chunk(b"IDAT", &stream())])
}
