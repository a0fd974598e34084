//! `darkroom chart`: draws a picture to test a stack with.

use std::{
    fs::File,
    io::{self, BufWriter},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use imaging::{
    Orientation, Size,
    chart::{self, Scene},
};

use crate::{args::ChartArgs, terminal};

/// Writes the chart to a file, or to standard output.
///
/// # Errors
/// If the file name does not end in `.jpg` or `.jpeg`, the file exists (without `--force`), or it cannot be written.
pub(crate) fn run(args: &ChartArgs) -> anyhow::Result<ExitCode> {
    let name = args.out.display();
    let size = size_4_by_3(args.megapixels);
    let orientation = Orientation::try_from(args.orientation)?;
    let scene = if args.landscape { Scene::Landscape } else { Scene::Chart };
    if args.out.as_os_str() == "-" {
        chart::write_jpeg(scene, size, orientation, BufWriter::new(io::stdout().lock()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let extension = args.out.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ensure!(matches!(&*extension, "jpg" | "jpeg"), "a chart is a JPEG: '{name}' must end in .jpg");
    let file = if args.force { File::create(&args.out) } else { File::create_new(&args.out) };
    let file = file.with_context(|| format!("writing {name} (--force replaces a file)"))?;
    chart::write_jpeg(scene, size, orientation, BufWriter::new(file)).with_context(|| format!("writing {name}"))?;
    terminal::print(format_args!("{name}: {size}, orientation {}", orientation.get()));
    Ok(ExitCode::SUCCESS)
}

/// The size of a 4:3 picture, the ratio of most cameras.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 16,330 at most
fn size_4_by_3(megapixels: f64) -> Size {
    let height = (megapixels * 1e6 * 3.0 / 4.0).sqrt().round();
    Size::new((height * 4.0 / 3.0).round() as u32, height as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_pixels_is_within_two_percent_of_the_request() {
        assert_eq!(size_4_by_3(12.0), Size::new(4000, 3000));
        for (megapixels, pixels) in [(0.01, 10_000_u64), (0.3, 300_000), (200.0, 200_000_000)] {
            let actual = size_4_by_3(megapixels).pixels();
            assert!(actual.abs_diff(pixels) < pixels / 50, "{megapixels}: {actual}");
        }
    }
}
