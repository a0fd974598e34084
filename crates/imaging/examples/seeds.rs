//! Writes small valid pictures in every format that is read. Fuzzing and tests of damaged files start from them.
//!
//! usage: seeds FOLDER

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use imaging::{Encoding, Method, Orientation, Quality, ScanMode, Size, chart, render};

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
    Ok(vec![
        ("baseline.jpg", chart::jpeg(SIZE, Orientation::UPRIGHT)),
        ("turned.jpg", chart::jpeg(SIZE, Orientation::try_from(6)?)),
        ("progressive.jpg", chart::encoded(SIZE, Encoding::Jpeg { quality, scan_mode: ScanMode::Progressive })),
        ("rgb.png", chart::encoded(SIZE, Encoding::Png)),
        ("lossy.webp", chart::encoded(SIZE, Encoding::Webp { quality, method: Method::DEFAULT })),
        ("lossless.webp", chart::encoded(SIZE, Encoding::WebpLossless)),
        ("animated.webp", animated(&gif, r#""lossless": true"#)?),
        ("animated-lossy.webp", animated(&gif, r#""quality": 80"#)?),
        ("animated.gif", gif),
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
