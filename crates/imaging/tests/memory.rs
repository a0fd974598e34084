//! Rendering takes no more memory than was estimated from the header, and the estimate is not far too high.
//!
//! Each case renders in a process of its own, so that the kernel measures its peak.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::{env, io};

use imaging::{Encoding, Orientation, Probe, RenditionSpec, ScanMode, Size, chart};

#[path = "support/heif.rs"]
#[allow(dead_code)] // shared with other tests
mod heif;

const SIZE: Size = Size::new(1200, 1000);

#[test]
fn estimates_are_upper_bounds_and_not_far_too_high() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("memory");
    fs::create_dir_all(&folder).unwrap();
    let jpeg = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let bytes = noise(3 * 1200 * 1000);
    let noise = png(SIZE, png::ColorType::Rgba);
    let sources = [
        ("jpeg", jpeg.clone()),
        ("sideways", chart::jpeg(SIZE, Orientation::try_from(6).unwrap())),
        ("progressive", rendered(&noise, r#""format": "jpeg", "progressive": true"#)),
        ("png", png(SIZE, png::ColorType::Rgb)),
        ("alpha", noise.clone()),
        ("wide", png(Size::new(20_000, 150), png::ColorType::Rgba)),
        ("webp", rendered(&jpeg, r#""format": "webp""#)),
        ("webp-alpha", rendered(&noise, r#""format": "webp""#)),
        ("webp-hidden-alpha", with_hidden_alpha(rendered(&noise, r#""format": "webp""#))),
        ("webp-long", with_long_chunk(rendered(&jpeg, r#""format": "webp""#))),
        ("webp-lossless", rendered(&jpeg, r#""format": "webp", "lossless": true"#)),
        ("gif", interlaced_gif()),
        ("heic-grid", heic_grid(20, 16)),
        ("heic-wide", heic_grid(100, 3)),
        ("bmp", [&b"BM\0\0\0\0\0\0\0\0\x36\0\0\0"[..], &bitmap(1000, 24)].concat()),
        ("ico", [&b"\0\0\x01\0\x01\0\0\0\0\0\x01\0\x20\0\xFF\xFF\xFF\0\x16\0\0\0"[..], &bitmap(2000, 32)].concat()),
        ("pnm", [&b"P6\n1200 1000\n255\n"[..], &bytes].concat()),
        ("tiff-strip", tiff(&[], &deflated(&bytes))),
        (
            "tiff-tile",
            tiff(&[(322, 1200), (323, 1008), (324, 8)], &deflated(&[&bytes[..], &[0; 3 * 1200 * 8]].concat())),
        ),
        ("avif", rendered(&jpeg, r#""format": "avif""#)),
        ("avif-alpha", rendered(&noise, r#""format": "avif", "quality": 100"#)),
    ];
    // The header is read in the same way for every spec, so two specs are enough.
    let long_headers = [
        ("previews", after_soi(&jpeg, &previews().repeat(230))),
        ("tables", after_soi(&jpeg, &segment(0xDB, &[0; 65]).repeat(150_000))),
        ("jpeg-profile", after_soi(&jpeg, &profile(63))),
        ("png-profile", png_with_profile(4_000_000)),
        ("very-wide", png(Size::new(600_000, 12), png::ColorType::Rgb)),
    ];
    let specs = [
        r#""format": "jpeg", "width": 300, "height": 300"#,
        r#""format": "jpeg""#,
        r#""format": "jpeg", "progressive": true"#,
        r#""format": "png", "width": 700"#,
        r#""format": "webp", "quality": 100"#,
        r#""format": "webp", "lossless": true"#,
        r#""format": "avif", "quality": 100"#,
        r#""format": "avif", "speed": 6"#,
    ];
    let cases = sources.into_iter().map(|source| (source, &specs[..]));
    let cases = cases.chain(long_headers.into_iter().map(|source| (source, &specs[..2])));
    let mut wrong = Vec::new();
    for ((name, source), specs) in cases {
        let path = folder.join(name);
        fs::write(&path, &source).unwrap();
        let Probe::Header(header) = imaging::probe(&source, source.len() as u64).unwrap() else {
            panic!("{name} is complete")
        };
        for spec in specs {
            let estimate = imaging::memory_needed(&header, source.len() as u64, &parsed(spec));
            let peak = peak_of_a_process(&path, spec);
            let line = format!("{name:>14} → {spec:45} {estimate:>11} estimated {peak:>11} taken");
            println!("{line}");
            if peak > estimate || estimate > 3 * peak + 16_000_000 {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The test above runs this one in a process of its own.
#[test]
fn the_case_in_the_environment_is_rendered() {
    let (Some(source), Some(spec)) = (env::var_os("SOURCE"), env::var("SPEC").ok()) else { return };
    let before = status("VmRSS:");
    match imaging::render(File::open(source).unwrap(), &parsed(&spec), io::sink()) {
        Ok(_) => println!("taken {}", status("VmHWM:") - before),
        Err(error) => println!("failed: {error:?}"),
    }
}

/// A bitmap without the header of a file, of 1200×1000 px of noise. The height of an icon counts its mask.
fn bitmap(height: u32, bits: u8) -> Vec<u8> {
    let sides = [40, SIZE.width, height].map(u32::to_le_bytes).concat();
    let pixels = noise(SIZE.width as usize * SIZE.height as usize * usize::from(bits / 8));
    [&sides[..], &[1, 0, bits], &[0; 25], &pixels].concat()
}

/// A TIFF of 1200×1000 px of RGB in one strip or tile, which is deflated.
fn tiff(tags: &[(u16, u32)], strip: &[u8]) -> Vec<u8> {
    let len = u32::try_from(strip.len()).unwrap();
    let base = [(256, 1200), (257, 1000), (258, 8), (259, 8), (262, 2), (273, 8), (277, 3), (278, 1000), (279, len)];
    let tags: Vec<_> = base.iter().chain(tags).collect();
    let entry =
        |(tag, value): &(u16, u32)| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
    let directory: Vec<u8> = tags.iter().flat_map(|tag| entry(tag)).collect();
    let count = u16::try_from(tags.len()).unwrap().to_le_bytes();
    [b"II*\0", &(8 + len).to_le_bytes()[..], strip, &count, &directory, &[0; 4]].concat()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut deflate, bytes).unwrap();
    deflate.finish().unwrap()
}

/// A grid of this many columns and rows, each tile 64×64.
fn heic_grid(columns: u8, rows: u8) -> Vec<u8> {
    let tile = heif::Coded::of_file(include_bytes!("pictures/heic/tile-3.heic"));
    let ids: Vec<u32> = (2..2 + u32::from(columns) * u32::from(rows)).collect();
    let grid = heif::Item::grid(1, columns, rows, (64 * u16::from(columns), 64 * u16::from(rows)));
    let tiles = ids.iter().map(|&id| heif::Item::coded(id, &tile, (64, 64)));
    heif::File::new(std::iter::once(grid).chain(tiles).collect()).refer(b"dimg", 1, &ids).bytes()
}

fn after_soi(jpeg: &[u8], segments: &[u8]) -> Vec<u8> {
    [&jpeg[..2], segments, &jpeg[2..]].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let len = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &len[..], content].concat()
}

/// An APP2 segment as phones write them for previews.
fn previews() -> Vec<u8> {
    segment(0xE2, &noise(65_000))
}

/// A profile in that many parts, each of the greatest length.
fn profile(parts: u8) -> Vec<u8> {
    let part = |number| [b"ICC_PROFILE\0", &[number, parts][..], &noise(65_500)].concat();
    (1..=parts).flat_map(|number| segment(0xE2, &part(number))).collect()
}

fn png_with_profile(len: usize) -> Vec<u8> {
    let mut info = png::Info::with_size(SIZE.width, SIZE.height);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = Some(noise(len).into());
    let mut bytes = Vec::new();
    let png = png::Encoder::with_info(&mut bytes, info).unwrap();
    let pixels = noise(3 * SIZE.width as usize * SIZE.height as usize);
    png.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

/// Clears the flag in the extended header that says that a WebP has alpha.
fn with_hidden_alpha(mut webp: Vec<u8>) -> Vec<u8> {
    assert_eq!((&webp[12..16], webp[20] & 0x10), (&b"VP8X"[..], 0x10));
    webp[20] &= !0x10;
    webp
}

/// Adds an unknown chunk of 68 MB to a WebP. The whole file must be in memory only once.
fn with_long_chunk(webp: Vec<u8>) -> Vec<u8> {
    const LEN: u32 = 68_000_000;
    let mut chunks = b"VP8X\x0A\0\0\0\0\0\0\0".to_vec();
    for side in [SIZE.width, SIZE.height] {
        chunks.extend(&(side - 1).to_le_bytes()[..3]);
    }
    chunks.extend(&webp[12..]);
    chunks.extend(b"MUCH");
    chunks.extend(LEN.to_le_bytes());
    chunks.resize(chunks.len() + LEN as usize, 7);
    let mut long = b"RIFF".to_vec();
    long.extend(u32::try_from(chunks.len() + 4).unwrap().to_le_bytes());
    long.extend(b"WEBP");
    long.extend(chunks);
    long
}

#[test]
fn a_decoder_without_memory_does_not_call_the_picture_corrupt() {
    const LIMIT: u32 = 40 << 20;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-memory");
    fs::create_dir_all(&folder).unwrap();
    let size = Size::new(5000, 4000);
    let quality = 50.try_into().unwrap();
    // Both pictures take more than 60 MB.
    let jpeg = chart::encoded(size, Encoding::Jpeg { quality, scan_mode: ScanMode::Progressive });
    for (name, source) in [("jpeg", jpeg), ("webp", one_colour(size))] {
        let path = folder.join(name);
        fs::write(&path, source).unwrap();
        let spec = r#""format": "jpeg", "width": 100"#;
        let output = |limit: &str| {
            let mut command = Command::new("prlimit");
            command.arg(format!("--data={limit}")).arg(env::current_exe().unwrap());
            output_of(command, &path, spec)
        };
        let limited = output(&LIMIT.to_string());
        assert!(limited.contains("failed: OutOfMemory"), "{name}: {limited}");
        let unlimited = output("unlimited");
        assert!(unlimited.contains("taken "), "{name}: {unlimited}");
    }
}

/// A lossless WebP of 36 bytes: five codes of one symbol each. Such a symbol takes no bits.
fn one_colour(size: Size) -> Vec<u8> {
    let mut webp = b"RIFF\x1C\0\0\0WEBPVP8L\x10\0\0\0\x2F".to_vec();
    webp.extend(((size.width - 1) | ((size.height - 1) << 14)).to_le_bytes());
    webp.extend([0x88, 0x88, 0x08]);
    webp.resize(36, 0);
    webp
}

fn peak_of_a_process(source: &Path, spec: &str) -> u64 {
    let output = output_of(Command::new(env::current_exe().unwrap()), source, spec);
    let taken = output.lines().find_map(|line| line.rsplit_once("taken ")?.1.parse().ok());
    taken.unwrap_or_else(|| panic!("{output}"))
}

/// The output of a process that renders one case.
fn output_of(mut command: Command, source: &Path, spec: &str) -> String {
    let run = command
        .args(["--exact", "the_case_in_the_environment_is_rendered", "--nocapture"])
        .envs([("SOURCE", source.as_os_str()), ("SPEC", spec.as_ref())])
        .output()
        .unwrap();
    let [stdout, stderr] = [&run.stdout, &run.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{stdout}{stderr}")
}

/// The bytes in a line of `/proc/self/status`.
fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn parsed(spec: &str) -> RenditionSpec {
    serde_json::from_str(&format!(r#"{{"name": "a", {spec}}}"#)).unwrap()
}

fn rendered(source: &[u8], spec: &str) -> Vec<u8> {
    let mut rendition = Vec::new();
    imaging::render(source, &parsed(spec), &mut rendition).unwrap();
    rendition
}

/// Noise, which takes encoders the most memory.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

fn png(size: Size, colours: png::ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut png = png::Encoder::new(&mut bytes, size.width, size.height);
    png.set_color(colours);
    png.set_compression(png::Compression::Fast);
    let len = size.width as usize * size.height as usize * colours.samples();
    png.write_header().unwrap().write_image_data(&noise(len)).unwrap();
    bytes
}

fn interlaced_gif() -> Vec<u8> {
    let [width, height] = [SIZE.width, SIZE.height].map(|side| u16::try_from(side).unwrap());
    let indices = noise(usize::from(width) * usize::from(height));
    let frame = gif::Frame { width, height, interlaced: true, buffer: indices.into(), ..Default::default() };
    let mut bytes = Vec::new();
    let palette = noise(3 * 256);
    gif::Encoder::new(&mut bytes, width, height, &palette).unwrap().write_frame(&frame).unwrap();
    bytes
}
