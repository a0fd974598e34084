//! APNGs with a damaged animation.

use super::*;

#[test]
fn a_damaged_animation_has_its_still_picture() {
    let control = |seq: u32, width: u32, height: u32, left: u32, last: [u8; 2]| {
        let numbers = [seq, width, height, left, 0].map(u32::to_be_bytes).concat();
        chunk(b"fcTL", &[&numbers[..], &[0, 10, 0, 100], &last].concat())
    };
    let fctl = |seq: u32| control(seq, WIDTH, HEIGHT, 0, [0; 2]);
    let red = compress(&rows(|_, _| vec![255, 0, 0]));
    let fdat = |seq: u32| chunk(b"fdAT", &[&seq.to_be_bytes()[..], &red].concat());
    let actl = |frames: u32| chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat());
    let still = chunk(b"IDAT", &stream());
    let second = || [fctl(1), fdat(2)].concat();
    let cases: Vec<(_, Vec<Vec<u8>>, Chromium)> = vec![
        ("whole", vec![actl(2), fctl(0), still.clone(), second()], Whole),
        ("a gap in the sequence", vec![actl(2), fctl(0), still.clone(), fctl(5), fdat(6)], Whole),
        ("a gap before data", vec![actl(2), fctl(0), still.clone(), fctl(1), fdat(9)], Whole),
        ("fewer frames", vec![actl(9), fctl(0), still.clone(), second()], Whole),
        ("more frames", vec![actl(1), fctl(0), still.clone(), second()], Whole),
        ("no frames", vec![actl(0), fctl(0), still.clone(), second()], Whole),
        ("a thousand million frames", vec![actl(1_000_000_000), fctl(0), still.clone(), second()], Whole),
        ("an invalid number of frames", vec![actl(u32::MAX), fctl(0), still.clone(), second()], Whole),
        ("no control of the second frame", vec![actl(2), fctl(0), still.clone(), fdat(1)], Whole),
        (
            "the second frame outside",
            vec![actl(2), fctl(0), still.clone(), control(1, 99, 99, 9, [0; 2]), fdat(2)],
            Whole,
        ),
        ("the second frame empty", vec![actl(2), fctl(0), still.clone(), control(1, 0, 0, 0, [0; 2]), fdat(2)], Whole),
        ("data of 3 bytes", vec![actl(2), fctl(0), still.clone(), fctl(1), chunk(b"fdAT", b"abc")], Whole),
        ("invalid data", vec![actl(2), fctl(0), still.clone(), fctl(1), chunk(b"fdAT", b"\0\0\0\x02ab")], Whole),
        ("data that is cut", vec![actl(2), fctl(0), still.clone(), fctl(1), fdat(2)[..30].to_vec()], Whole),
        ("data with a wrong checksum", vec![actl(2), fctl(0), still.clone(), fctl(1), wrong_checksum(fdat(2))], Whole),
        ("control behind the pixels", vec![fctl(0), still.clone(), actl(2), second()], Whole),
        ("control twice", vec![actl(2), actl(3), fctl(0), still.clone()], Whole),
        ("control with a wrong length", vec![chunk(b"acTL", b"abc"), fctl(0), still.clone(), second()], Whole),
        ("control with a wrong checksum", vec![wrong_checksum(actl(2)), fctl(0), still.clone(), second()], Whole),
        ("two controls of the first frame", vec![actl(2), fctl(0), fctl(1), still.clone()], Whole),
        // Chromium refuses pictures whose first frame is invalid, or shows them empty. The still picture is whole.
        ("no control of any frame", vec![actl(2), still.clone(), fdat(0)], Part),
        ("a wrong checksum of the first frame", vec![actl(2), wrong_checksum(fctl(0)), still.clone(), second()], Part),
        ("the sequence begins with 1", vec![actl(2), fctl(1), still.clone(), fctl(2), fdat(3)], Nothing),
        ("a control that is too short", vec![actl(2), chunk(b"fcTL", &[0; 25]), still.clone()], Nothing),
        ("the first frame is smaller", vec![actl(2), control(0, 20, 20, 0, [0; 2]), still.clone(), second()], Nothing),
        ("the first frame is moved", vec![actl(2), control(0, WIDTH, HEIGHT, 1, [0; 2]), still.clone()], Nothing),
        ("an unknown disposal", vec![actl(2), control(0, WIDTH, HEIGHT, 0, [9, 0]), still.clone(), second()], Nothing),
        ("data before the still picture", vec![actl(1), fctl(0), fdat(1), still.clone()], Nothing),
        // A browser plays the frames. Readers that do not know APNG show the still picture.
        ("a still picture of its own", vec![actl(1), still.clone(), fctl(0), fdat(1)], Part),
    ];
    for (name, chunks, _) in cases {
        let source = png(&[&rgb(), &chunks.concat(), &end()]);
        assert_whole(name, &source, &rgb_with(b""));
        let imaging::Probe::Header(found) = imaging::probe(&source, source.len() as u64).unwrap() else { panic!() };
        imaging::Policy::default().judge(&found).unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
    }
}
