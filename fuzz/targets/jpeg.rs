//! Any bytes as a JPEG for our own decoder: the first four choose a scale for each component, and the part of the picture.

#![no_main]

use baseline_jpeg::{DecoderSetup, FrameHeader, JpegHeader, McuRect, Scale, idct_8x8};
use libfuzzer_sys::fuzz_target;

/// Larger pictures take time, and show nothing that a small one does not.
const MAX_PIXELS: u32 = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[scales, columns, rows, rows_at_once], mut source)) = bytes.split_first_chunk()
    else {
        return;
    };
    let header = JpegHeader::read(&mut source, 1 << 12).expect("memory does not fail");
    let _ = header.icc_profile();
    let Some(frame) = header.baseline_frame() else { return };
    if frame.size.width.saturating_mul(frame.size.height) > MAX_PIXELS {
        return;
    }
    let scale =
        |component: usize| Scale::ALL[usize::from(scales >> (2 * component)) % Scale::ALL.len()];
    let scales: Vec<Scale> = (0..frame.components.len()).map(scale).collect();
    let mcus = part(frame, columns, rows);
    let Some(setup) = DecoderSetup::new(&header, &scales, mcus, idct_8x8) else { return };
    let mut decoder = setup.start(source);
    for component in 0..scales.len() {
        let size = decoder.size(component);
        let mut rows = vec![0; size.width as usize * size.height as usize];
        let piece = size.width as usize * (1 + usize::from(rows_at_once % 32));
        for rows in rows.chunks_mut(piece) {
            if decoder.read_rows(component, rows).is_err() {
                return;
            }
        }
    }
});

/// A part of the frame's MCUs: each byte says where it begins and how much of the rest it has, in sixteenths.
fn part(frame: &FrameHeader, columns: u8, rows: u8) -> McuRect {
    let range = |all: u32, choice: u8| {
        let start = all * u32::from(choice >> 4) / 16;
        let len = (all - start) * (u32::from(choice & 0xF) + 1);
        start..start + len.div_ceil(16)
    };
    let whole = McuRect::whole(frame);
    McuRect { columns: range(whole.columns.end, columns), rows: range(whole.rows.end, rows) }
}
