//! JPEGs by both decoders, beside what libjpeg makes of them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::raster::{Channels, PixelBuffer, Region, Rows};
use crate::{Orientation, chart};

fn encoded(size: Size, quality: u8, chroma: (u8, u8), noise: u32) -> Vec<u8> {
    let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    jpeg.set_fastest_defaults();
    jpeg.set_size(size.width as usize, size.height as usize);
    jpeg.set_quality(quality.into());
    jpeg.set_chroma_sampling_pixel_sizes(chroma, chroma);
    // Optimised tables have codes of every length.
    jpeg.set_optimize_coding(noise.is_multiple_of(2));
    let mut state = noise | 1;
    let mut pixels = chart::rgb(size);
    for level in &mut pixels {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        *level ^= state.to_le_bytes()[3] & noise.to_le_bytes()[0];
    }
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(&pixels).unwrap();
    jpeg.finish().unwrap()
}

fn decoded(jpeg: &[u8], crop: Rect, size: Size) -> Raster<'_> {
    let (_, source) = SourceReader::open(jpeg).unwrap();
    decode(source, crop, size, JpegDecoder::Own).unwrap().picture
}

fn all(rows: &mut dyn Rows) -> Vec<u8> {
    let mut out = vec![0; rows.stride() * rows.size().height as usize];
    rows.read(&mut out).unwrap();
    out
}

/// A grey picture of 64×64 px in three components with these sampling factors, in one scan. All of its Huffman codes
/// are a single bit, 0.
fn flat(sampling: [u8; 3]) -> Vec<u8> {
    let code = |class| [&[0xFF, 0xC4, 0, 20, class, 1][..], &[0; 16]].concat();
    let mut jpeg = [&[0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0][..], &[1; 64]].concat();
    jpeg.extend([code(0), code(0x10)].concat());
    let [a, b, c] = sampling;
    jpeg.extend([0xFF, 0xC0, 0, 17, 8, 0, 64, 0, 64, 3, 1, a, 0, 2, b, 0, 3, c, 0]);
    jpeg.extend([0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    // Two bits per block: its DC, and the end of its AC coefficients.
    jpeg.extend([0; 64 * 3 * 2 / 8]);
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

#[test]
fn more_than_ten_blocks_per_mcu_are_refused_at_every_scale_as_by_libjpeg() {
    let rendered = |sampling, box_json| {
        let spec = format!(r#"{{"name": "a", {box_json} "format": "png"}}"#);
        let spec = serde_json::from_str(&spec).unwrap();
        crate::render(flat(sampling).as_slice(), &spec, &mut Vec::new())
    };
    for box_json in ["", r#""width": 24,"#, r#""width": 5,"#] {
        assert!(rendered([0x22, 0x22, 0x12], box_json).is_ok(), "10 blocks, {box_json:?}");
        for (blocks, sampling) in [(12, [0x22; 3]), (18, [0x44, 0x11, 0x11]), (14, [0x24, 0x22, 0x12]), (48, [0x44; 3])]
        {
            let refused = rendered(sampling, box_json).unwrap_err().to_string();
            assert!(refused.contains("too large for an interleaved scan"), "{blocks} blocks, {box_json:?}: {refused}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn colours_without_subsampling_are_exactly_libjpegs(
        (width, height) in (1..100u32, 1..100u32),
        quality in 1..=100u8,
        noise in any::<u32>(),
    ) {
        let size = Size::new(width, height);
        let jpeg = encoded(size, quality, (1, 1), noise);
        let picture = decoded(&jpeg, Rect::whole(size), size);
        prop_assert!(matches!(picture, Raster::Ycc(..)));
        let expected: Vec<u8> =
            mozjpeg::Decompress::new_mem(&jpeg).unwrap().rgb().unwrap().read_scanlines().unwrap();
        prop_assert!(all(&mut *crate::resize::resize(picture, size)) == expected);
    }

    #[test]
    fn what_is_outside_of_a_crop_changes_no_pixel_of_it(
        (x, y) in (0..500u32, 0..400u32),
        (width, height) in (40..300u32, 40..300u32),
        shrink in 1..12u32,
    ) {
        let stored = Size::new(640, 480);
        let jpeg = encoded(stored, 80, (1, 1), 0);
        let kept = Size::new(width.min(stored.width - x), height.min(stored.height - y));
        let crop = Rect { x, y, size: kept };
        let size = Size::new(1 + (kept.width - 1) / (shrink + 1), 1 + (kept.height - 1) / (shrink + 1));
        let Raster::Ycc([cut, ..], _) = decoded(&jpeg, crop, size) else { panic!("decoded by libjpeg") };
        // The same crop of the whole picture, decoded by libjpeg at the same scale.
        let scale = eighths(kept, size);
        let mut whole = mozjpeg::Decompress::new_mem(&jpeg).unwrap();
        prop_assume!(scale == 8);
        whole.scale(scale);
        let rows = whole.grayscale().unwrap().read_scanlines::<u8>().unwrap();
        let frame = PixelBuffer::new(stored, Channels::Grey.eight_bit(), rows);
        let part = RowsToCrop { rows: Box::new(frame), region: Region::at_full_scale(crop) };
        let expected = all(&mut *crate::resize::resize(Raster::Packed(part), size));
        prop_assert!(cut.rows.size().pixels() <= stored.pixels());
        prop_assert!(all(&mut *crate::resize::resize(Raster::Packed(cut), size)) == expected);
    }
}

#[test]
fn pictures_that_are_not_baseline_or_need_more_chroma_are_decoded_by_libjpeg() {
    let size = Size::new(64, 48);
    let baseline = chart::jpeg(size, Orientation::UPRIGHT);
    // Chroma of half the size would have to be enlarged.
    assert!(matches!(decoded(&baseline, Rect::whole(size), size), Raster::Packed(_)));
    let mut progressive = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    progressive.set_size(64, 48);
    progressive.set_progressive_mode();
    let mut progressive = progressive.start_compress(Vec::new()).unwrap();
    progressive.write_scanlines(&chart::rgb(size)).unwrap();
    let progressive = progressive.finish().unwrap();
    let quarter = Size::new(16, 12);
    assert!(matches!(decoded(&progressive, Rect::whole(size), quarter), Raster::Packed(_)));
    assert!(matches!(decoded(&baseline, Rect::whole(size), quarter), Raster::Ycc(..)));
}
