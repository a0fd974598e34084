//! Layouts of chroma, depths, grids, alpha and colours.

use super::*;

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
