//! Other people's pictures, read in place. They are not part of this repository: ignored without them.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use image::DynamicImage;
use imaging::{Format, RenderError, Size};
use support::{assert_close, corpus, files, picture, rendition, try_rendition};

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_all_nine_orientations_of_a_photograph_come_out_alike_and_upright() {
    let folder = corpus("exif-orientation");
    for (kind, size) in [("Landscape", Size::new(600, 400)), ("Portrait", Size::new(400, 600))] {
        let photographs = files(&folder, "jpg");
        let mut kind = photographs.iter().filter(|(name, _)| name.starts_with(kind));
        let upright = upright(&kind.next().unwrap().1, size);
        assert_eq!(kind.clone().count(), 8);
        for (name, source) in kind {
            let (rendered, bytes) =
                rendition(source, r#""width": 600, "height": 600, "format": "png""#);
            assert_eq!(rendered.size, size, "{name}");
            // Each was compressed on its own, and has its number drawn on it.
            assert_close(name, &picture(&bytes, Format::Png), &upright, 3.0, 255);
        }
    }
}

/// The one without a tag is stored as it is seen.
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
fn third_party_a_broken_colour_profile_costs_nobody_the_picture() {
    let folder = corpus("jpeg/icc");
    for (name, source) in files(&folder, "jpeg") {
        let (rendered, _) = rendition(&source, r#""format": "webp""#);
        assert!(rendered.byte_len > 0, "{name}");
    }
}

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_pngsuite_is_rendered_and_what_is_corrupt_in_it_is_rejected() {
    let folder = corpus("pngsuite");
    for (name, source) in files(&folder, "png") {
        let outcome = try_rendition(&source, r#""format": "png""#);
        if name.starts_with('x') {
            assert!(matches!(outcome, Err(RenderError::Rejected(_))), "{name} was not rejected");
            continue;
        }
        let (_, bytes) = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut expected = picture(&source, Format::Png).to_rgba8();
        for pixel in expected.pixels_mut().filter(|pixel| pixel.0[3] == 0) {
            // The renderer clears invisible colours.
            pixel.0 = [0; 4];
        }
        assert_close(&name, &picture(&bytes, Format::Png), &expected.into(), 0.0, 0);
    }
}

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_an_interlaced_png_cut_anywhere_is_rejected() {
    let folder = corpus("pngsuite");
    for (name, source) in files(&folder, "png").iter().filter(|(name, _)| name.starts_with("basi"))
    {
        for part in 0..64 {
            let outcome = try_rendition(
                &source[..source.len() * part / 64],
                r#""width": 50, "format": "jpeg""#,
            );
            assert!(matches!(outcome, Err(RenderError::Rejected(_))), "{name} cut at {part}/64");
        }
    }
}
