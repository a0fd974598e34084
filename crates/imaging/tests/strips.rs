//! `render` works in strips of rows. Its result equals that of the same steps on the whole picture at once.
//!
//! Pictures are chosen so that the decoder hands out every pixel at full scale, with as much chroma as luma. A
//! decoder that scales down, or hands out subsampled planes, gives another picture on purpose.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::geometry::{Placement, place};
use imaging::{Format, Orientation, ScanMode, Size, chart};
use proptest::prelude::*;
use resample::{Crop, PixelSlice, PixelType, ResampleError, Resampler};
use support::{picture, rendition, spec};

#[derive(Debug, Clone, Copy)]
enum SourceKind {
    Png(png::ColorType, png::BitDepth),
    Jpeg(ScanMode),
    Webp,
    WebpLossless,
    Gif,
}

const SOURCE_KINDS: [SourceKind; 11] = [
    SourceKind::Png(png::ColorType::Grayscale, png::BitDepth::Eight),
    SourceKind::Png(png::ColorType::GrayscaleAlpha, png::BitDepth::Eight),
    SourceKind::Png(png::ColorType::Rgb, png::BitDepth::Eight),
    SourceKind::Png(png::ColorType::Rgba, png::BitDepth::Eight),
    SourceKind::Png(png::ColorType::Grayscale, png::BitDepth::Sixteen),
    SourceKind::Png(png::ColorType::Rgb, png::BitDepth::Sixteen),
    SourceKind::Jpeg(ScanMode::Baseline),
    SourceKind::Jpeg(ScanMode::Progressive),
    SourceKind::Webp,
    SourceKind::WebpLossless,
    SourceKind::Gif,
];

impl SourceKind {
    /// Whether the decoder hands out every pixel, and not a smaller picture.
    fn is_decoded_at_full_scale(self, Placement { crop, size }: Placement) -> bool {
        let min_reduction = match self {
            SourceKind::Jpeg(_) => 3,
            SourceKind::Webp => 2,
            _ => return true,
        };
        crop.size.width < min_reduction * size.width || crop.size.height < min_reduction * size.height
    }

    /// Whether the test can write an orientation into the file.
    fn has_orientation(self) -> bool {
        matches!(self, SourceKind::Png(..) | SourceKind::Jpeg(_))
    }

    fn pixel_type(self) -> PixelType {
        if let SourceKind::Png(_, png::BitDepth::Sixteen) = self { PixelType::U16x4 } else { PixelType::U8x4 }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rendering_in_strips_equals_rendering_at_once(
        kind in prop::sample::select(&SOURCE_KINDS[..]),
        // The large pictures take several strips.
        (width, height) in prop_oneof![
            3 => (1..30u32, 1..30u32),
            3 => (1..160u32, 1..160u32),
            2 => (900..1500u32, 600..1000u32),
        ],
        // The box is at most a little larger than the picture.
        box_per_mille in (1..1100u32, 1..1100u32),
        fit in prop::sample::select(&["inside", "cover"][..]),
        orientation in 1..=8u8,
        seed in any::<u32>(),
    ) {
        let orientation = if kind.has_orientation() { orientation } else { 1 }.try_into().unwrap();
        let (file, seen) = source(kind, Size::new(width, height), orientation, seed);
        let side = |side: u32, per_mille: u32| 1 + side * per_mille / 1000;
        let (box_width, box_height) = (side(width, box_per_mille.0), side(height, box_per_mille.1));
        let json = format!(r#""fit": "{fit}", "width": {box_width}, "height": {box_height}, "format": "png""#);
        let placement = place(&spec(&json), seen.size);
        prop_assume!(kind.is_decoded_at_full_scale(placement));

        let (rendered, png) = rendition(&file, &json);
        let expected = resize_at_once(seen, placement, orientation.swaps_axes());
        let actual = TestImage::of(&picture(&png, Format::Png), PixelType::U8x4);
        prop_assert_eq!((rendered.size, actual.size), (expected.size, expected.size));
        for (at, (actual, expected)) in actual.visible().iter().zip(expected.visible()).enumerate() {
            let difference = actual.iter().zip(expected).map(|(a, b)| (a - b).abs()).max();
            prop_assert!(difference <= Some(1), "{actual:?} for {expected:?} at {at} of {}", rendered.size);
        }
    }
}

/// A picture in memory: red, green, blue and alpha.
struct TestImage {
    size: Size,
    /// `U8x4` or `U16x4`.
    pixel_type: PixelType,
    levels: Vec<[u16; 4]>,
}

impl TestImage {
    fn of(picture: &image::DynamicImage, pixel_type: PixelType) -> TestImage {
        let size = Size::new(picture.width(), picture.height());
        let levels = match pixel_type {
            PixelType::U16x4 => picture.to_rgba16().pixels().map(|it| it.0).collect(),
            _ => picture.to_rgba8().pixels().map(|it| it.0.map(u16::from)).collect(),
        };
        TestImage { size, pixel_type, levels }
    }

    /// A picture of `size` whose pixels are copied from the positions that `from` returns.
    fn rearranged(&self, size: Size, from: impl Fn(u32, u32) -> (u32, u32)) -> TestImage {
        let at = |(x, y): (u32, u32)| self.levels[(y * self.size.width + x) as usize];
        let positions = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        TestImage { size, pixel_type: self.pixel_type, levels: positions.map(|(x, y)| at(from(x, y))).collect() }
    }

    fn upright(&self, orientation: Orientation) -> TestImage {
        let (right, bottom) = (self.size.width - 1, self.size.height - 1);
        self.rearranged(orientation.size(self.size), |x, y| match orientation.get() {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (y, bottom - x),
            7 => (right - y, bottom - x),
            8 => (right - y, x),
            _ => (x, y),
        })
    }

    /// Passes the pixels to `apply`, which returns those of a picture of `size`.
    fn map_bytes(self, apply: impl FnOnce(PixelSlice<'_>) -> Vec<u8>, size: Size) -> TestImage {
        let TestImage { size: Size { width, height }, pixel_type, levels } = self;
        let levels = levels.into_iter().flatten();
        let mut bytes: Vec<u8> = match pixel_type {
            PixelType::U16x4 => levels.flat_map(u16::to_ne_bytes).collect(),
            _ => levels.map(|level| level.to_le_bytes()[0]).collect(),
        };
        let result = apply(PixelSlice { pixel_type, width, height, bytes: &mut bytes });
        let levels: Vec<u16> = match pixel_type {
            PixelType::U16x4 => result.as_chunks().0.iter().copied().map(u16::from_ne_bytes).collect(),
            _ => result.into_iter().map(u16::from).collect(),
        };
        TestImage { size, pixel_type, levels: levels.as_chunks().0.to_vec() }
    }

    fn resized(self, crop: Crop, size: Size) -> TestImage {
        let sample_bytes = if self.pixel_type == PixelType::U16x4 { 2 } else { 1 };
        let mut resized = vec![0; size.width as usize * size.height as usize * 4 * sample_bytes];
        let apply = |from: PixelSlice<'_>| {
            let Size { width, height } = size;
            let pixel_type = from.pixel_type;
            let to = PixelSlice { pixel_type, width, height, bytes: &mut resized };
            Resampler::default().resize(from, crop, to).unwrap();
            resized
        };
        self.map_bytes(apply, size)
    }

    fn map_alpha(self, change: fn(PixelSlice<'_>) -> Result<(), ResampleError>) -> Self {
        let size = self.size;
        let apply = |pixels: PixelSlice<'_>| {
            let PixelSlice { pixel_type, width, height, bytes } = pixels;
            change(PixelSlice { pixel_type, width, height, bytes }).unwrap();
            bytes.to_vec()
        };
        self.map_bytes(apply, size)
    }

    /// Colours times alpha, and alpha, in 8-bit levels.
    fn visible(&self) -> Vec<[i32; 4]> {
        let levels = if self.pixel_type == PixelType::U16x4 { 257.0 } else { 1.0 };
        let level = |level: u16| (f64::from(level) / levels).round();
        let visible = |[colours @ .., alpha]: [f64; 4]| {
            let [r, g, b] = colours.map(|colour| colour * alpha / 255.0);
            [r, g, b, alpha].map(rounded)
        };
        self.levels.iter().map(|pixel| visible(pixel.map(level))).collect()
    }
}

#[allow(clippy::cast_possible_truncation)] // levels are small numbers
fn rounded(level: f64) -> i32 {
    level.round() as i32
}

/// Resizes the seen picture at once.
///
/// Levels are rounded between the two passes, so the order of the passes matters. `render` resizes the stored picture
/// vertically first. In the seen picture, that is horizontal if the orientation swaps the axes.
fn resize_at_once(seen: TestImage, placement: Placement, swaps_axes: bool) -> TestImage {
    let Placement { crop, size } = placement;
    if crop.size == size {
        return seen.rearranged(size, |x, y| (crop.x + x, crop.y + y));
    }
    let resize_height = |it: TestImage| {
        let (top, height) = (crop.y.into(), crop.size.height.into());
        let width = it.size.width;
        it.resized(Crop { left: 0.0, top, width: width.into(), height }, Size::new(width, size.height))
    };
    let resize_width = |it: TestImage| {
        let (left, width) = (crop.x.into(), crop.size.width.into());
        let height = it.size.height;
        it.resized(Crop { left, top: 0.0, width, height: height.into() }, Size::new(size.width, height))
    };
    let premultiplied = seen.map_alpha(resample::premultiply_alpha);
    let resized = if swaps_axes {
        resize_height(resize_width(premultiplied))
    } else {
        resize_width(resize_height(premultiplied))
    };
    resized.map_alpha(resample::divide_alpha)
}

/// A file whose stored picture has this size, and the seen picture.
fn source(kind: SourceKind, size: Size, orientation: Orientation, seed: u32) -> (Vec<u8>, TestImage) {
    use png::{BitDepth, ColorType};
    let upright = |colours| png_of(size, colours, BitDepth::Eight, Orientation::UPRIGHT, seed);
    let rendition_of = |colours, json| rendition(&upright(colours), json).1;
    let (format, file) = match kind {
        SourceKind::Png(colours, depth) => (Format::Png, png_of(size, colours, depth, orientation, seed)),
        SourceKind::Jpeg(scan_mode) => {
            let rgb = picture(&upright(ColorType::Rgb), Format::Png).into_rgb8();
            (Format::Jpeg, with_orientation(&jpeg_of(size, &rgb, scan_mode), orientation))
        }
        SourceKind::Webp => (Format::Webp, rendition_of(ColorType::Rgb, r#""format": "webp""#)),
        SourceKind::WebpLossless => {
            let json = r#""format": "webp", "lossless": true"#;
            (Format::Webp, rendition_of(ColorType::Rgba, json))
        }
        SourceKind::Gif => {
            let frame = picture(&upright(ColorType::Rgb), Format::Png).into_rgba8();
            let mut gif = Vec::new();
            image::codecs::gif::GifEncoder::new(&mut gif).encode_frame(image::Frame::new(frame)).unwrap();
            (Format::Gif, gif)
        }
    };
    let stored = TestImage::of(&picture(&file, format), kind.pixel_type());
    (file, stored.upright(orientation))
}

/// The chart, or noise if the seed is even. Alpha takes every level.
fn png_of(size: Size, colours: png::ColorType, depth: png::BitDepth, orientation: Orientation, seed: u32) -> Vec<u8> {
    let mut noise = noise(seed);
    let is_noise = seed.is_multiple_of(2);
    let chart = chart::rgb(size);
    let pixels = (0_u32..).zip(chart.as_chunks::<3>().0).flat_map(|(at, chart)| {
        let colour = if is_noise { [noise(), noise(), noise()] } else { *chart };
        let alpha = (at % 256).to_le_bytes()[0];
        let [grey, _, _] = colour;
        match colours {
            png::ColorType::Grayscale => vec![grey],
            png::ColorType::GrayscaleAlpha => vec![grey, alpha],
            png::ColorType::Rgb => colour.to_vec(),
            _ => [&colour[..], &[alpha]].concat(),
        }
    });
    let samples: Vec<u8> = match depth {
        png::BitDepth::Sixteen => pixels.flat_map(|level| [level, level.rotate_left(3)]).collect(),
        _ => pixels.collect(),
    };

    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, size.width, size.height);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_chunk(png::chunk::eXIf, &exif(orientation)).unwrap();
    writer.write_image_data(&samples).unwrap();
    writer.finish().unwrap();
    png
}

fn noise(seed: u32) -> impl FnMut() -> u8 {
    let mut state = seed | 1;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    }
}

fn jpeg_of(size: Size, rgb: &[u8], scan_mode: ScanMode) -> Vec<u8> {
    let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    jpeg.set_size(size.width as usize, size.height as usize);
    jpeg.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
    if scan_mode == ScanMode::Progressive {
        jpeg.set_progressive_mode();
    }
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(rgb).unwrap();
    jpeg.finish().unwrap()
}

fn with_orientation(jpeg: &[u8], orientation: Orientation) -> Vec<u8> {
    let exif = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    let len = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &len, &exif, &jpeg[2..]].concat()
}

/// EXIF data with one tag: the orientation.
fn exif(orientation: Orientation) -> Vec<u8> {
    let tag = [orientation.get(), 0, 0, 0, 0, 0, 0, 0];
    [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &tag].concat()
}
