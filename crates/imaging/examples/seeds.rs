//! Writes small valid pictures in every format that is read. Fuzzing and tests of damaged files start from them.
//!
//! usage: seeds FOLDER

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use imaging::{Encoding, Method, Orientation, Quality, ScanMode, Size, Speed, chart, render};

const SIZE: Size = Size::new(40, 30);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("usage: seeds FOLDER")?;
    fs::create_dir_all(&folder)?;
    for (name, picture) in sources()? {
        fs::write(Path::new(&folder).join(name), picture)?;
    }
    Ok(())
}

type NamedFile = (&'static str, Vec<u8>);

fn sources() -> Result<Vec<NamedFile>, Box<dyn Error>> {
    let quality = Quality::try_from(80)?;
    let gif = gif()?;
    let rgb = chart::rgb(SIZE);
    Ok(vec![
        ("baseline.jpg", chart::jpeg(SIZE, Orientation::UPRIGHT)),
        ("turned.jpg", chart::jpeg(SIZE, Orientation::try_from(6)?)),
        ("progressive.jpg", chart::encoded(SIZE, Encoding::Jpeg { quality, scan_mode: ScanMode::Progressive })),
        ("rgb.png", chart::encoded(SIZE, Encoding::Png)),
        ("opaque.avif", chart::encoded(SIZE, Encoding::Avif { quality, speed: Speed::DEFAULT })),
        ("lossy.webp", chart::encoded(SIZE, Encoding::Webp { quality, method: Method::DEFAULT })),
        ("lossless.webp", chart::encoded(SIZE, Encoding::WebpLossless)),
        ("animated.webp", animated(&gif, r#""lossless": true"#)?),
        ("animated-lossy.webp", animated(&gif, r#""quality": 80"#)?),
        ("animated.gif", gif),
        ("chart.heic", include_bytes!("../tests/pictures/heic/chart-420.heic").to_vec()),
        ("chart-444.heic", include_bytes!("../tests/pictures/heic/chart-444.heic").to_vec()),
        ("chart-10-bit.heic", include_bytes!("../tests/pictures/heic/chart-10-bit.heic").to_vec()),
        ("grey.heic", include_bytes!("../tests/pictures/heic/alpha.heic").to_vec()),
        ("lzw.tif", tiff(5, &lzw(&rgb))),
        ("deflate.tif", tiff(8, &deflate(&rgb)?)),
        ("runs.bmp", bmp()),
        ("bitmap.ico", ico()),
        ("colours.qoi", qoi(&rgb)),
        ("bytes.pnm", [b"P6\n40 30\n255\n", &rgb[..]].concat()),
        ("numbers.pnm", pgm()),
    ])
}

/// A GIF with four frames. One is interlaced, one has transparent pixels, and each has another disposal method.
fn gif() -> Result<Vec<u8>, gif::EncodingError> {
    use gif::DisposalMethod::{Any, Background, Keep, Previous};
    let mut source = Vec::new();
    let palette = [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255];
    let mut encoder = gif::Encoder::new(&mut source, 40, 30, &palette)?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    for (number, dispose) in (0u8..).zip([Keep, Background, Previous, Any]) {
        let side = 30 - 7 * u16::from(number);
        encoder.write_frame(&gif::Frame {
            left: 20 - side / 2,
            width: side,
            height: side,
            delay: 10,
            dispose,
            interlaced: number == 1,
            transparent: (number == 2).then_some(0),
            buffer: (0..side * side).map(|at| (at % 3).to_le_bytes()[0] + number % 2).collect(),
            ..Default::default()
        })?;
    }
    drop(encoder);
    Ok(source)
}

fn animated(gif: &[u8], option: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let spec = format!(r#"{{"name": "a", "format": "webp", {option}, "animated": true}}"#);
    let mut webp = Vec::new();
    render(gif, &serde_json::from_str(&spec)?, &mut webp)?;
    Ok(webp)
}

/// A TIFF with one strip of RGB in this compression, whose samples are 8-bit differences if it is LZW.
fn tiff(compression: u16, strip: &[u8]) -> Vec<u8> {
    let len = u32::try_from(strip.len()).unwrap_or(u32::MAX);
    let tags: [(u16, u32); 10] = [
        (256, 40),
        (257, 30),
        (258, 8),
        (259, compression.into()),
        (262, 2),
        (273, 8),
        (277, 3),
        (278, 30),
        (279, len),
        (284, 1),
    ];
    let entry =
        |&(tag, value): &(u16, u32)| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
    let directory: Vec<u8> = tags.iter().flat_map(entry).collect();
    [b"II*\0", &(8 + len).to_le_bytes()[..], strip, &[10, 0], &directory, &[0; 4]].concat()
}

fn lzw(bytes: &[u8]) -> Vec<u8> {
    let mut codes = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    codes.encode(bytes).unwrap_or_default()
}

fn deflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut deflate, bytes)?;
    deflate.finish()
}

/// The header of a bitmap with a palette of four colours.
fn bitmap_header(height: u32, compression: u8) -> Vec<u8> {
    let palette = [[0; 4], [0, 0, 255, 0], [0, 255, 0, 0], [255, 0, 0, 0]].concat();
    let sides = [40, 40, height].map(u32::to_le_bytes).concat();
    [&sides[..], &[1, 0, 8, 0, compression], &[0; 15], &[4, 0, 0, 0], &[0; 4], &palette].concat()
}

/// A BMP of runs and literals.
fn bmp() -> Vec<u8> {
    let header = bitmap_header(30, 1);
    let row = b"\x10\x01\x0A\x02\0\x05\x03\x02\x01\0\x01\0\x09\x03\0\0";
    [b"BM\0\0\0\0\0\0\0\0\x46\0\0\0", &header[..], &row.repeat(30), &[0, 1]].concat()
}

/// An icon with a bitmap and its mask.
fn ico() -> Vec<u8> {
    let pixels: Vec<u8> = (0..40 * 30u16).map(|at| (at / 7 % 4).to_le_bytes()[0]).collect();
    let content = [bitmap_header(60, 0), pixels, vec![0x3C; 8 * 30]].concat();
    let len = u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes();
    [b"\0\0\x01\0\x01\0\x28\x1E\x04\0\x01\0\x08\0", &len[..], &[22, 0, 0, 0], &content].concat()
}

/// A QOI of colours, runs and differences.
fn qoi(rgb: &[u8]) -> Vec<u8> {
    let colours =
        rgb.as_chunks::<3>().0.iter().step_by(4).flat_map(|&[r, g, b]| [0xFE, r, g, b, 0xC0, 0x6B, 0xA3, 0x77]);
    [b"qoif\0\0\0\x28\0\0\0\x1E\x04\0".to_vec(), colours.collect(), vec![0, 0, 0, 0, 0, 0, 0, 1]].concat()
}

/// A PGM in text.
fn pgm() -> Vec<u8> {
    let numbers: Vec<String> = (0..40 * 30).map(|at| (at * 53 % 1000).to_string()).collect();
    format!("P2\n# levels\n40 30\n999\n{}\n", numbers.join(" ")).into_bytes()
}
