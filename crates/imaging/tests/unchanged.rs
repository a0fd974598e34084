//! Renditions keep their bytes: a refactoring renders every picture to the bytes that were recorded before it.
//!
//! A rendition's key contains [`RENDERER_VERSION`] and not its bytes, so changed bytes under an old key would be served
//! from caches beside the old ones. When the bytes have to change, raise the version, and record again:
//!
//! ```text
//! DARKROOM_RECORD=yes DARKROOM_CORPUS=folder cargo test --workspace --test unchanged -- --include-ignored
//! ```
//!
//! The digests hold for x86-64 with AVX2: colour transforms round differently without fused multiply-add.

#![cfg(target_arch = "x86_64")]
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use imaging::{Format, Orientation, RENDERER_VERSION, RenderError, Size, chart, render};
use sha2::{Digest, Sha256};
use support::{corpus, spec};

/// One spec for each encoder and each kind of geometry.
const SPECS: [&str; 7] = [
    r#""width": 48, "height": 48, "format": "jpeg", "quality": 80"#,
    r#""width": 61, "height": 23, "fit": "cover", "format": "jpeg", "progressive": false"#,
    r#""width": 40, "height": 70, "fit": "cover", "format": "webp""#,
    r#""width": 2000, "height": 2000, "format": "webp", "lossless": true, "animated": true"#,
    r#""width": 33, "height": 2000, "format": "png""#,
    r#""width": 24, "height": 24, "format": "avif""#,
    r#""width": 100, "height": 100, "format": "source""#,
];

/// A digest of all renditions of one source, or of the rejections' codes.
fn digest(source: &[u8]) -> String {
    let mut digest = Sha256::new();
    for json in SPECS {
        let mut rendition = Vec::new();
        match render(source, &spec(json), &mut rendition) {
            Ok(rendered) => {
                digest.update(format!("{} {} {} ", rendered.format, rendered.size, rendered.frames));
                digest.update(&rendition);
            }
            Err(RenderError::Rejected(rejection)) => digest.update(rejection.code().to_string()),
            Err(error) => panic!("{json}: {error}"),
        }
    }
    hex::encode(&digest.finalize()[..16])
}

/// Compares each recorded digest with that of the source today, and names every source that differs or is missing.
fn assert_unchanged(record: &str, sources: BTreeMap<String, Vec<u8>>) {
    assert!(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"), "recorded with AVX2 and FMA");
    let mut actual = format!("renderer version {RENDERER_VERSION}\n");
    for (name, source) in sources {
        writeln!(actual, "{} {name}", digest(&source)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/unchanged").join(record);
    if std::env::var_os("DARKROOM_RECORD").is_some() {
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap();
    let changed: Vec<_> = expected.lines().filter(|line| !actual.lines().any(|now| now == *line)).collect();
    assert!(changed.is_empty(), "missing, or other bytes than recorded in {record}:\n{}", changed.join("\n"));
}

#[test]
fn golden_pictures_render_to_the_recorded_bytes() {
    let mut sources = BTreeMap::new();
    for format in ["jpeg", "png", "webp", "avif"] {
        let json = format!(r#""width": 9, "height": 9, "format": "{format}""#);
        let encoding = spec(&json).target.encoding_for(Format::Png);
        sources.insert(format!("chart.{format}"), chart::encoded(Size::new(150, 101), encoding));
    }
    for orientation in 1..=8 {
        let chart = chart::jpeg(Size::new(97, 64), Orientation::try_from(orientation).unwrap());
        sources.insert(format!("orientation-{orientation}.jpeg"), chart);
    }
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    sources.extend(pictures_below(&pictures, &pictures));
    assert_unchanged("golden.txt", sources);
}

#[test]
#[ignore = "needs the corpus of pictures"]
fn third_party_pictures_render_to_the_recorded_bytes() {
    let folder = corpus("");
    assert_unchanged("corpus.txt", pictures_below(&folder, &folder));
}

/// Every picture below `folder`, by its path from `root`.
fn pictures_below(folder: &Path, root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut pictures = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            pictures.extend(pictures_below(&path, root));
        } else if path
            .extension()
            .is_some_and(|extension| ["jpg", "jpeg", "png"].iter().any(|known| extension == *known))
        {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            pictures.insert(name, fs::read(&path).unwrap());
        }
    }
    pictures
}
