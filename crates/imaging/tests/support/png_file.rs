//! Writes PNGs chunk by chunk, so that each can be damaged.

/// The size of the test picture in px.
pub(crate) const WIDTH: u32 = 40;
pub(crate) const HEIGHT: u32 = 30;

pub(crate) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// A chunk with its length and checksum.
pub(crate) fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let len = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&len[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

/// A chunk whose checksum is wrong.
pub(crate) fn wrong_checksum(mut chunk: Vec<u8>) -> Vec<u8> {
    *chunk.last_mut().unwrap() ^= 0x55;
    chunk
}

/// IHDR of the test picture.
pub(crate) fn header(depth: u8, colour_type: u8, interlace: u8) -> Vec<u8> {
    let sides = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    chunk(b"IHDR", &[&sides[..], &[depth, colour_type, 0, 0, interlace]].concat())
}

pub(crate) fn end() -> Vec<u8> {
    chunk(b"IEND", b"")
}

/// A colour for each pixel of the test picture.
pub(crate) fn colour(x: u32, y: u32) -> [u8; 3] {
    [x * 6, y * 8, x * y * 7].map(|level| level.to_le_bytes()[0])
}

/// All rows of the test picture in 8-bit RGB, with filter 0.
pub(crate) fn rgb_rows() -> Vec<u8> {
    rows(|x, y| colour(x, y).to_vec())
}

pub(crate) fn rows(pixel: impl Fn(u32, u32) -> Vec<u8>) -> Vec<u8> {
    (0..HEIGHT).flat_map(|y| [vec![0], (0..WIDTH).flat_map(|x| pixel(x, y)).collect()].concat()).collect()
}

/// The rows of the seven passes of the test picture.
pub(crate) fn interlaced_rows() -> Vec<u8> {
    const PASSES: [[u32; 4]; 7] =
        [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
    let mut rows = Vec::new();
    for [left, top, columns, step] in PASSES {
        for y in (top..HEIGHT).step_by(step as usize) {
            rows.push(0);
            rows.extend((left..WIDTH).step_by(columns as usize).flat_map(|x| colour(x, y)));
        }
    }
    rows
}

/// A zlib stream with its checksum.
pub(crate) fn compress(data: &[u8]) -> Vec<u8> {
    fdeflate::compress_to_vec(data)
}

/// The stream in `count` IDAT chunks.
pub(crate) fn pixel_chunks(stream: &[u8], count: usize) -> Vec<Vec<u8>> {
    stream.chunks(stream.len().div_ceil(count)).map(|data| chunk(b"IDAT", data)).collect()
}

/// The test picture with these chunks before its pixels.
pub(crate) fn rgb_with(before: &[u8]) -> Vec<u8> {
    [SIGNATURE, &header(8, 2, 0), before, &chunk(b"IDAT", &compress(&rgb_rows())), &end()].concat()
}

/// A PNG without its chunks of these names.
pub(crate) fn without(png: &[u8], names: &[&[u8; 4]]) -> Vec<u8> {
    let (signature, mut rest) = png.split_at(SIGNATURE.len());
    let mut kept = signature.to_vec();
    while let Some((len, _)) = rest.split_first_chunk() {
        let (chunk, others) = rest.split_at((u32::from_be_bytes(*len) as usize + 12).min(rest.len()));
        if !names.iter().any(|name| chunk.get(4..8) == Some(&name[..])) {
            kept.extend(chunk);
        }
        rest = others;
    }
    kept
}
