//! Sources that end early or have a hole.

use super::*;

#[test]
fn a_truncated_picture_is_rejected() {
    for (name, source) in SOURCES.iter() {
        for part in 0..64 {
            let cut = &source[..source.len() * part / 64];
            for json in [SMALL, FULL, MOVING] {
                match try_rendition(cut, json) {
                    Err(RenderError::Rejected(_)) => {}
                    // The first frame may be complete without the others.
                    Ok(rendered) if *name == "gif" && json != MOVING => {
                        assert_eq!(rendered, rendition(source, json), "{name} at {part}/64");
                    }
                    // All its pixels are there. That frames are missing behind them cannot be known.
                    Ok((rendered, _)) if *name == "gif" && rendered.frames < 3 => {}
                    other => panic!("{name} truncated at {part}/64: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_picture_without_its_last_byte_is_corrupt() {
    // A JPEG does not need its EOI marker.
    for (name, source) in SOURCES.iter().filter(|(name, _)| !name.ends_with("jpeg")) {
        let cut = &source[..source.len() - 1];
        for json in [MOVING, SMALL, FULL] {
            if *name == "gif" || name.starts_with("png") {
                // The trailer of a GIF says nothing, and neither does the end of a PNG.
                assert_eq!(rendition(cut, json), rendition(source, json), "{name}");
            } else if name.contains("webp") && cut.len() % 2 == 1 && try_rendition(cut, json).is_ok() {
                // The last byte fills the last chunk up to an even length.
                assert_eq!(rendition(cut, json), rendition(source, json), "{name}");
            } else {
                assert_eq!(rejection(cut, json), RejectionCode::Corrupt, "{name}");
            }
        }
    }
}

#[test]
fn a_jpeg_is_whole_with_its_last_pixel() {
    let whole = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let pixels = &whole[..whole.len() - 2];
    let ends: [(&str, &[u8]); 6] = [
        ("no end", b""),
        ("half an end", b"\xFF"),
        ("a video", b"\0\0\0\x18ftypmp42"),
        ("another picture", &whole),
        ("zeros behind its end", &[0xFF, 0xD9, 0, 0, 0]),
        ("a segment that is cut", b"\xFF\xE1\xFF\xFFExif"),
    ];
    // Decoded by our own decoder, by libjpeg (which upsamples chroma), and in part.
    for json in [SMALL, FULL, r#""width": 50, "height": 10, "fit": "cover", "format": "png""#] {
        let expected = rendition(&whole, json);
        for (name, end) in ends {
            assert_eq!(rendition(&[pixels, end].concat(), json), expected, "{name}");
        }
    }
    // The last three bytes hold pixels.
    let cut = &pixels[..pixels.len() - 3];
    for json in [SMALL, FULL] {
        assert_eq!(rejection(cut, json), RejectionCode::Corrupt);
    }
}

#[test]
fn spectral_fields_of_a_sequential_scan_are_ignored() {
    let whole = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let scan = whole.windows(2).position(|marker| marker == b"\xFF\xDA").unwrap();
    let spectrum = scan + 2 + 12 - 3;
    assert_eq!(whole[spectrum..spectrum + 3], [0, 63, 0]);
    for said in [[0, 0, 0], [0, 63, 0x11], [1, 1, 1], [63, 0, 0xFF]] {
        let mut odd = whole.clone();
        odd[spectrum..spectrum + 3].copy_from_slice(&said);
        for json in [SMALL, FULL] {
            assert_eq!(rendition(&odd, json), rendition(&whole, json), "{said:?}");
        }
    }
}

#[test]
fn a_jpeg_with_a_hole_is_corrupt() {
    let source = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let mut holed = source.clone();
    let middle = source.len() / 2;
    // A second start of image within the first one's pixels.
    holed[middle..middle + 2].copy_from_slice(b"\xFF\xD8");
    assert_eq!(rejection(&holed, FULL), RejectionCode::Corrupt);
}

#[test]
fn invalid_alpha_is_corrupt_and_not_a_lack_of_memory() {
    let mut source = SOURCES.iter().find(|(name, _)| *name == "webp with alpha").unwrap().1.clone();
    let alpha = source.windows(4).position(|name| name == b"ALPH").unwrap();
    // An unknown compression method, which libwebp reports as a lack of memory.
    source[alpha + 8] |= 3;
    assert_eq!(rejection(&source, FULL), RejectionCode::Corrupt);
}

#[test]
fn bytes_after_a_webp_are_ignored() {
    let mut source = chart::encoded(SIZE, Encoding::WebpLossless);
    let expected = rendition(&source, SMALL);
    source.extend([0; 300_000]);
    assert_eq!(rendition(&source, SMALL), expected);
}

#[test]
fn a_png_whose_checksum_is_wrong_is_corrupt() {
    let mut source = chart::encoded(SIZE, Encoding::Png);
    let middle = source.len() / 2;
    source[middle] ^= 1;
    assert_eq!(rejection(&source, FULL), RejectionCode::Corrupt);
}

#[test]
fn an_empty_file_and_text_are_rejected() {
    assert_eq!(rejection(b"", FULL), RejectionCode::Empty);
    assert_eq!(rejection(b"Dear Sir or Madam", FULL), RejectionCode::NotAnImage);
}
