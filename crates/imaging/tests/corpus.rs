//! Renders third-party pictures that are not part of this repository. Cargo ignores these tests unless asked to run
//! them.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use image::DynamicImage;
use imaging::{Format, RenderError, Size};
use support::{assert_close, corpus, files, picture, png_file, rendition, try_rendition};

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_photographs_in_all_nine_orientations_are_rendered_upright() {
    let folder = corpus("exif-orientation");
    for (kind, size) in [("Landscape", Size::new(600, 400)), ("Portrait", Size::new(400, 600))] {
        let photographs = files(&folder, "jpg");
        let mut kind = photographs.iter().filter(|(name, _)| name.starts_with(kind));
        let upright = upright(&kind.next().unwrap().1, size);
        assert_eq!(kind.clone().count(), 8);
        for (name, source) in kind {
            let (rendered, bytes) = rendition(source, r#""width": 600, "height": 600, "format": "png""#);
            assert_eq!(rendered.size, size, "{name}");
            // Each file was compressed separately, and shows its number.
            assert_close(name, &picture(&bytes, Format::Png), &upright, 3.0, 255);
        }
    }
}

/// Renders the file without a tag, which is stored upright.
fn upright(source: &[u8], size: Size) -> DynamicImage {
    let (rendered, bytes) = rendition(source, r#""width": 600, "height": 600, "format": "png""#);
    assert_eq!(rendered.size, size);
    picture(&bytes, Format::Png)
}

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_jpegs_look_like_their_references() {
    let folder = corpus("jpeg/mozilla");
    for (name, source) in files(&folder, "jpg") {
        let reference = reference(&folder, &name);
        let (_, bytes) = rendition(&source, r#""format": "png""#);
        let (mean, max) = if name.contains("cmyk") { (4.0, 60) } else { (1.5, 60) };
        assert_close(&name, &picture(&bytes, Format::Png), &reference, mean, max);
    }
}

fn reference(folder: &Path, name: &str) -> DynamicImage {
    picture(&std::fs::read(folder.join(name).with_extension("png")).unwrap(), Format::Png)
}

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_pictures_with_broken_colour_profiles_are_rendered() {
    let folder = corpus("jpeg/icc");
    for (name, source) in files(&folder, "jpeg") {
        let (rendered, _) = rendition(&source, r#""format": "webp""#);
        assert!(rendered.byte_len > 0, "{name}");
    }
}

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_pngsuite_is_rendered_except_for_its_corrupt_files() {
    let folder = corpus("pngsuite");
    for (name, source) in files(&folder, "png") {
        let outcome = try_rendition(&source, r#""format": "png""#);
        if name.starts_with('x') {
            assert!(matches!(outcome, Err(RenderError::Rejected(_))), "{name} was not rejected");
            continue;
        }
        outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        // The reference does not apply the gamma, which most of these pictures have.
        let (_, bytes) = rendition(&png_file::without(&source, &[b"gAMA", b"cHRM"]), r#""format": "png""#);
        let mut expected = picture(&source, Format::Png).to_rgba8();
        for pixel in expected.pixels_mut().filter(|pixel| pixel.0[3] == 0) {
            // The renderer clears the colours of transparent pixels.
            pixel.0 = [0; 4];
        }
        assert_close(&name, &picture(&bytes, Format::Png), &expected.into(), 0.0, 0);
    }
}

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_truncated_interlaced_pngs_are_rejected_unless_all_pixels_are_there() {
    let folder = corpus("pngsuite");
    for (name, source) in files(&folder, "png").iter().filter(|(name, _)| name.starts_with("basi")) {
        let json = r#""width": 50, "format": "jpeg""#;
        let whole = rendition(source, json);
        for part in 0..64 {
            match try_rendition(&source[..source.len() * part / 64], json) {
                Err(RenderError::Rejected(_)) => {}
                outcome => assert!(part > 50 && outcome.unwrap() == whole, "{name} cut at {part}/64"),
            }
        }
    }
}
