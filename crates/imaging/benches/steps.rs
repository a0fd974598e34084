//! What each step of a rendering takes, on the chart: `cargo bench -p imaging`.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::io::sink;

use criterion::{Criterion, criterion_group, criterion_main};
use imaging::{Encoding, Method, Quality, RenditionSpec, Scans, Size, chart, steps};

const SOURCE: Size = Size::new(4000, 3000);
const RENDITION: Size = Size::new(800, 600);

/// The chart as a file of each format that holds as many colours.
fn sources() -> [(&'static str, Vec<u8>); 4] {
    let jpeg = |scans| Encoding::Jpeg { quality: Quality::JPEG_DEFAULT, scans };
    let webp = Encoding::Webp { quality: Quality::WEBP_DEFAULT, method: Method::DEFAULT };
    [
        ("jpeg", jpeg(Scans::Baseline)),
        ("progressive jpeg", jpeg(Scans::Progressive)),
        ("png", Encoding::Png),
        ("webp", webp),
    ]
    .map(|(name, encoding)| (name, chart::encoded(SOURCE, encoding)))
}

fn steps_of_a_rendering(criterion: &mut Criterion) {
    for (name, source) in sources() {
        criterion.bench_function(&format!("probe {name}"), |bench| {
            bench.iter(|| imaging::probe(black_box(&source), source.len() as u64).unwrap());
        });
        criterion.bench_function(&format!("decode {name}"), |bench| {
            bench.iter(|| steps::decoded(black_box(&source), RENDITION).unwrap());
        });
        let decoded = steps::decoded(&source, RENDITION).unwrap();
        criterion.bench_function(&format!("resize {name}"), |bench| {
            bench.iter(|| black_box(&decoded).resized(RENDITION).unwrap());
        });
    }

    let (_, jpeg) = sources().into_iter().next().unwrap();
    let resized = steps::decoded(&jpeg, RENDITION).unwrap().resized(RENDITION).unwrap();
    for format in ["jpeg", "png", "webp", "avif"] {
        let json = format!(r#"{{"name": "a", "width": 800, "height": 600, "format": "{format}"}}"#);
        let spec: RenditionSpec = serde_json::from_str(&json).unwrap();
        criterion.bench_function(&format!("encode {format}"), |bench| {
            bench.iter(|| black_box(&resized).encoded(spec.encoding).unwrap());
        });
        criterion.bench_function(&format!("render jpeg to {format}"), |bench| {
            bench.iter(|| imaging::render(black_box(&jpeg[..]), &spec, sink()).unwrap());
        });
    }
}

criterion_group!(benches, steps_of_a_rendering);
criterion_main!(benches);
