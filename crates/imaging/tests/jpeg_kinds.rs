//! JPEGs as people's software writes them: odd, but whole; and the same kinds with pixels missing.
//!
//! What is right was seen in Chromium and in djpeg. `decode::jpeg::verdict` has the reasons.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use imaging::{
    Format, JpegDecoder, Orientation, RejectionCode, RenderError, RenderOptions, Size, chart, render_within,
};
use mozjpeg::{ColorSpace, Compress};
use support::{assert_close, picture, rejection, rendition, spec, try_rendition};

const SIZE: Size = Size::new(200, 152);

/// At full scale, at half, and at an eighth, where only the means of blocks are decoded.
const BOXES: [&str; 3] = [r#""format": "png""#, r#""width": 66, "format": "png""#, r#""width": 16, "format": "png""#];

/// A marker with its segment; of a scan, with its data. SOI and EOI are segments, too.
type Segment = Vec<u8>;

/// Splits a file into its segments.
fn segments(jpeg: &[u8]) -> Vec<Segment> {
    let (mut segments, mut at) = (Vec::new(), 0);
    while at < jpeg.len() {
        let mut end = at + 2;
        if !matches!(jpeg[at + 1], 0xD8 | 0xD9) {
            end += usize::from(u16::from_be_bytes([jpeg[end], jpeg[end + 1]]));
        }
        if jpeg[at + 1] == 0xDA {
            let is_marker = |two: &[u8]| two[0] == 0xFF && !matches!(two[1], 0 | 0xD0..=0xD7);
            end += jpeg[end..].windows(2).position(is_marker).unwrap();
        }
        segments.push(jpeg[at..end].to_vec());
        at = end;
    }
    segments
}

fn is(segment: &Segment, code: u8) -> bool {
    segment[1] == code
}

/// The file with each segment replaced by what `edit` makes of it.
fn edited(jpeg: &[u8], edit: impl FnMut(Segment) -> Segment) -> Vec<u8> {
    segments(jpeg).into_iter().map(edit).collect::<Vec<_>>().concat()
}

/// Overwrites bytes of all segments with this code, counted from the marker.
fn patched(jpeg: &[u8], code: u8, at: usize, bytes: &[u8]) -> Vec<u8> {
    edited(jpeg, |mut segment| {
        if is(&segment, code) {
            segment[at..at + bytes.len()].copy_from_slice(bytes);
        }
        segment
    })
}

/// The file with bytes before its second marker.
fn with_second(jpeg: &[u8], bytes: &[u8]) -> Vec<u8> {
    [&jpeg[..2], bytes, &jpeg[2..]].concat()
}

fn without_end(jpeg: &[u8]) -> &[u8] {
    jpeg.strip_suffix(&[0xFF, 0xD9]).unwrap()
}

fn encoded(colours: ColorSpace, pixels: &[u8], prepare: impl FnOnce(&mut Compress)) -> Vec<u8> {
    let mut jpeg = Compress::new(colours);
    jpeg.set_fastest_defaults();
    jpeg.set_size(SIZE.width as usize, SIZE.height as usize);
    jpeg.set_quality(90.0);
    prepare(&mut jpeg);
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(pixels).unwrap();
    jpeg.finish().unwrap()
}

/// Sequential, with these sampling factors of luma (chroma has 1×1), and the standard's Huffman tables.
fn sampled((across, down): (u8, u8)) -> Vec<u8> {
    encoded(ColorSpace::JCS_RGB, &chart::rgb(SIZE), |jpeg| {
        jpeg.set_optimize_coding(false);
        for (index, component) in jpeg.components_mut().iter_mut().enumerate() {
            let (h, v) = if index == 0 { (across, down) } else { (1, 1) };
            (component.h_samp_factor, component.v_samp_factor) = (h.into(), v.into());
        }
    })
}

fn baseline() -> Vec<u8> {
    chart::jpeg(SIZE, Orientation::UPRIGHT)
}

fn progressive() -> Vec<u8> {
    encoded(ColorSpace::JCS_RGB, &chart::rgb(SIZE), |jpeg| jpeg.set_progressive_mode())
}

/// Progressive without subsampling: at 1/8, all scans but the one with the means are passed over.
fn progressive_444() -> Vec<u8> {
    encoded(ColorSpace::JCS_RGB, &chart::rgb(SIZE), |jpeg| {
        jpeg.set_progressive_mode();
        jpeg.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
    })
}

/// Sequential, with a scan for each component. The components are those of three grey pictures.
fn with_scans() -> Vec<u8> {
    let grey = |channel: usize| {
        let pixels: Vec<u8> = chart::rgb(SIZE).as_chunks().0.iter().map(|rgb: &[u8; 3]| rgb[channel]).collect();
        segments(&encoded(ColorSpace::JCS_GRAYSCALE, &pixels, |jpeg| jpeg.set_optimize_coding(false)))
    };
    let mut file = Vec::new();
    for segment in grey(0).iter().filter(|segment| !is(segment, 0xD9)) {
        match segment[1] {
            0xC0 => {
                file.extend([0xFF, 0xC0, 0, 17]);
                file.extend(&segment[4..9]);
                file.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
            }
            0xDA => {}
            _ => file.extend(segment),
        }
    }
    for channel in 0..3u8 {
        let mut scan = grey(channel.into()).into_iter().find(|segment| is(segment, 0xDA)).unwrap();
        scan[5] = channel + 1;
        file.extend(scan);
    }
    file.extend([0xFF, 0xD9]);
    file
}

fn rendered_by(decoder: JpegDecoder, source: &[u8], json: &str) -> Result<Vec<u8>, RenderError> {
    let mut out = Vec::new();
    let options = RenderOptions { jpeg_decoder: decoder, ..RenderOptions::default() };
    render_within(options, source, &spec(json), &mut out).map(|_| out)
}

/// Renders as the pipeline and the command line do, which can read the source twice.
fn rendered(source: &[u8], json: &str) -> Result<Vec<u8>, RenderError> {
    match rendered_by(JpegDecoder::Own, source, json) {
        Err(RenderError::JpegEndUnknown) => rendered_by(JpegDecoder::Libjpeg, source, json),
        rendered => rendered,
    }
}

/// Asserts that a picture looks like another one: at full scale exactly, at others as close as two decoders are.
#[track_caller]
fn assert_like(name: &str, kind: &[u8], reference: &[u8]) {
    for json in BOXES {
        let bytes = rendered(kind, json).unwrap_or_else(|error| panic!("{name}, {json}: {error}"));
        let (mean, max) = if json == BOXES[0] { (0.0, 0) } else { (3.0, 60) };
        let expected = rendition(reference, json).1;
        assert_close(name, &picture(&bytes, Format::Png), &picture(&expected, Format::Png), mean, max);
    }
}

#[track_caller]
fn assert_corrupt(name: &str, kind: &[u8], reason: &str) {
    for json in BOXES {
        match rendered(kind, json) {
            Err(RenderError::Rejected(rejection)) => {
                assert_eq!(rejection.code(), RejectionCode::Corrupt, "{name}, {json}: {rejection}");
                assert!(rejection.to_string().contains(reason), "{name}, {json}: {rejection}");
            }
            other => panic!("{name}, {json}: {:?}", other.map(|bytes| bytes.len())),
        }
    }
}

#[test]
fn odd_fields_that_change_no_pixel_are_ignored() {
    let adobe = |transform| [&b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0"[..], &[transform]].concat();
    for (coding, jpeg) in [("baseline", baseline()), ("scans", with_scans()), ("progressive", progressive())] {
        let is_progressive = coding == "progressive";
        let with_fill = edited(&jpeg, |segment| {
            let fill: &[u8] = if is(&segment, 0xD8) { &[] } else { &[0xFF; 5] };
            [fill, &segment].concat()
        });
        let with_garbage = edited(&jpeg, |segment| {
            let garbage: &[u8] = if segment[1] < 0xD8 { &[0x17, 0, 0xFF, 0, 9] } else { &[] };
            [garbage, &segment].concat()
        });
        let mut kinds = vec![
            ("JFIF 9.9", patched(&jpeg, 0xE0, 9, &[9, 9])),
            ("fill bytes", with_fill),
            ("garbage between segments", with_garbage),
            (
                "metadata between scans",
                edited(&jpeg, |segment| match segment[1] {
                    0xDA => [b"\xFF\xFE\0\x06note\xFF\xE1\0\x04xx", &segment[..]].concat(),
                    _ => segment,
                }),
            ),
        ];
        if !is_progressive {
            for said in [[0, 0, 0], [1, 0, 0], [0, 63, 0x11], [63, 0, 0xFF]] {
                kinds.push((
                    "SOS parameters",
                    edited(&jpeg, |mut segment| {
                        if is(&segment, 0xDA) {
                            let len = usize::from(segment[3]);
                            segment[len - 1..len + 2].copy_from_slice(&said);
                        }
                        segment
                    }),
                ));
            }
        }
        for (name, kind) in kinds {
            assert_like(&format!("{coding}, {name}"), &kind, &jpeg);
        }
        // Without JFIF, Adobe's number decides, and an unknown number means YCbCr.
        let without_jfif = edited(&jpeg, |segment| if is(&segment, 0xE0) { Vec::new() } else { segment });
        for transform in [1, 7] {
            assert_like(coding, &with_second(&without_jfif, &adobe(transform)), &jpeg);
        }
        assert_like(coding, &without_jfif, &jpeg);
    }
}

#[test]
fn components_may_have_any_ids() {
    let jpeg = edited(&baseline(), |segment| if is(&segment, 0xE0) { Vec::new() } else { segment });
    for ids in [[0, 1, 2], [1, 34, 35], [200, 100, 0], [b'Y', b'C', b'c']] {
        let odd = edited(&jpeg, |mut segment| {
            let (first, step) = match segment[1] {
                0xC0 => (10, 3),
                0xDA => (5, 2),
                _ => return segment,
            };
            for (index, id) in ids.into_iter().enumerate() {
                segment[first + step * index] = id;
            }
            segment
        });
        assert_like(&format!("{ids:?}"), &odd, &jpeg);
    }
}

#[test]
fn a_picture_without_huffman_tables_has_the_default_ones() {
    let jpeg = sampled((2, 1));
    let motion = edited(&jpeg, |segment| if is(&segment, 0xC4) { Vec::new() } else { segment });
    assert!(motion.len() < jpeg.len() - 400);
    assert_like("Motion JPEG", &motion, &jpeg);
    let progressive = edited(&progressive(), |segment| if is(&segment, 0xC4) { Vec::new() } else { segment });
    assert_corrupt("progressive", &progressive, "a Huffman table is missing");
}

#[test]
fn sampling_factors_of_every_kind_show_the_same_picture() {
    let reference = rendition(&baseline(), BOXES[1]).1;
    for sampling in [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (1, 4), (4, 2), (3, 1), (3, 2)] {
        let jpeg = sampled(sampling);
        for json in BOXES {
            assert!(try_rendition(&jpeg, json).is_ok(), "{sampling:?}, {json}");
        }
        let (_, bytes) = rendition(&jpeg, BOXES[1]);
        assert_close(
            &format!("{sampling:?}"),
            &picture(&bytes, Format::Png),
            &picture(&reference, Format::Png),
            6.0,
            255,
        );
    }
}

#[test]
fn chroma_may_have_more_samples_than_luma() {
    let jpeg = encoded(ColorSpace::JCS_RGB, &chart::rgb(SIZE), |jpeg| {
        for (index, component) in jpeg.components_mut().iter_mut().enumerate() {
            let factor = if index == 0 { 1 } else { 2 };
            (component.h_samp_factor, component.v_samp_factor) = (factor, factor);
        }
    });
    let reference = rendition(&baseline(), BOXES[1]).1;
    let (_, bytes) = rendition(&jpeg, BOXES[1]);
    assert_close("large chroma", &picture(&bytes, Format::Png), &picture(&reference, Format::Png), 8.0, 255);
}

#[test]
fn red_green_and_blue_need_no_conversion() {
    let rgb = encoded(ColorSpace::JCS_RGB, &chart::rgb(SIZE), |jpeg| jpeg.set_color_space(ColorSpace::JCS_RGB));
    let expected = rendition(&baseline(), BOXES[0]).1;
    let by_ids = edited(&rgb, |segment| if is(&segment, 0xEE) { Vec::new() } else { segment });
    for (name, jpeg) in [("Adobe", &rgb), ("ids", &by_ids)] {
        let (_, bytes) = rendition(jpeg, BOXES[0]);
        assert_close(name, &picture(&bytes, Format::Png), &picture(&expected, Format::Png), 4.0, 255);
    }
}

#[test]
fn scans_in_another_order_hold_the_same_picture() {
    let jpeg = progressive_444();
    let mut parts = segments(&jpeg);
    let scans: Vec<usize> = (0..parts.len()).filter(|&index| is(&parts[index], 0xDA)).collect();
    // The first scan holds the means, and the second one coefficients. Each has its tables before it.
    let first: Vec<Segment> = parts.drain(scans[0] - 1..=scans[0]).collect();
    assert!(is(&first[0], 0xC4), "{:x?}", &first[0][..2]);
    let second_end = parts.iter().position(|segment| is(segment, 0xDA)).unwrap() + 1;
    parts.splice(second_end..second_end, first);
    assert_like("AC before DC", &parts.concat(), &jpeg);
}

#[test]
fn a_whole_picture_needs_no_end() {
    let video = [b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".as_slice(), &[0xA5; 5000]].concat();
    for (coding, jpeg) in [("baseline", baseline()), ("scans", with_scans()), ("progressive", progressive())] {
        let pixels = without_end(&jpeg);
        let ends: [(&str, &[u8]); 9] = [
            ("no end", b""),
            ("half an end", b"\xFF"),
            ("a video", &video),
            ("zeros", &[0; 300]),
            ("another picture", &jpeg),
            ("a segment that is cut", b"\xFF\xE1\xFF\xFFExif"),
            ("garbage with markers", b"\xFF\x02\xFF\xC0\xFF\xDC"),
            ("a false scan", b"\xFF\xDA\0\x08\x01\x09"),
            ("fill bytes", &[0xFF; 100]),
        ];
        for (name, end) in ends {
            assert_like(&format!("{coding}, {name}"), &[pixels, end].concat(), &jpeg);
            let behind_its_end = [&jpeg[..], end].concat();
            assert_like(&format!("{coding}, {name} behind its end"), &behind_its_end, &jpeg);
        }
    }
}

#[test]
fn a_scan_that_a_thumbnail_does_not_need_is_decoded_if_the_end_is_missing() {
    let jpeg = progressive_444();
    let render = |source: &[u8], decoder| rendered_by(decoder, source, BOXES[2]);
    let whole = without_end(&jpeg);
    assert!(matches!(render(whole, JpegDecoder::Own), Err(RenderError::JpegEndUnknown)));
    assert_eq!(render(whole, JpegDecoder::Libjpeg).unwrap(), rendition(&jpeg, BOXES[2]).1);
    let cut = &whole[..whole.len() - 20];
    assert!(matches!(render(cut, JpegDecoder::Own), Err(RenderError::JpegEndUnknown)));
    assert!(matches!(render(cut, JpegDecoder::Libjpeg), Err(RenderError::Rejected(_))));
    // A caller that cannot read the source again gets a verdict.
    assert_eq!(rejection(whole, BOXES[2]), RejectionCode::Corrupt);
}

#[test]
fn missing_pixels_are_corrupt_whatever_follows() {
    let shorter = |jpeg: &[u8], number: usize, by: usize| {
        let mut scan = 0;
        edited(jpeg, |mut segment| {
            if is(&segment, 0xDA) {
                if scan == number {
                    segment.truncate(segment.len() - by);
                }
                scan += 1;
            }
            segment
        })
    };
    for (coding, jpeg, scans) in [("baseline", baseline(), 1), ("scans", with_scans(), 3)] {
        for number in 0..scans {
            let short = shorter(&jpeg, number, 12);
            assert_corrupt(&format!("{coding}, scan {number}"), &short, "the data of ");
            assert_corrupt(&format!("{coding}, scan {number}, no end"), without_end(&short), "ends");
        }
    }
    let jpeg = progressive();
    // At full scale every scan is decoded.
    for number in 0..segments(&jpeg).iter().filter(|segment| is(segment, 0xDA)).count() {
        assert_eq!(rejection(&shorter(&jpeg, number, 12), BOXES[0]), RejectionCode::Corrupt, "scan {number}");
    }
}

#[test]
fn a_file_that_is_cut_between_two_scans_is_corrupt() {
    for (coding, jpeg) in [("scans", with_scans()), ("progressive", progressive()), ("444", progressive_444())] {
        let parts = segments(&jpeg);
        let scans: Vec<usize> = (0..parts.len()).filter(|&index| is(&parts[index], 0xDA)).collect();
        assert!(scans.len() >= 3, "{coding}");
        for &scan in &scans[..scans.len() - 1] {
            let cut = parts[..=scan].concat();
            assert_corrupt(&format!("{coding} after segment {scan}"), &cut, "the file ends");
        }
    }
    // With an end as well, if a component is missing.
    let parts = segments(&with_scans());
    let second = parts.iter().rposition(|segment| is(segment, 0xDA)).unwrap();
    let two_components = [parts[..second].concat(), vec![0xFF, 0xD9]].concat();
    assert_corrupt("two of three components", &two_components, "the file ends");
}

#[test]
fn progressive_scans_that_an_encoder_left_out_are_not_missed() {
    // The end says that the picture is complete. Browsers show it, with smooth transitions between its blocks.
    let parts = segments(&progressive());
    let first = parts.iter().position(|segment| is(segment, 0xDA)).unwrap();
    let means = [parts[..=first].concat(), vec![0xFF, 0xD9]].concat();
    for json in BOXES {
        assert!(try_rendition(&means, json).is_ok(), "{json}");
    }
}

#[test]
fn headers_that_no_decoder_accepts_are_corrupt() {
    let jpeg = baseline();
    let repeated = |code| edited(&jpeg, |segment| if is(&segment, code) { segment.repeat(2) } else { segment });
    let without = |code| edited(&jpeg, |segment| if is(&segment, code) { Vec::new() } else { segment });
    assert_corrupt("two SOI", &repeated(0xD8), "two SOI markers");
    assert_corrupt("two SOF", &repeated(0xC0), "two frame headers");
    assert_corrupt("no DQT", &without(0xDB), "a quantisation table is missing");
    assert_corrupt("a reserved marker", &with_second(&jpeg, &[0xFF, 0x02, 0, 2]), "marker that is not known");
    assert_corrupt(
        "a component of no frame",
        &patched(&jpeg, 0xDA, 5, &[99]),
        "component that the frame does not have",
    );
}

#[test]
fn restart_markers_are_checked_in_every_coding() {
    let jpeg = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/restarts.jpg")).unwrap();
    let marker = jpeg.windows(2).position(|two| two == [0xFF, 0xD1]).unwrap();
    assert!(try_rendition(&jpeg, BOXES[0]).is_ok());
    for (name, bytes) in [("another number", &[0xFF, 0xD4][..]), ("none", &[0, 0])] {
        let odd = [&jpeg[..marker], bytes, &jpeg[marker + 2..]].concat();
        for json in BOXES {
            assert_eq!(rejection(&odd, json), RejectionCode::Corrupt, "{name}, {json}");
        }
    }
    // Bytes before a marker are skipped, as by libjpeg.
    let padded = [&jpeg[..marker], &[0, 0, 0], &jpeg[marker..]].concat();
    assert_like("padding before a restart marker", &padded, &jpeg);
}

#[test]
fn arithmetic_coding_gives_the_pixels_of_huffman_coding() {
    let file = |name| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)).unwrap();
    let huffman = file("huffman.jpg");
    for name in ["arithmetic.jpg", "arithmetic-progressive.jpg", "arithmetic-restarts.jpg"] {
        let jpeg = file(name);
        assert_like(name, &jpeg, &huffman);
        for part in 1..32 {
            assert_corrupt(name, &jpeg[..jpeg.len() * part / 32], "");
        }
        assert_like(name, &[&jpeg[..], &[0; 300]].concat(), &huffman);
    }
}
