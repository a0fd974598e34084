//! Shared by the tests: rendering, decoding renditions (not with our decoders, where there are others), and comparing
//! pictures.

#![allow(dead_code, clippy::unwrap_used)] // each test file uses some of it

pub(crate) mod animated_webp;
pub(crate) mod heif;
pub(crate) mod letters;
pub(crate) mod png_file;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use imaging::{Format, RejectionCode, RenderError, Rendered, RenditionSpec, Size, render};

pub(crate) fn spec(json: &str) -> RenditionSpec {
    serde_json::from_str(&format!(r#"{{"name": "a", {json}}}"#)).unwrap()
}

/// Renders, and checks the rendition's length and size.
pub(crate) fn rendition(source: &[u8], json: &str) -> (Rendered, Vec<u8>) {
    try_rendition(source, json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

pub(crate) fn try_rendition(source: &[u8], json: &str) -> Result<(Rendered, Vec<u8>), RenderError> {
    let mut out = Vec::new();
    let rendered = render(source, &spec(json), &mut out)?;
    assert_eq!(rendered.byte_len, out.len() as u64);
    let picture = picture(&out, rendered.format);
    assert_eq!(Size::new(picture.width(), picture.height()), rendered.size);
    Ok((rendered, out))
}

/// The code of the rejection. Panics if the source is not rejected.
pub(crate) fn rejection(source: &[u8], json: &str) -> RejectionCode {
    match try_rendition(source, json) {
        Err(RenderError::Rejected(rejection)) => rejection.code(),
        Err(error) => panic!("failed, rather than rejected: {error}"),
        Ok((rendered, _)) => panic!("rendered: {rendered:?}"),
    }
}

pub(crate) fn picture(bytes: &[u8], format: Format) -> DynamicImage {
    let known = |format| image::load_from_memory_with_format(bytes, format).unwrap();
    match format {
        Format::Jpeg => jpeg_picture(bytes),
        Format::Png => known(ImageFormat::Png),
        Format::Webp => known(ImageFormat::WebP),
        Format::Gif => known(ImageFormat::Gif),
        Format::Avif => avif_picture(bytes),
        Format::Heic | Format::Tiff | Format::Bmp | Format::Ico | Format::Qoi | Format::Pnm => {
            panic!("{format} is not written")
        }
    }
}

/// A Python interpreter with Pillow, which decodes AVIF.
///
/// Returns `None` and prints a line if it is not installed. `make test` installs it.
pub(crate) fn pillow() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = repository.join(".local/pillow/bin/python");
    if python.exists() {
        return Some(python);
    }
    println!("skipped: decoding AVIF needs Pillow (`python3 local/cloud.py setup --tests`)");
    None
}

fn avif_picture(bytes: &[u8]) -> DynamicImage {
    const READ: &str = "
import io, sys
from PIL import Image
picture = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=['AVIF'])
sys.stdout.buffer.write(picture.width.to_bytes(4, 'little') + picture.height.to_bytes(4, 'little'))
sys.stdout.buffer.write(picture.convert('RGBA').tobytes())
";
    let python = pillow().expect("a test that decodes AVIF checks for Pillow first");
    let mut reading =
        Command::new(python).args(["-c", READ]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    reading.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = reading.wait_with_output().unwrap();
    assert!(output.status.success(), "Pillow cannot decode the file");
    let (width, rest) = output.stdout.split_first_chunk().unwrap();
    let (height, rgba) = rest.split_first_chunk().unwrap();
    let [width, height] = [width, height].map(|side| u32::from_le_bytes(*side));
    RgbaImage::from_raw(width, height, rgba.to_vec()).unwrap().into()
}

fn jpeg_picture(bytes: &[u8]) -> DynamicImage {
    let mut jpeg = mozjpeg::Decompress::new_mem(bytes).unwrap().rgb().unwrap();
    let (width, height) = (jpeg.width(), jpeg.height());
    let rgb = jpeg.read_scanlines::<u8>().unwrap();
    let side = |side: usize| u32::try_from(side).unwrap();
    RgbImage::from_raw(side(width), side(height), rgb).unwrap().into()
}

/// The difference of two pictures, in levels of 0–255.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    pub(crate) mean: f64,
    pub(crate) max: u8,
}

/// Compares two pictures. If they differ by more than `mean` or `max`, writes the actual picture to a file and panics.
pub(crate) fn assert_close(name: &str, actual: &DynamicImage, expected: &DynamicImage, mean: f64, max: u8) {
    let (a, e) = (actual.to_rgba8(), expected.to_rgba8());
    assert_eq!(a.dimensions(), e.dimensions(), "{name}: size");
    let difference = difference(&a, &e);
    if difference.mean > mean || difference.max > max {
        let path = save(name, actual);
        panic!("{name}: {difference:?} from the expected picture; see {}", path.display());
    }
}

pub(crate) fn difference(a: &RgbaImage, b: &RgbaImage) -> Difference {
    let levels = || a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b));
    let sum: u64 = levels().map(u64::from).sum();
    Difference { mean: sum as f64 / a.as_raw().len() as f64, max: levels().max().unwrap_or(0) }
}

fn save(name: &str, picture: &DynamicImage) -> PathBuf {
    let name = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    picture.save(&path).unwrap();
    path
}

/// A folder of third-party pictures that are not part of this repository, below `DARKROOM_CORPUS`.
pub(crate) fn corpus(folder: &str) -> PathBuf {
    let corpus = env::var_os("DARKROOM_CORPUS").expect("DARKROOM_CORPUS names the folder of pictures");
    PathBuf::from(corpus).join(folder)
}

/// The names (without extension) and contents of the files in a folder, sorted by name.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}
