//! Files that are rejected, and what the message says; damage; limits.

use super::*;

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
