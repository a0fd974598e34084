//! Writes the generated test chart as a JPEG.
//!
//! usage: chart OUT.jpg [--megapixels N] [--orientation 1-8]

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;

use imaging::{Orientation, Size, chart};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut path, mut megapixels, mut orientation) = (None, 12.0, Orientation::UPRIGHT);
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--megapixels" => megapixels = value()?.parse()?,
            "--orientation" => orientation = value()?.parse::<u8>()?.try_into()?,
            _ => path = Some(arg),
        }
    }
    let path = path.ok_or("usage: chart OUT.jpg [--megapixels N] [--orientation 1-8]")?;
    let size = four_by_three(megapixels);
    chart::write_jpeg(size, orientation, BufWriter::new(File::create(&path)?))?;
    println!("{path}: {size}, orientation {}", orientation.get());
    Ok(())
}

/// 4:3, as most cameras take it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, which is what is wanted
fn four_by_three(megapixels: f64) -> Size {
    let height = (megapixels * 1e6 * 3.0 / 4.0).sqrt().round().max(1.0);
    Size::new((height * 4.0 / 3.0).round() as u32, height as u32)
}
