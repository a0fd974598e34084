//! Whole pictures, decoded here and by libjpeg.

#![allow(clippy::unwrap_used)]

use std::io::{self, BufReader, Read};

use baseline_jpeg::{
    DecodeError, Decoder, DecoderSetup, JpegHeader, McuRect, Scale, ScanDamage, ScanFault, Size, idct_8x8,
};
use proptest::prelude::*;

/// 70×50 px, 4:2:0, with a restart marker after every MCU.
const RESTARTS: &[u8] = include_bytes!("../../imaging/tests/pictures/restarts.jpg");

/// A smooth picture with as much noise as the low byte of `noise` says.
fn encoded((width, height): (u32, u32), quality: u8, chroma: (u8, u8), noise: u32) -> Vec<u8> {
    let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    jpeg.set_fastest_defaults();
    jpeg.set_size(width as usize, height as usize);
    jpeg.set_quality(quality.into());
    jpeg.set_chroma_sampling_pixel_sizes(chroma, chroma);
    // Optimised tables have codes of every length.
    jpeg.set_optimize_coding(noise.is_multiple_of(2));
    let mut state = noise | 1;
    let mut pixels = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for level in [x * 255 / width, y * 255 / height, (x + y) / 3] {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            pixels.push(level.to_le_bytes()[0] ^ state.to_le_bytes()[3] & noise.to_le_bytes()[0]);
        }
    }
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(&pixels).unwrap();
    jpeg.finish().unwrap()
}

/// Starts to decode all components at one scale; `None` if this is no picture for this decoder.
fn decoder(mut jpeg: &[u8], scale: Scale) -> Option<Decoder<&[u8]>> {
    let header = JpegHeader::read(&mut jpeg, 0).unwrap();
    let frame = header.baseline_frame()?;
    let scales = vec![scale; frame.components.len()];
    let setup = DecoderSetup::new(&header, &scales, McuRect::whole(frame), idct_8x8)?;
    Some(setup.start(jpeg))
}

fn read_all(decoder: &mut Decoder<&[u8]>, component: usize) -> Result<Vec<u8>, DecodeError> {
    let Size { width, height } = decoder.size(component);
    let mut rows = vec![0; width as usize * height as usize];
    decoder.read_rows(component, &mut rows)?;
    Ok(rows)
}

fn luma(jpeg: &[u8], scale: Scale) -> Result<Vec<u8>, DecodeError> {
    read_all(&mut decoder(jpeg, scale).unwrap(), 0)
}

/// The first fault of the data, if there is one.
fn fault(jpeg: &[u8]) -> Option<ScanFault> {
    match luma(jpeg, Scale::Eighth) {
        Ok(_) => None,
        Err(DecodeError::Damaged(damage)) => Some(damage.fault),
        Err(error) => panic!("{error}"),
    }
}

/// The mean of every block of luma, by libjpeg.
fn libjpeg_means(jpeg: &[u8]) -> Vec<u8> {
    let mut jpeg = mozjpeg::Decompress::new_mem(jpeg).unwrap();
    jpeg.scale(1);
    jpeg.grayscale().unwrap().read_scanlines().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// If a single bit of any component's codes were misread, all blocks after it would differ.
    #[test]
    fn means_are_exactly_libjpegs(
        size in (1..150u32, 1..150u32),
        quality in 1..=100u8,
        chroma in prop::sample::select(&[(1, 1), (2, 1), (1, 2), (2, 2)][..]),
        noise in any::<u32>(),
    ) {
        let jpeg = encoded(size, quality, chroma, noise);
        prop_assert!(luma(&jpeg, Scale::Eighth).unwrap() == libjpeg_means(&jpeg));
    }

    #[test]
    fn luma_at_full_scale_is_within_a_level_of_libjpegs(
        size in (1..100u32, 1..100u32),
        quality in 1..=100u8,
        noise in any::<u32>(),
    ) {
        let jpeg = encoded(size, quality, (2, 2), noise);
        let decompress = mozjpeg::Decompress::new_mem(&jpeg).unwrap();
        let expected: Vec<u8> = decompress.grayscale().unwrap().read_scanlines().unwrap();
        let found = luma(&jpeg, Scale::Full).unwrap();
        prop_assert_eq!(found.len(), expected.len());
        prop_assert!(found.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= 2));
    }

    #[test]
    fn a_rectangle_of_mcus_is_a_part_of_the_whole(
        (left, right) in (0..6u32, 1..=4u32),
        (top, bottom) in (0..5u32, 1..=3u32),
        scale in prop::sample::select(&Scale::ALL[..]),
    ) {
        // 10×8 MCUs of 16×16 px, the last of which are cut.
        let jpeg = encoded((150, 120), 80, (2, 2), 7);
        let mcus = McuRect { columns: left..left + right, rows: top..top + bottom };
        let mut source = &jpeg[..];
        let header = JpegHeader::read(&mut source, 0).unwrap();
        let setup = DecoderSetup::new(&header, &[scale; 3], mcus, idct_8x8).unwrap();
        let mut part = setup.start(source);
        let mut whole = decoder(&jpeg, scale).unwrap();
        let frame = header.baseline_frame().unwrap();
        for component in 0..3 {
            let mcu = frame.mcu_size(component, scale);
            let (x, y) = ((left * mcu.width) as usize, (top * mcu.height) as usize);
            let stride = whole.size(component).width as usize;
            let width = part.size(component).width as usize;
            let rows = read_all(&mut whole, component).unwrap();
            let expected: Vec<u8> = rows
                .chunks(stride)
                .skip(y)
                .take(part.size(component).height as usize)
                .flat_map(|row| &row[x..x + width])
                .copied()
                .collect();
            prop_assert!(read_all(&mut part, component).unwrap() == expected);
        }
    }

    #[test]
    fn damage_never_panics(
        bytes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        scale in prop::sample::select(&Scale::ALL[..]),
    ) {
        let mut jpeg = encoded((61, 47), 85, (2, 2), 12);
        for (at, byte) in bytes {
            let at = at.index(jpeg.len());
            jpeg[at] = byte;
        }
        // The size may be damaged, too: decode only what takes little memory.
        let header = JpegHeader::read(&mut &jpeg[..], 0).unwrap();
        prop_assume!(header.baseline_frame().is_none_or(|frame| {
            frame.size.width * frame.size.height < 1 << 20
        }));
        if let Some(mut decoder) = decoder(&jpeg, scale) {
            let _ = read_all(&mut decoder, 0);
        }
    }
}

#[test]
fn a_large_smooth_picture_has_libjpegs_means() {
    // The buffer is filled several times, also when more bits are loaded than the next MCU has.
    let jpeg = encoded((2828, 2121), 85, (2, 2), 0);
    assert!(jpeg.len() > 2 * 64 * 1024, "{} bytes", jpeg.len());
    assert!(luma(&jpeg, Scale::Eighth).unwrap() == libjpeg_means(&jpeg));
}

#[test]
fn rows_may_be_read_in_any_pieces_and_order_of_components() {
    let whole: Vec<Vec<u8>> = {
        let mut decoder = decoder(RESTARTS, Scale::Half).unwrap();
        (0..3).map(|component| read_all(&mut decoder, component).unwrap()).collect()
    };
    let mut decoder = decoder(RESTARTS, Scale::Half).unwrap();
    for (component, rows_at_once) in [(2, 5), (0, 1), (1, 13)] {
        let width = decoder.size(component).width as usize;
        let mut rows = vec![0; whole[component].len()];
        for piece in rows.chunks_mut(rows_at_once * width) {
            decoder.read_rows(component, piece).unwrap();
        }
        assert!(rows == whole[component], "component {component}");
    }
}

#[test]
fn restart_markers_are_read() {
    assert!(RESTARTS.windows(2).any(|two| two == [0xFF, 0xD7]), "more than eight markers");
    assert!(luma(RESTARTS, Scale::Eighth).unwrap() == libjpeg_means(RESTARTS));
}

#[test]
fn restart_markers_out_of_order_are_corrupt() {
    let mut jpeg = RESTARTS.to_vec();
    let third = jpeg.windows(2).position(|two| two == [0xFF, 0xD2]).unwrap();
    jpeg[third + 1] = 0xD3;
    assert!(matches!(fault(&jpeg), Some(ScanFault::RestartOrder)));
}

#[test]
fn a_file_that_ends_within_the_scan_is_truncated() {
    let jpeg = encoded((70, 50), 80, (2, 2), 0);
    let scan = jpeg.windows(2).position(|two| two == [0xFF, 0xDA]).unwrap() + 14;
    for end in scan..jpeg.len() - 2 {
        assert_eq!(fault(&jpeg[..end]), Some(ScanFault::Truncated), "{end} bytes");
    }
    // The last pixel's code is followed by the EOI marker, which may be missing.
    for end in jpeg.len() - 2..=jpeg.len() {
        assert!(luma(&jpeg[..end], Scale::Eighth).is_ok());
    }
}

#[test]
fn a_scan_that_ends_early_lacks_data() {
    let jpeg = encoded((70, 50), 80, (2, 2), 0);
    let middle = jpeg.len() * 3 / 4;
    let cut = [&jpeg[..middle], &[0xFF, 0xD9]].concat();
    assert_eq!(fault(&cut), Some(ScanFault::MissingData));
}

/// Luma at 1/8 as libjpeg decodes it and as we do, in spite of damage, and our damage.
fn damaged_luma(jpeg: &[u8]) -> Option<(Vec<u8>, Vec<u8>, Option<ScanDamage>)> {
    let mut decoder = decoder(jpeg, Scale::Eighth)?;
    decoder.tolerate_damage();
    let found = read_all(&mut decoder, 0).unwrap();
    Some((libjpeg_means(jpeg), found, decoder.damage()))
}

/// Whether the pixels are the same, except where a false DC is beyond black or white: libjpeg's C code takes it modulo 1024.
fn is_alike(expected: &[u8], found: &[u8]) -> bool {
    expected.iter().zip(found).all(|(expected, found)| expected == found || matches!(found, 0 | 255))
}

#[test]
fn what_is_left_of_a_damaged_picture_is_what_libjpeg_makes_of_it() {
    let restarts = RESTARTS.to_vec();
    let plain = encoded((200, 150), 80, (2, 2), 5);
    for jpeg in [restarts, plain] {
        let scan = jpeg.windows(2).position(|two| two == [0xFF, 0xDA]).unwrap() + 14;
        let mut damages = 0;
        for at in (scan..jpeg.len() - 2).step_by(1 + jpeg.len() / 300) {
            let (expected, found, damage) = damaged_luma(&jpeg[..at]).unwrap();
            assert!(is_alike(&expected, &found), "cut at {at}");
            let damage = damage.unwrap();
            assert_eq!(damage.fault, ScanFault::Truncated);
            assert!(damage.mcus_before + damage.mcus_missing <= damage.mcus + 1, "{damage:?}");
            for bit in [0, 3, 7] {
                let mut flipped = jpeg.clone();
                flipped[at] ^= 1 << bit;
                let (expected, found, damage) = damaged_luma(&flipped).unwrap();
                assert!(is_alike(&expected, &found), "bit {bit} of byte {at} is flipped: {damage:?}");
                damages += u32::from(damage.is_some());
            }
        }
        assert!(damages > 50, "{damages}");
    }
}

#[test]
fn an_error_of_the_reader_is_returned() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let mut source = BufReader::new(RESTARTS[..RESTARTS.len() / 2].chain(Failing));
    let header = JpegHeader::read(&mut source, 0).unwrap();
    let frame = header.baseline_frame().unwrap();
    let setup = DecoderSetup::new(&header, &[Scale::Full; 3], McuRect::whole(frame), idct_8x8);
    let mut decoder = setup.unwrap().start(source);
    let mut rows = vec![0; 70 * 50];
    let Err(DecodeError::Read(error)) = decoder.read_rows(0, &mut rows) else { panic!() };
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

/// The same file with other sampling factors in its frame header.
fn with_sampling(sampling: [u8; 3]) -> Vec<u8> {
    let mut jpeg = RESTARTS.to_vec();
    let frame = jpeg.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    for (index, sampling) in sampling.into_iter().enumerate() {
        jpeg[frame + 11 + 3 * index] = sampling;
    }
    jpeg
}

#[test]
fn more_than_ten_blocks_per_mcu_are_not_decoded() {
    for (sampling, is_decoded) in [
        ([0x22, 0x11, 0x11], true),
        ([0x22, 0x22, 0x12], true),  // 10
        ([0x41, 0x41, 0x21], true),  // 10
        ([0x22, 0x22, 0x22], false), // 12
        ([0x44, 0x11, 0x11], false), // 18
        ([0x44, 0x44, 0x44], false), // 48
    ] {
        let jpeg = with_sampling(sampling);
        for scale in Scale::ALL {
            assert_eq!(decoder(&jpeg, scale).is_some(), is_decoded, "{sampling:x?} at {scale:?}");
        }
    }
}

#[test]
fn a_rectangle_outside_of_the_frame_is_refused() {
    // 5×4 MCUs.
    let header = JpegHeader::read(&mut &RESTARTS[..], 0).unwrap();
    for (columns, rows, is_sound) in
        [(0..5, 0..4, true), (4..5, 3..4, true), (0..6, 0..4, false), (0..5, 0..5, false), (2..2, 0..4, false)]
    {
        let mcus = McuRect { columns, rows };
        let setup = DecoderSetup::new(&header, &[Scale::Full; 3], mcus.clone(), idct_8x8);
        assert_eq!(setup.is_some(), is_sound, "{mcus:?}");
    }
    let frame = header.baseline_frame().unwrap();
    let one_scale = DecoderSetup::new(&header, &[Scale::Full], McuRect::whole(frame), idct_8x8);
    assert!(one_scale.is_none(), "one scale for three components");
}

#[test]
fn segments_that_change_no_pixel_are_left_out_for_another_decoder() {
    let exif = [&[0xFF, 0xE1, 0, 8][..], b"Exif\0\0"].concat();
    let with_exif = [&RESTARTS[..2], &exif, &RESTARTS[2..]].concat();
    let header = JpegHeader::read(&mut &with_exif[..], 0).unwrap();
    assert!(header.baseline_frame().is_some() && header.has_single_scan());
    assert!(RESTARTS.starts_with(&header.segments));
}
