//! Colours beside those of Chromium 156 (headless, on an sRGB screen), which drew PNGs with these profiles.

use moxcms::ColorProfile;

use super::*;
use crate::raster::PixelBuffer;

/// The colours of one row of 16-bit pixels. `levels` are from 0 to 1.
fn converted(profiles: &[ColourProfile], channels: Channels, levels: &[f64]) -> (Vec<u8>, Option<HdrTransfer>) {
    let wide = levels.iter().flat_map(|level| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 0–65,535
        let level = (level * 65_535.0).round() as u16;
        level.to_ne_bytes()
    });
    let from = PixelFormat { channels, depth: Depth::Sixteen };
    let size = Size::new(u32::try_from(levels.len() / channels.count()).unwrap(), 1);
    let converter = SrgbConverter::new(profiles, from);
    let mut rows = converter.convert(Box::new(PixelBuffer::new(size, from, wide.collect::<Vec<u8>>())));
    let mut out = vec![0; rows.stride()];
    rows.read(&mut out).unwrap();
    (out, converter.tone_mapped())
}

/// Steps of 1/16 from 0 to 1 in the channels whose weight is 1.
fn ramp(weights: [f64; 3]) -> Vec<f64> {
    (0..=16).flat_map(|step| weights.map(|weight| f64::from(step) / 16.0 * weight)).collect()
}

fn png(primaries: u8, transfer: u8) -> Vec<ColourProfile> {
    Cicp::of_png(primaries, transfer).map(ColourProfile::Cicp).into_iter().collect()
}

fn assert_near(found: &[u8], expected: &[u8], tolerance: u8, name: &str) {
    let is_near = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= tolerance);
    assert!(is_near, "{name}: found {found:?}, Chromium has {expected:?}");
}

const PQ: u8 = 16;
const HLG: u8 = 18;

#[test]
fn pq_and_hlg_are_tone_mapped_as_in_chromium() {
    // 17 greys, and 9 reds, blues and yellows.
    const PQ_GREYS: [u8; 17] = [0, 1, 5, 15, 30, 47, 70, 97, 131, 173, 212, 236, 255, 255, 255, 255, 255];
    const HLG_GREYS: [u8; 17] = [0, 3, 14, 28, 43, 57, 71, 85, 99, 115, 134, 158, 188, 211, 227, 242, 255];
    const PQ_2020: [[[u8; 3]; 3]; 3] = [
        [[40, 0, 0], [165, 0, 0], [255, 0, 0]],
        [[0, 0, 32], [0, 0, 138], [0, 0, 255]],
        [[31, 30, 0], [135, 132, 0], [255, 255, 0]],
    ];
    const PQ_P3: [[[u8; 3]; 3]; 3] = [
        [[33, 0, 0], [144, 0, 0], [255, 0, 0]],
        [[0, 0, 31], [0, 0, 137], [0, 0, 255]],
        [[30, 30, 0], [131, 131, 0], [255, 255, 0]],
    ];
    const HLG_2020: [[[u8; 3]; 3]; 3] = [
        [[48, 0, 0], [111, 0, 0], [209, 0, 0]],
        [[0, 0, 33], [0, 0, 80], [0, 0, 153]],
        [[44, 42, 0], [102, 99, 0], [192, 187, 0]],
    ];
    const HLG_709: [[[u8; 3]; 3]; 3] = [
        [[36, 0, 0], [85, 0, 0], [163, 0, 0]],
        [[0, 0, 31], [0, 0, 77], [0, 0, 148]],
        [[42, 42, 0], [98, 98, 0], [186, 186, 0]],
    ];
    let cases = [
        (9, PQ, HdrTransfer::Pq, PQ_GREYS, PQ_2020),
        (12, PQ, HdrTransfer::Pq, PQ_GREYS, PQ_P3),
        (9, HLG, HdrTransfer::Hlg, HLG_GREYS, HLG_2020),
        (1, HLG, HdrTransfer::Hlg, HLG_GREYS, HLG_709),
    ];
    for (primaries, transfer, hdr, greys, colours) in cases {
        let name = format!("{primaries}/{transfer}");
        let profiles = png(primaries, transfer);
        let (found, tone_mapped) = converted(&profiles, Channels::Rgb, &ramp([1.0; 3]));
        assert_eq!(tone_mapped, Some(hdr));
        assert_near(&found, &greys.map(|grey| [grey; 3]).concat(), 1, &name);
        let (found, _) =
            converted(&profiles, Channels::Grey, &(0..=16).map(|step| f64::from(step) / 16.0).collect::<Vec<_>>());
        assert_near(&found, &greys, 1, &format!("grey {name}"));
        for (weights, colours) in [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]].into_iter().zip(colours) {
            let (found, _) = converted(&profiles, Channels::Rgb, &ramp(weights));
            let found: Vec<u8> = [4, 8, 12].into_iter().flat_map(|step| found[step * 3..][..3].to_vec()).collect();
            assert_near(&found, colours.as_flattened(), 1, &format!("{weights:?} {name}"));
        }
    }
}

#[test]
fn the_brightest_light_of_the_file_sets_the_gain_of_highlights_as_in_chromium() {
    let cases: [(u8, f32, [u8; 17]); 6] = [
        (PQ, 203.0, [0, 2, 10, 25, 44, 68, 98, 135, 181, 234, 255, 255, 255, 255, 255, 255, 255]),
        (PQ, 100.0, [0, 2, 10, 25, 44, 68, 98, 135, 181, 234, 255, 255, 255, 255, 255, 255, 255]),
        (PQ, 400.0, [0, 1, 8, 21, 39, 60, 87, 120, 161, 212, 249, 255, 255, 255, 255, 255, 255]),
        (PQ, 4000.0, [0, 1, 5, 15, 30, 47, 70, 97, 131, 173, 202, 214, 225, 237, 249, 255, 255]),
        (HLG, 600.0, [0, 4, 18, 34, 49, 65, 81, 97, 113, 131, 153, 180, 212, 234, 247, 255, 255]),
        (HLG, 4000.0, [0, 3, 14, 28, 43, 57, 71, 85, 99, 115, 134, 158, 188, 201, 209, 217, 225]),
    ];
    for (transfer, peak, greys) in cases {
        let profile = ColourProfile::Cicp(Cicp::of_png(9, transfer).unwrap().with_peak(Some(peak)));
        let (found, _) = converted(&[profile], Channels::Rgb, &ramp([1.0; 3]));
        assert_near(&found, &greys.map(|grey| [grey; 3]).concat(), 2, &format!("{transfer} with {peak}"));
    }
}

#[test]
fn an_icc_profile_that_says_pq_is_tone_mapped() {
    let profile = ColorProfile::new_bt2020_pq().encode().unwrap();
    let (from_icc, tone_mapped) = converted(&[ColourProfile::Icc(profile)], Channels::Rgb, &ramp([1.0, 0.5, 0.2]));
    assert_eq!(tone_mapped, Some(HdrTransfer::Pq));
    assert_near(&from_icc, &converted(&png(9, PQ), Channels::Rgb, &ramp([1.0, 0.5, 0.2])).0, 1, "ICC");
}

#[test]
fn the_numbers_of_an_icc_profile_have_precedence_over_its_tables_as_in_chromium() {
    use moxcms::{CicpColorPrimaries, CicpProfile, MatrixCoefficients, TransferCharacteristics};
    let red = |matrix_coefficients, full_range| {
        let mut profile = ColorProfile::new_srgb();
        profile.cicp = Some(CicpProfile {
            color_primaries: CicpColorPrimaries::Bt2020,
            transfer_characteristics: TransferCharacteristics::Bt709,
            matrix_coefficients,
            full_range,
        });
        let icc = ColourProfile::Icc(profile.encode().unwrap());
        converted(&[icc], Channels::Rgb, &[0.5, 0.0, 0.0]).0
    };
    assert_near(&red(MatrixCoefficients::Identity, true), &[161, 0, 0], 1, "numbers for RGB");
    assert_near(&red(MatrixCoefficients::Bt709, true), &[128, 0, 0], 1, "a matrix");
    assert_near(&red(MatrixCoefficients::Identity, false), &[128, 0, 0], 1, "limited range");
}

#[test]
fn alpha_passes_tone_mapping_unchanged() {
    let (found, _) = converted(&png(9, PQ), Channels::Rgba, &[0.5, 0.5, 0.5, 0.25, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(found, [131, 131, 131, 64, 255, 255, 255, 255]);
    let (found, _) = converted(&png(9, HLG), Channels::GreyAlpha, &[0.5, 0.25, 0.75, 1.0]);
    assert_eq!(found, [99, 64, 188, 255]);
}

/// Levels of the test colours: (200, 100, 50), a dark grey, middle grey, (60, 140, 90), and a dark blue.
const COLOURS: [u8; 15] = [200, 100, 50, 32, 32, 32, 128, 128, 128, 60, 140, 90, 30, 60, 240];

fn assert_colours(name: &str, profiles: &[ColourProfile], expected: [u8; 15]) {
    let levels = COLOURS.map(|level| f64::from(level) / 255.0);
    assert_near(&converted(profiles, Channels::Rgb, &levels).0, &expected, 1, name);
}

#[test]
fn numbers_of_standard_dynamic_range_mean_what_chromium_shows() {
    let cases = [
        ("sRGB", 1, 13, COLOURS),
        ("Display P3", 12, 13, [215, 93, 31, 32, 32, 32, 128, 128, 128, 0, 142, 85, 17, 61, 250]),
        ("cinema P3", 11, 13, [211, 93, 32, 32, 32, 32, 128, 128, 128, 28, 142, 85, 17, 59, 250]),
        ("BT.470 M", 4, 13, [232, 93, 30, 32, 32, 32, 128, 128, 128, 0, 139, 88, 0, 91, 247]),
        ("BT.470 BG", 5, 13, [203, 100, 51, 32, 32, 32, 128, 128, 128, 53, 140, 91, 28, 60, 239]),
        ("BT.601", 6, 13, [196, 102, 49, 32, 32, 32, 128, 128, 128, 67, 138, 90, 42, 68, 241]),
        ("film", 8, 13, [222, 92, 32, 32, 32, 32, 128, 128, 128, 0, 143, 86, 0, 49, 248]),
        ("EBU 3213", 22, 13, [202, 102, 49, 32, 32, 32, 128, 128, 128, 56, 138, 90, 30, 76, 240]),
        ("BT.2020", 9, 14, [239, 63, 5, 20, 20, 20, 121, 121, 121, 0, 140, 73, 0, 46, 251]),
        ("cinema", 1, 17, [200, 87, 34, 15, 15, 15, 118, 118, 118, 44, 132, 76, 13, 44, 247]),
        ("XYZ, linear", 10, 8, [255, 0, 121, 99, 99, 99, 188, 188, 188, 0, 238, 150, 0, 166, 255]),
        // Numbers that are reserved, unspecified, or that Chromium does not know: nothing is converted.
        ("no primaries", 3, 8, COLOURS),
        ("no transfer", 12, 3, COLOURS),
        ("unspecified", 2, 2, COLOURS),
        ("logarithmic", 9, 9, COLOURS),
        ("BT.1361", 9, 12, COLOURS),
    ];
    for (name, primaries, transfer, expected) in cases {
        assert_colours(name, &png(primaries, transfer), expected);
    }
    // Middle grey, 128/255, by each curve.
    let curves = [(1, 121), (4, 129), (5, 106), (6, 121), (7, 141), (8, 188), (11, 121), (15, 121), (17, 118)];
    for (transfer, expected) in curves {
        let (found, _) = converted(&png(1, transfer), Channels::Grey, &[128.0 / 255.0]);
        assert_near(&found, &[expected], 1, &format!("transfer {transfer}"));
    }
}

#[test]
fn the_curves_of_video_are_the_one_of_srgb_in_video_codecs() {
    for (primaries, transfer, expected) in
        [(1, 1, 128), (9, 14, 128), (1, 6, 128), (2, 2, 128), (1, 4, 129), (1, 5, 106), (1, 8, 188), (1, 12, 128)]
    {
        let profile = ColourProfile::Cicp(Cicp::of_video(primaries, transfer));
        let (found, _) = converted(&[profile], Channels::Rgb, &[0.5, 0.5, 0.5]);
        assert_near(&found, &[expected; 3], 1, &format!("{primaries}/{transfer}"));
    }
    let hdr = ColourProfile::Cicp(Cicp::of_video(9, 16));
    assert_eq!(converted(&[hdr], Channels::Rgb, &[0.5; 3]).1, Some(HdrTransfer::Pq));
}

#[test]
fn a_power_function_is_applied_with_its_primaries() {
    const SRGB: [[f32; 2]; 4] = [[0.64, 0.33], [0.3, 0.6], [0.15, 0.06], [0.3127, 0.329]];
    let p3 = [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], SRGB[3]];
    let white_e = [SRGB[0], SRGB[1], SRGB[2], [0.333_33, 0.333_33]];
    let linear = [229, 168, 122, 99, 99, 99, 188, 188, 188, 133, 196, 160, 96, 133, 248];
    let cases = [
        ("linear", 1.0, None, linear),
        ("linear sRGB", 1.0, Some(SRGB), linear),
        ("linear P3", 1.0, Some(p3), [240, 165, 114, 99, 99, 99, 188, 188, 188, 113, 198, 158, 85, 134, 255]),
        (
            "linear, white E",
            1.0,
            Some(white_e),
            [236, 169, 123, 99, 99, 99, 188, 188, 188, 123, 195, 160, 88, 133, 247],
        ),
        ("gamma 2.2", 1.0 / 0.45455, Some(SRGB), [201, 100, 46, 26, 26, 26, 129, 129, 129, 57, 141, 90, 24, 57, 240]),
        ("gamma 2", 2.0, None, [206, 109, 55, 34, 34, 34, 137, 137, 137, 67, 149, 99, 31, 67, 242]),
        ("nearly nothing", 0.1, None, [252, 245, 237, 233, 233, 233, 247, 247, 247, 239, 248, 244, 232, 239, 254]),
        ("nearly everything", 100_000.0, None, [0; 15]),
        ("no primaries", 1.0, Some([[0.0; 2]; 4]), COLOURS),
        ("primaries on a line", 1.0, Some([[0.1, 0.1], [0.2, 0.2], [0.3, 0.3], SRGB[3]]), COLOURS),
        ("primaries outside", 1.0, Some([[0.7, 0.3], [9.0, 0.1], [0.3, 0.3], SRGB[3]]), COLOURS),
    ];
    for (name, exponent, chromaticities, expected) in cases {
        assert_colours(name, &[ColourProfile::Gamma(GammaProfile { exponent, chromaticities })], expected);
    }
}

#[test]
fn the_first_profile_that_can_be_read_is_used() {
    let linear = || ColourProfile::Gamma(GammaProfile { exponent: 1.0, chromaticities: None });
    let linear_colours = [229, 168, 122, 99, 99, 99, 188, 188, 188, 133, 196, 160, 96, 133, 248];
    let p3 = ColourProfile::Icc(ColorProfile::new_display_p3().encode().unwrap());
    let p3_colours = [215, 93, 31, 32, 32, 32, 128, 128, 128, 0, 142, 85, 17, 61, 250];
    let grey = ColourProfile::Icc(ColorProfile::new_gray_with_gamma(1.0).encode().unwrap());
    assert_colours("ICC first", &[p3.clone(), linear()], p3_colours);
    assert_colours("gamma first", &[linear(), p3], linear_colours);
    assert_colours("a broken profile", &[ColourProfile::Icc(b"broken".repeat(40)), linear()], linear_colours);
    // A sound profile for other channels is not broken: pixels are taken for sRGB.
    assert_colours("a profile for grey", &[grey, linear()], COLOURS);
    assert_colours("none", &[], COLOURS);
}

#[test]
fn a_profile_for_rgb_converts_grey() {
    let mut profile = ColorProfile::new_display_p3();
    for curve in [&mut profile.red_trc, &mut profile.green_trc, &mut profile.blue_trc] {
        *curve = Some(moxcms::curve_from_gamma(1.0));
    }
    profile.cicp = None;
    let linear = [ColourProfile::Icc(profile.encode().unwrap())];
    let (found, _) = converted(&linear, Channels::Grey, &[200.0 / 255.0, 32.0 / 255.0, 128.0 / 255.0]);
    assert_near(&found, &[229, 99, 188], 1, "grey");
    let (found, _) = converted(&linear, Channels::GreyAlpha, &[200.0 / 255.0, 0.5, 32.0 / 255.0, 1.0]);
    assert_near(&found, &[229, 128, 99, 255], 1, "grey with alpha");
    // sRGB changes no grey, and costs nothing.
    let srgb = ColourProfile::Icc(ColorProfile::new_srgb().encode().unwrap());
    let converter = SrgbConverter::new(&[srgb], Channels::Grey.eight_bit());
    assert!(matches!(converter.conversion, Conversion::None));
}
