//! Strips make no difference on the whole way: what `render` makes of a picture row by row is what
//! is made of all its pixels at once.
//!
//! At the scale at which it is stored, and with as much chroma as luma: a decoder that leaves pixels
//! out, or hands out planes to be resized apart, makes another picture on purpose.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::geometry::{Placement, place};
use imaging::{Format, Orientation, Scans, Size, chart};
use proptest::prelude::*;
use resample::{Crop, Pixel, Resampler};
use support::{picture, rendition, spec};

#[derive(Debug, Clone, Copy)]
enum Kind {
    Png(png::ColorType, png::BitDepth),
    Jpeg(Scans),
    Webp,
    WebpLossless,
    Gif,
}

const KINDS: [Kind; 11] = [
    Kind::Png(png::ColorType::Grayscale, png::BitDepth::Eight),
    Kind::Png(png::ColorType::GrayscaleAlpha, png::BitDepth::Eight),
    Kind::Png(png::ColorType::Rgb, png::BitDepth::Eight),
    Kind::Png(png::ColorType::Rgba, png::BitDepth::Eight),
    Kind::Png(png::ColorType::Grayscale, png::BitDepth::Sixteen),
    Kind::Png(png::ColorType::Rgb, png::BitDepth::Sixteen),
    Kind::Jpeg(Scans::Baseline),
    Kind::Jpeg(Scans::Progressive),
    Kind::Webp,
    Kind::WebpLossless,
    Kind::Gif,
];

impl Kind {
    /// Whether the decoder hands out every pixel, not a smaller picture.
    fn is_decoded_whole(self, Placement { crop, size }: Placement) -> bool {
        let gap = match self {
            Kind::Jpeg(_) => 3,
            Kind::Webp => 2,
            _ => return true,
        };
        crop.size.width < gap * size.width || crop.size.height < gap * size.height
    }

    /// Whether the test writes its orientation into it.
    fn has_a_tag(self) -> bool {
        matches!(self, Kind::Png(..) | Kind::Jpeg(_))
    }

    fn pixel(self) -> Pixel {
        if let Kind::Png(_, png::BitDepth::Sixteen) = self { Pixel::U16x4 } else { Pixel::U8x4 }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_flows_by_is_what_is_made_of_the_whole(
        kind in prop::sample::select(&KINDS[..]),
        // The large ones take several strips.
        (width, height) in prop_oneof![
            3 => (1..30u32, 1..30u32),
            3 => (1..160u32, 1..160u32),
            2 => (900..1500u32, 600..1000u32),
        ],
        // A little larger than the picture, at the most.
        in_1000 in (1..1100u32, 1..1100u32),
        fit in prop::sample::select(&["inside", "cover"][..]),
        orientation in 1..=8u8,
        seed in any::<u32>(),
    ) {
        let orientation = if kind.has_a_tag() { orientation } else { 1 }.try_into().unwrap();
        let (file, seen) = source(kind, Size::new(width, height), orientation, seed);
        let side = |side: u32, in_1000: u32| 1 + side * in_1000 / 1000;
        let (box_width, box_height) = (side(width, in_1000.0), side(height, in_1000.1));
        let json = format!(r#""fit": "{fit}", "width": {box_width}, "height": {box_height}, "format": "png""#);
        let placement = place(&spec(&json), seen.size);
        prop_assume!(kind.is_decoded_whole(placement));

        let (rendered, png) = rendition(&file, &json);
        let expected = whole(seen, placement, orientation.swaps_axes());
        let made = Pixels::of(&picture(&png, Format::Png), Pixel::U8x4);
        prop_assert_eq!((rendered.size, made.size), (expected.size, expected.size));
        for (at, (made, expected)) in made.as_seen().iter().zip(expected.as_seen()).enumerate() {
            let apart = made.iter().zip(expected).map(|(made, expected)| (made - expected).abs());
            prop_assert!(apart.max() <= Some(1), "{made:?} for {expected:?} at {at} of {}", rendered.size);
        }
    }
}

/// A picture whole: red, green, blue and alpha.
struct Pixels {
    size: Size,
    /// Of 8 bits a sample, or of 16.
    kind: Pixel,
    levels: Vec<[u16; 4]>,
}

impl Pixels {
    fn of(picture: &image::DynamicImage, kind: Pixel) -> Pixels {
        let size = Size::new(picture.width(), picture.height());
        let levels = match kind {
            Pixel::U16x4 => picture.to_rgba16().pixels().map(|it| it.0).collect(),
            _ => picture.to_rgba8().pixels().map(|it| it.0.map(u16::from)).collect(),
        };
        Pixels { size, kind, levels }
    }

    /// What each pixel of another size is made from: `from` tells where it was.
    fn moved(&self, size: Size, from: impl Fn(u32, u32) -> (u32, u32)) -> Pixels {
        let at = |(x, y): (u32, u32)| self.levels[(y * self.size.width + x) as usize];
        let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        Pixels { size, kind: self.kind, levels: places.map(|(x, y)| at(from(x, y))).collect() }
    }

    fn upright(&self, orientation: Orientation) -> Pixels {
        let (right, bottom) = (self.size.width - 1, self.size.height - 1);
        self.moved(orientation.size(self.size), |x, y| match orientation.get() {
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

    /// All of it in the resampler's hands.
    fn with_bytes(self, work: impl FnOnce(resample::Pixels<'_>) -> Vec<u8>, size: Size) -> Pixels {
        let Pixels { size: Size { width, height }, kind, levels } = self;
        let levels = levels.into_iter().flatten();
        let mut bytes: Vec<u8> = match kind {
            Pixel::U16x4 => levels.flat_map(u16::to_ne_bytes).collect(),
            _ => levels.map(|level| level.to_le_bytes()[0]).collect(),
        };
        let made = work(resample::Pixels { pixel: kind, width, height, bytes: &mut bytes });
        let levels: Vec<u16> = match kind {
            Pixel::U16x4 => made.as_chunks().0.iter().copied().map(u16::from_ne_bytes).collect(),
            _ => made.into_iter().map(u16::from).collect(),
        };
        Pixels { size, kind, levels: levels.as_chunks().0.to_vec() }
    }

    fn resized(self, crop: Crop, size: Size) -> Pixels {
        let sample_bytes = if self.kind == Pixel::U16x4 { 2 } else { 1 };
        let mut made = vec![0; size.width as usize * size.height as usize * 4 * sample_bytes];
        let work = |from: resample::Pixels<'_>| {
            let Size { width, height } = size;
            let to = resample::Pixels { pixel: from.pixel, width, height, bytes: &mut made };
            Resampler::default().resize(from, crop, to).unwrap();
            made
        };
        self.with_bytes(work, size)
    }

    fn with_alpha(self, apply: fn(resample::Pixels<'_>) -> Result<(), resample::Mismatch>) -> Self {
        let size = self.size;
        let work = |pixels: resample::Pixels<'_>| {
            let resample::Pixels { pixel, width, height, bytes } = pixels;
            apply(resample::Pixels { pixel, width, height, bytes }).unwrap();
            bytes.to_vec()
        };
        self.with_bytes(work, size)
    }

    /// In levels of 8 bits, as much of each colour as alpha lets be seen, and alpha.
    fn as_seen(&self) -> Vec<[i32; 4]> {
        let levels = if self.kind == Pixel::U16x4 { 257.0 } else { 1.0 };
        let level = |level: u16| (f64::from(level) / levels).round();
        let seen = |[colours @ .., alpha]: [f64; 4]| {
            let [r, g, b] = colours.map(|colour| colour * alpha / 255.0);
            [r, g, b, alpha].map(rounded)
        };
        self.levels.iter().map(|pixel| seen(pixel.map(level))).collect()
    }
}

#[allow(clippy::cast_possible_truncation)] // levels
fn rounded(level: f64) -> i32 {
    level.round() as i32
}

/// The picture that is seen, resized whole. Whichever pass comes first in a stream, which is over
/// the rows as they are stored, comes first here: between the two, levels are rounded.
fn whole(seen: Pixels, placement: Placement, lies_on_its_side: bool) -> Pixels {
    let Placement { crop, size } = placement;
    if crop.size == size {
        return seen.moved(size, |x, y| (crop.x + x, crop.y + y));
    }
    let rows = |it: Pixels| {
        let (top, height) = (crop.y.into(), crop.size.height.into());
        let width = it.size.width;
        it.resized(
            Crop { left: 0.0, top, width: width.into(), height },
            Size::new(width, size.height),
        )
    };
    let columns = |it: Pixels| {
        let (left, width) = (crop.x.into(), crop.size.width.into());
        let height = it.size.height;
        it.resized(
            Crop { left, top: 0.0, width, height: height.into() },
            Size::new(size.width, height),
        )
    };
    let weighted = seen.with_alpha(resample::premultiply_alpha);
    let made = if lies_on_its_side { rows(columns(weighted)) } else { columns(rows(weighted)) };
    made.with_alpha(resample::divide_alpha)
}

/// A file of that size as stored, and its pixels as they are seen.
fn source(kind: Kind, size: Size, orientation: Orientation, seed: u32) -> (Vec<u8>, Pixels) {
    use png::{BitDepth, ColorType};
    let upright = |colours| png_of(size, colours, BitDepth::Eight, Orientation::UPRIGHT, seed);
    let rendition_of = |colours, json| rendition(&upright(colours), json).1;
    let (format, file) = match kind {
        Kind::Png(colours, depth) => (Format::Png, png_of(size, colours, depth, orientation, seed)),
        Kind::Jpeg(scans) => {
            let rgb = picture(&upright(ColorType::Rgb), Format::Png).into_rgb8();
            (Format::Jpeg, tagged(&jpeg_of(size, &rgb, scans), orientation))
        }
        Kind::Webp => (Format::Webp, rendition_of(ColorType::Rgb, r#""format": "webp""#)),
        Kind::WebpLossless => {
            let json = r#""format": "webp", "lossless": true"#;
            (Format::Webp, rendition_of(ColorType::Rgba, json))
        }
        Kind::Gif => {
            let frame = picture(&upright(ColorType::Rgb), Format::Png).into_rgba8();
            let mut gif = Vec::new();
            image::codecs::gif::GifEncoder::new(&mut gif)
                .encode_frame(image::Frame::new(frame))
                .unwrap();
            (Format::Gif, gif)
        }
    };
    let stored = Pixels::of(&picture(&file, format), kind.pixel());
    (file, stored.upright(orientation))
}

/// The chart or noise, over alpha of every level.
fn png_of(
    size: Size,
    colours: png::ColorType,
    depth: png::BitDepth,
    orientation: Orientation,
    seed: u32,
) -> Vec<u8> {
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

fn jpeg_of(size: Size, rgb: &[u8], scans: Scans) -> Vec<u8> {
    let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    jpeg.set_size(size.width as usize, size.height as usize);
    jpeg.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
    if scans == Scans::Progressive {
        jpeg.set_progressive_mode();
    }
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(rgb).unwrap();
    jpeg.finish().unwrap()
}

fn tagged(jpeg: &[u8], orientation: Orientation) -> Vec<u8> {
    let exif = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    let len = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &len, &exif, &jpeg[2..]].concat()
}

/// One tag, the orientation.
fn exif(orientation: Orientation) -> Vec<u8> {
    let tag = [orientation.get(), 0, 0, 0, 0, 0, 0, 0];
    [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &tag].concat()
}
