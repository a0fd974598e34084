//! Renders a file several times and prints the median CPU time. Benchmarks use this for warm renderings.
//!
//! usage: render IN OUT WIDTH HEIGHT [RUNS [QUALITY]]; the extension of OUT selects the format

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;

use imaging::RenditionSpec;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [source, out, width, height, rest @ ..] = args.as_slice() else {
        return Err("usage: render IN OUT WIDTH HEIGHT [RUNS [QUALITY]]".into());
    };
    let format = match out.rsplit('.').next() {
        Some("jpg") => "jpeg",
        Some(other) => other,
        None => "jpeg",
    };
    let quality = rest.get(1).map_or_else(String::new, |quality| format!(r#", "quality": {quality}"#));
    let spec: RenditionSpec = serde_json::from_str(&format!(
        r#"{{"name": "a", "width": {width}, "height": {height}, "format": "{format}"{quality}}}"#
    ))?;
    let runs = rest.first().map_or(Ok(1), |runs| runs.parse())?;
    let mut cpu_ms = Vec::new();
    for _ in 0..runs {
        let before = cpu_time_ns()?;
        imaging::render(File::open(source)?, &spec, BufWriter::new(File::create(out)?))?;
        cpu_ms.push((cpu_time_ns()? - before) / 1_000_000);
    }
    cpu_ms.sort_unstable();
    println!("{{\"cpu_ms\": {}, \"runs\": {runs}}}", cpu_ms[runs / 2]);
    Ok(())
}

/// The CPU time of this thread in nanoseconds, from Linux's scheduler statistics.
fn cpu_time_ns() -> Result<u64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(stat.split(' ').next().ok_or("schedstat is empty")?.parse()?)
}
