//! Where things may stand in a file: boxes, items, extents, transforms, several pictures.

use super::*;

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

#[test]
fn other_auxiliary_pictures_are_ignored() {
    let mut file = with_alpha();
    file.items[1].properties[2].1 = b"\0\0\0\0urn:com:apple:photo:2020:aux:hdrgainmap\0".to_vec();
    assert!(!header_by_ranges(&file.bytes()).0.pixels.has_alpha);
}
