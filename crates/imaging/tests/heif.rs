//! HEIC sources: containers of every shape, layouts of pixels, transforms, colours, and files that are damaged or false.

#![cfg(feature = "heic")]
#![allow(clippy::unwrap_used)]

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
        include_bytes!(concat!("pictures/heic/", $name)).as_slice()
    };
}

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

#[test]
fn every_layout_of_chroma_and_10_bits_show_the_chart() {
    let chart = chart::rgb(CHART);
    for (name, source, most) in [
        ("4:2:0", file!("chart-420.heic"), 4.0),
        ("4:2:2", file!("chart-422.heic"), 3.5),
        ("4:4:4", file!("chart-444.heic"), 2.5),
        ("10 bits", file!("chart-10-bit.heic"), 4.0),
    ] {
        let difference = mean_difference(&rgb(source), &chart);
        assert!(difference < most, "{name}: {difference}");
    }
}

#[test]
fn a_picture_without_chroma_is_grey() {
    let (rendered, png) = rendition(file!("chart-grey.heic"), r#""format": "png""#);
    assert_eq!(rendered.size, CHART);
    let DynamicImage::ImageLuma8(grey) = picture(&png, Format::Png) else { panic!("not grey") };
    let chart: RgbImage = image::ImageBuffer::from_raw(120, 100, chart::rgb(CHART)).unwrap();
    let chart = DynamicImage::ImageRgb8(chart).into_luma8();
    // The weights of luma differ.
    assert!(mean_difference(&grey, &chart) < 12.0);
}

#[test]
fn a_grid_shows_its_tiles_row_by_row_and_cuts_what_is_outside() {
    let whole = rgb(&grid().bytes());
    assert_eq!(whole.dimensions(), (120, 100));
    assert!(mean_difference(&whole, &chart::rgb(CHART)) < 4.0);
    // The middle of each tile is the tile's. At its edges, chroma is interpolated with that of the next tile.
    for (tile, (left, top)) in tiles().iter().zip([(0, 0), (64, 0), (0, 64), (64, 64)]) {
        let tile = rgb(&File::new(vec![Item::coded(1, tile, (64, 64))]).bytes());
        let inner = |x: u32, y: u32| (2..62).contains(&x) && (2..62).contains(&y) && left + x < 119 && top + y < 99;
        for (x, y, pixel) in tile.enumerate_pixels().filter(|&(x, y, _)| inner(x, y)) {
            assert_eq!(whole.get_pixel(left + x, top + y), pixel, "{x} {y} of the tile at {left} {top}");
        }
    }
}

#[test]
fn renditions_of_a_grid_and_of_a_single_item_are_alike_at_every_size() {
    for json in [
        r#""width": 30, "format": "png""#,
        r#""width": 100, "format": "png""#,
        r#""width": 20, "height": 40, "fit": "cover", "format": "png""#,
        r#""width": 50, "height": 20, "fit": "cover", "format": "png""#,
    ] {
        let [a, b] = [grid().bytes(), single(&[]).bytes()].map(|source| rendition(&source, json).1);
        let [a, b] = [a, b].map(|png| picture(&png, Format::Png).into_rgb8());
        assert!(mean_difference(&a, &b) < 4.0, "{json}: {}", mean_difference(&a, &b));
    }
}

#[test]
fn the_order_and_the_place_of_bytes_change_no_pixel() {
    let expected = rgb(&grid().bytes());
    let mut reversed = grid();
    reversed.items[1..].reverse();
    let mut meta_last = grid();
    meta_last.order = Order::PixelsFirst;
    let mut wide = grid();
    wide.has_wide_ids = true;
    let mut in_meta = grid();
    in_meta.items.iter_mut().for_each(|item| item.place = Place::Meta);
    let mut in_pieces = grid();
    in_pieces.items[1..].iter_mut().for_each(|item| item.place = Place::Pixels(5));
    let mut grid_in_pixels = grid();
    grid_in_pixels.items[0].place = Place::Pixels(2);
    let mut after_others = grid();
    after_others.first_boxes = [boxed(b"free", &[7; 300_000]), boxed(b"uuid", &[0; 20])].concat();
    for (name, file) in [
        ("tiles in reverse", reversed),
        ("meta at the end", meta_last),
        ("32-bit ids", wide),
        ("all in idat", in_meta),
        ("several extents", in_pieces),
        ("the grid in mdat", grid_in_pixels),
        ("after other boxes", after_others),
    ] {
        let source = file.bytes();
        assert_eq!(rgb(&source), expected, "{name}");
        assert_eq!(header_by_ranges(&source).0.size, CHART, "{name}");
    }
}

#[test]
fn a_description_at_the_end_is_read_without_the_pixels() {
    let mut file = grid();
    file.order = Order::PixelsFirst;
    file.first_boxes = boxed(b"mdat", &vec![0; 40_000_000]);
    let source = file.bytes();
    let (header, ranges) = header_by_ranges(&source);
    assert_eq!((header.format, header.size), (Format::Heic, CHART));
    let read: u64 = ranges.iter().map(|range| range.end - range.start).sum();
    assert!(ranges.len() <= 4 && read < 300_000, "{ranges:?}");
}

#[test]
fn a_description_at_the_start_takes_one_read() {
    let mut source = grid().bytes();
    source.extend(boxed(b"free", &vec![0; 1_000_000]));
    let (_, ranges) = header_by_ranges(&source);
    assert_eq!(ranges, vec![0..65_536]);
}

#[test]
fn rotations_and_mirrors_apply_in_the_order_in_which_they_are_listed() {
    let upright = DynamicImage::ImageRgb8(rgb(&single(&[]).bytes()));
    let cases: [(&[_], DynamicImage); 9] = [
        (&[irot(0)], upright.clone()),
        (&[irot(1)], upright.rotate270()),
        (&[irot(2)], upright.rotate180()),
        (&[irot(3)], upright.rotate90()),
        (&[imir(0)], upright.flipv()),
        (&[imir(1)], upright.fliph()),
        (&[irot(1), imir(1)], upright.rotate270().fliph()),
        (&[imir(1), irot(1)], upright.fliph().rotate270()),
        (&[irot(3), imir(0), irot(2)], upright.rotate90().flipv().rotate180()),
    ];
    for (properties, expected) in cases {
        let source = single(properties).bytes();
        let (header, _) = header_by_ranges(&source);
        assert_eq!((header.size.width, header.size.height), (expected.width(), expected.height()));
        assert_eq!(rgb(&source), expected.into_rgb8(), "{properties:?}");
    }
}

#[test]
fn a_clean_aperture_crops_before_or_after_the_rotation() {
    let upright = DynamicImage::ImageRgb8(rgb(&single(&[]).bytes()));
    // The offsets are in halves of a pixel, from the centre.
    let cases: [(&[_], DynamicImage); 4] = [
        (&[clap(60, 40, 0, 0)], upright.crop_imm(30, 30, 60, 40)),
        (&[clap(119, 99, -1, -1)], upright.crop_imm(0, 0, 119, 99)),
        (&[clap(60, 40, 20, -10), irot(1)], upright.crop_imm(40, 25, 60, 40).rotate270()),
        (&[irot(1), clap(60, 40, 20, -10)], upright.rotate270().crop_imm(30, 35, 60, 40)),
    ];
    for (properties, expected) in cases {
        let source = single(properties).bytes();
        assert_eq!(rgb(&source), expected.into_rgb8(), "{properties:?}");
    }
}

#[test]
fn a_clean_aperture_of_a_grid_is_cropped_at_small_sizes_too() {
    let mut file = grid();
    file.items[0].properties.push(clap(60, 40, 20, -10));
    let (rendered, png) = rendition(&file.bytes(), r#""width": 30, "format": "png""#);
    assert_eq!(rendered.size, Size::new(30, 20));
    let cropped = DynamicImage::ImageRgb8(rgb(&grid().bytes())).crop_imm(40, 25, 60, 40);
    let expected = cropped.resize_exact(30, 20, image::imageops::FilterType::Lanczos3).into_rgb8();
    assert!(mean_difference(&picture(&png, Format::Png).into_rgb8(), &expected) < 2.0);
}

#[test]
fn the_orientation_in_exif_is_ignored() {
    // Cameras write both. Readers of HEIF apply `irot` only.
    let exif = [&[0, 0, 0, 0][..], b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"].concat();
    let mut file = single(&[]);
    file.items.push(Item { id: 9, kind: *b"Exif", properties: Vec::new(), bytes: exif, place: Place::Pixels(1) });
    let file = file.refer(b"cdsc", 9, &[1]);
    assert_eq!(header_by_ranges(&file.bytes()).0.size, CHART);
}

#[test]
fn brands_do_not_decide_what_a_file_is() {
    for brand in
        [b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc", b"avci", b"miaf", b"mif2", b"tmap", b"avif", b"abcd"]
    {
        let mut file = single(&[]);
        file.brand = *brand;
        let (header, _) = header_by_ranges(&file.bytes());
        assert_eq!(header.format, Format::Heic, "{}", brand.escape_ascii());
    }
}

#[test]
fn the_primary_picture_is_shown_among_several() {
    let tile = Item::coded(7, &tiles()[0], (64, 64));
    let mut file = single(&[]);
    file.items.insert(0, tile);
    assert_eq!(header_by_ranges(&file.bytes()).0.size, CHART);
    file.primary = 7;
    assert_eq!(header_by_ranges(&file.bytes()).0.size, Size::new(64, 64));
}

#[test]
fn a_derived_picture_shows_what_it_is_derived_from() {
    for kind in [b"iden", b"tmap"] {
        let mut file = single(&[irot(1)]);
        file.items.push(Item::empty(2, kind, vec![ispe((100, 120)), imir(1)]));
        file.primary = 2;
        let file = file.refer(b"dimg", 2, &[1, 1]);
        let expected = DynamicImage::ImageRgb8(rgb(&single(&[]).bytes())).rotate270().fliph();
        assert_eq!(rgb(&file.bytes()), expected.into_rgb8(), "{}", kind.escape_ascii());
    }
}

fn with_alpha() -> File {
    let mut file = single(&[]);
    let alpha = Coded::of_file(file!("alpha.heic"));
    file.items.push(Item::coded(2, &alpha, SIZE).with(aux_alpha()));
    file.refer(b"auxl", 2, &[1])
}

#[test]
fn an_alpha_channel_makes_the_picture_transparent() {
    let source = with_alpha().bytes();
    let (header, _) = header_by_ranges(&source);
    assert!(header.pixels.has_alpha && header.pixels.pixel_bytes == 4);
    let seen = rgba(&source);
    for (x, y, pixel) in seen.enumerate_pixels() {
        let expected = (x + y) * 255 / 218;
        assert!(u32::from(pixel.0[3]).abs_diff(expected) <= 4, "{x} {y}: {pixel:?}, not {expected}");
    }
    let opaque = rgb(&single(&[]).bytes());
    let is_like_opaque = |x, y| seen.get_pixel(x, y).0[..3] == opaque.get_pixel(x, y).0;
    assert!(is_like_opaque(60, 50) && is_like_opaque(119, 99));
}

#[test]
fn premultiplied_colours_are_divided_by_alpha() {
    let source = with_alpha().refer(b"prem", 1, &[2]).bytes();
    let (stored, seen) = (rgba(&with_alpha().bytes()), rgba(&source));
    for (x, y) in [(60, 50), (100, 20), (30, 90)] {
        let ([stored @ .., alpha], [colour @ .., _]) = (stored.get_pixel(x, y).0, seen.get_pixel(x, y).0);
        for (stored, colour) in stored.into_iter().zip(colour) {
            let expected = (u32::from(stored) * 255 / u32::from(alpha)).min(255);
            assert!(u32::from(colour).abs_diff(expected) <= 2, "{x} {y}: {colour}, not {expected}");
        }
    }
}

#[test]
fn other_auxiliary_pictures_are_ignored() {
    let mut file = with_alpha();
    file.items[1].properties[2].1 = b"\0\0\0\0urn:com:apple:photo:2020:aux:hdrgainmap\0".to_vec();
    assert!(!header_by_ranges(&file.bytes()).0.pixels.has_alpha);
}

#[test]
fn code_points_in_the_container_say_how_luma_and_chroma_become_colours() {
    let by_file = rgb(&single(&[]).bytes());
    // `heif-enc` codes by BT.601 in the full range, and its pixels say so.
    assert_eq!(rgb(&single(&[nclx(1, 13, 6, true)]).bytes()), by_file);
    let by_709 = rgb(&single(&[nclx(1, 13, 1, true)]).bytes());
    let by_video = rgb(&single(&[nclx(1, 13, 6, false)]).bytes());
    let by_2020 = rgb(&single(&[nclx(1, 13, 9, true)]).bytes());
    // The red disc, (220, 30, 40).
    let disc = |picture: &RgbImage| picture.get_pixel(30, 25).0;
    let is_near = |found: [u8; 3], expected: [u8; 3]| found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 5);
    assert!(is_near(disc(&by_file), [220, 30, 40]), "{:?}", disc(&by_file));
    assert!(is_near(disc(&by_709), [236, 49, 38]), "{:?}", disc(&by_709));
    assert!(is_near(disc(&by_video), [234, 18, 29]), "{:?}", disc(&by_video));
    assert!(is_near(disc(&by_2020), [227, 39, 37]), "{:?}", disc(&by_2020));
}

#[test]
fn colours_of_display_p3_become_srgb_by_code_points_and_by_profile() {
    let by_file = rgb(&single(&[]).bytes()).get_pixel(30, 25).0;
    let by_p3 = rgb(&single(&[nclx(12, 13, 6, true)]).bytes()).get_pixel(30, 25).0;
    // Red of Display P3 is more saturated than that of sRGB.
    assert!(by_p3[0] > by_file[0] + 10, "{by_p3:?} {by_file:?}");
    // A profile takes precedence over code points; this one cannot be read, so the code points count.
    let broken = rgb(&single(&[icc(&[1; 200]), nclx(12, 13, 6, true)]).bytes()).get_pixel(30, 25).0;
    assert_eq!(broken, by_p3);
}

#[test]
fn the_format_source_makes_a_jpeg_of_a_heic() {
    let (rendered, _) = rendition(&grid().bytes(), r#""width": 60, "format": "source""#);
    assert_eq!(rendered.format, Format::Jpeg);
}

/// The message of a rejection, whose code is this one.
fn message(source: &[u8], code: RejectionCode) -> String {
    match render(source, &spec(r#""format": "png""#), std::io::sink()) {
        Err(RenderError::Rejected(rejection)) => {
            assert_eq!(rejection.code(), code, "{rejection}");
            rejection.to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn pictures_of_other_codecs_are_named() {
    for (kind, name) in [
        (b"avc1", "H.264"),
        (b"jpeg", "JPEG pictures"),
        (b"unci", "uncompressed"),
        (b"iovl", "overlay"),
        (b"vvc1", "H.266"),
        (b"zzzz", "`zzzz`"),
    ] {
        let mut file = single(&[]);
        file.items[0].kind = *kind;
        file.items[0].properties[0].0 = *b"avcC";
        let message = message(&file.bytes(), RejectionCode::UnsupportedFormat);
        assert!(message.contains(name), "{message}");
    }
    let mut file = single(&[(*b"wxyz", vec![1], true)]);
    assert!(message(&file.bytes(), RejectionCode::UnsupportedFormat).contains("`wxyz`"));
    file.items[0].properties[2].2 = false;
    assert_eq!(rgb(&file.bytes()), rgb(&single(&[]).bytes()));
}

#[test]
fn false_containers_are_rejected_and_the_message_says_why() {
    let corrupt = |file: File, expected: &str| {
        let message = message(&file.bytes(), RejectionCode::Corrupt);
        assert!(message.contains(expected), "{message}");
    };
    let changed = |mut file: File, change: &dyn Fn(&mut File)| {
        change(&mut file);
        file
    };
    corrupt(changed(grid(), &|file| file.references[0].2.truncate(3)), "4 tiles, and refers to 3");
    corrupt(changed(grid(), &|file| file.references[0].2.push(2)), "4 tiles, and refers to more");
    corrupt(changed(grid(), &|file| file.references[0].2[1] = 77), "item 77 does not exist");
    corrupt(changed(grid(), &|file| file.items[2].properties[1] = ispe((64, 32))), "different sizes");
    corrupt(changed(grid(), &|file| file.items[0] = Item::grid(1, 2, 2, (64, 100))), "2×2 tiles");
    corrupt(changed(grid(), &|file| file.items[0] = Item::grid(1, 2, 2, (129, 100))), "2×2 tiles");
    corrupt(changed(grid(), &|file| file.items[0] = Item::grid(1, 1, 1, (0, 0))), "refers to more");
    corrupt(changed(single(&[]), &|file| file.primary = 2), "item 2 does not exist");
    corrupt(changed(single(&[]), &|file| drop(file.items[0].properties.remove(1))), "state its size");
    corrupt(changed(single(&[]), &|file| drop(file.items[0].properties.remove(0))), "`hvcC`");
    corrupt(changed(single(&[]), &|file| file.items[0].properties[1] = ispe((0, 100))), "zero");
    corrupt(changed(single(&[]), &|file| file.items[0].properties[1] = ispe((121, 100))), "its header says 121×100");
    corrupt(changed(single(&[]), &|file| file.items[0].properties[1] = ispe((12_000, 10_000))), "its header says");
    corrupt(changed(single(&[]), &|file| file.items[0].bytes.clear()), "no bytes");
    corrupt(single(&[clap(0, 100, 0, 0)]), "clean aperture");
    let cycle = changed(single(&[]), &|file| file.items.push(Item::empty(2, b"iden", Vec::new())));
    corrupt(changed(cycle.refer(b"dimg", 2, &[2]), &|file| file.primary = 2), "derived more than 8 times");
}

#[test]
fn a_picture_that_is_larger_than_stated_is_cut() {
    let mut file = single(&[]);
    file.items[0].properties[1] = ispe((90, 100));
    let whole = DynamicImage::ImageRgb8(rgb(&single(&[]).bytes()));
    // Chroma at the right edge is not interpolated with what was cut.
    let [cut, whole] =
        [DynamicImage::ImageRgb8(rgb(&file.bytes())), whole].map(|picture| picture.crop_imm(0, 0, 89, 100));
    assert_eq!(cut, whole);
}

#[test]
fn a_grid_of_grids_and_tiles_that_are_rotated_are_named() {
    let mut file = grid();
    file.items[1] = Item::grid(2, 1, 1, (64, 64));
    assert!(message(&file.bytes(), RejectionCode::UnsupportedFormat).contains("grid of grids"));
    let mut file = grid();
    file.items[1].properties.push(irot(1));
    assert!(message(&file.bytes(), RejectionCode::UnsupportedFormat).contains("rotated"));
}

#[test]
fn a_file_that_is_cut_anywhere_is_corrupt() {
    for source in [grid().bytes(), with_alpha().bytes(), file!("chart-10-bit.heic").to_vec()] {
        for len in (1..source.len()).step_by(7).chain(source.len() - 40..source.len()) {
            let code = rejection(&source[..len], r#""width": 50, "format": "png""#);
            let is_expected = code == RejectionCode::Corrupt || len < 12 && code == RejectionCode::NotAnImage;
            assert!(is_expected, "{len} of {}: {code}", source.len());
        }
    }
}

#[test]
fn a_byte_that_is_changed_anywhere_gives_a_picture_or_a_verdict() {
    let json = spec(r#""width": 50, "format": "png""#);
    for source in [grid().bytes(), with_alpha().bytes()] {
        // Bytes of pixels are many, and are all alike.
        for at in (0..1200).chain((1200..source.len()).step_by(9)) {
            for value in [0xFF, source[at] ^ 0x10] {
                let mut changed = source.clone();
                changed[at] = value;
                match render(changed.as_slice(), &json, std::io::sink()) {
                    Ok(_) | Err(RenderError::Rejected(_)) => {}
                    Err(error) => panic!("{value} at {at}: {error:?}"),
                }
            }
        }
    }
}

#[test]
fn one_tile_that_is_used_for_all_is_read_once() {
    let mut file = grid();
    file.references[0].2 = vec![2, 2, 2, 2];
    file.items.truncate(2);
    let picture = rgb(&file.bytes());
    assert_eq!(picture.get_pixel(10, 10), picture.get_pixel(74, 74));
}

#[test]
fn the_memory_of_a_grid_does_not_grow_with_its_height() {
    let tile = tiles()[0].clone();
    let needed = |rows: u8| {
        let ids: Vec<u32> = (2..2 + 4 * u32::from(rows)).collect();
        let items = ids.iter().map(|&id| Item::coded(id, &tile, (64, 64)));
        let grid = Item::grid(1, 4, rows, (256, 64 * u16::from(rows)));
        let source = File::new(std::iter::once(grid).chain(items).collect()).refer(b"dimg", 1, &ids).bytes();
        let (header, _) = header_by_ranges(&source);
        memory_needed(&header, source.len() as u64, &spec(r#""format": "jpeg""#))
    };
    // The description of 360 more tiles takes memory, the 360 tiles themselves would take 4.4 MB.
    assert!(needed(100) < needed(10) + 1_000_000, "{} {}", needed(100), needed(10));
}

#[test]
fn sides_of_any_length_do_not_overflow_the_estimate() {
    for sides in [(u32::MAX, u32::MAX), (u32::MAX, 1), (1, u32::MAX)] {
        let source = File::new(vec![Item::coded(1, &chart_420(), sides)]).bytes();
        let (header, _) = header_by_ranges(&source);
        assert!(memory_needed(&header, source.len() as u64, &spec(r#""format": "jpeg""#)) > 1 << 36, "{sides:?}");
        assert_eq!(rejection(&source, r#""format": "jpeg""#), RejectionCode::TooMuchMemory, "{sides:?}");
    }
}

#[test]
fn a_file_of_any_brand_without_a_picture_is_named_as_heif() {
    for brand in [b"heif", b"heic", b"avci", b"miaf", b"mif2", b"hevm", b"tmap"] {
        let mut source = boxed(b"ftyp", &[brand.as_slice(), &[0; 4], b"mif1"].concat());
        source.extend([0; 500]);
        let rejection = imaging::probe(&source, source.len() as u64).unwrap_err();
        assert_eq!(rejection.code(), RejectionCode::UnsupportedFormat, "{rejection}");
        assert!(rejection.to_string().contains("HEIF"), "{rejection}");
    }
}
