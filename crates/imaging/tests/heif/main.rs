//! HEIC sources: containers of every shape, layouts of pixels, transforms, colours, and files that are damaged or false.

#![cfg(feature = "heic")]
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

use std::ops::Range;

use image::{DynamicImage, RgbImage, RgbaImage};
use imaging::{
    Format, Header, HeaderReader, HeaderStep, RejectionCode, RenderError, Size, chart, memory_needed, render,
};
use support::heif::{Coded, File, Item, Order, Place, aux_alpha, boxed, clap, icc, imir, irot, ispe, nclx};
use support::{picture, rejection, rendition, spec};

const CHART: Size = Size::new(120, 100);
const SIZE: (u32, u32) = (120, 100);

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../pictures/heic/", $name)).as_slice()
    };
}

// Below the macro, which they use.
mod container;
mod pixels;
mod verdicts;

fn chart_420() -> Coded {
    Coded::of_file(file!("chart-420.heic"))
}

fn tiles() -> [Coded; 4] {
    [file!("tile-0.heic"), file!("tile-1.heic"), file!("tile-2.heic"), file!("tile-3.heic")].map(Coded::of_file)
}

/// The chart as a grid of 2×2 tiles. Item 1 is the grid.
fn grid() -> File {
    let tiles = tiles();
    let items = (2..).zip(&tiles).map(|(id, tile)| Item::coded(id, tile, (64, 64)));
    let grid = Item::grid(1, 2, 2, (120, 100));
    File::new(std::iter::once(grid).chain(items).collect()).refer(b"dimg", 1, &[2, 3, 4, 5])
}

/// The chart as a single item.
fn single(properties: &[support::heif::Property]) -> File {
    let item = Item::coded(1, &chart_420(), SIZE);
    File::new(vec![properties.iter().fold(item, |item, property| item.with(property.clone()))])
}

fn rgb(source: &[u8]) -> RgbImage {
    let (rendered, png) = rendition(source, r#""format": "png""#);
    assert_eq!(rendered.source.format, Format::Heic);
    picture(&png, Format::Png).into_rgb8()
}

fn rgba(source: &[u8]) -> RgbaImage {
    picture(&rendition(source, r#""format": "png""#).1, Format::Png).into_rgba8()
}

/// The mean difference of two pictures, per sample.
fn mean_difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

fn with_alpha() -> File {
    let mut file = single(&[]);
    let alpha = Coded::of_file(file!("alpha.heic"));
    file.items.push(Item::coded(2, &alpha, SIZE).with(aux_alpha()));
    file.refer(b"auxl", 2, &[1])
}

/// Reads the header by ranges, as the pipeline does. Returns the ranges, too.
fn header_by_ranges(source: &[u8]) -> (Header, Vec<Range<u64>>) {
    let (mut reader, mut ranges) = (HeaderReader::new(source.len() as u64), Vec::new());
    loop {
        match reader.next_step().unwrap() {
            HeaderStep::Complete(header) => return (header, ranges),
            HeaderStep::Read(range) => {
                let at = |offset: u64| usize::try_from(offset).unwrap();
                reader.append(&source[at(range.start)..at(range.end)]);
                ranges.push(range);
            }
        }
    }
}
