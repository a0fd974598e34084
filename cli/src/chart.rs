//! `darkroom chart`: a picture to try a stack with.

use std::{
    fs::File,
    io::{self, BufWriter},
};

use anyhow::{Context, ensure};
use imaging::{
    Orientation, Size,
    chart::{self, Scene},
};

use crate::{Outcome, args::ChartArgs, report};

pub(crate) fn run(args: &ChartArgs) -> anyhow::Result<Outcome> {
    let name = args.out.display();
    let size = four_by_three(args.megapixels);
    let orientation = Orientation::try_from(args.orientation)?;
    let scene = if args.landscape { Scene::Landscape } else { Scene::Chart };
    if args.out.as_os_str() == "-" {
        chart::write_jpeg(scene, size, orientation, BufWriter::new(io::stdout().lock()))?;
        return Ok(Outcome::Good);
    }
    let extension = args.out.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ensure!(matches!(&*extension, "jpg" | "jpeg"), "a chart is a JPEG: '{name}' must end in .jpg");
    let file = if args.force { File::create(&args.out) } else { File::create_new(&args.out) };
    let file = file.with_context(|| format!("writing {name} (--force replaces a file)"))?;
    chart::write_jpeg(scene, size, orientation, BufWriter::new(file))
        .with_context(|| format!("writing {name}"))?;
    report::say(format_args!("{name}: {size}, orientation {}", orientation.get()));
    Ok(Outcome::Good)
}

/// As most cameras take it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 16,330 at most
fn four_by_three(megapixels: f64) -> Size {
    let height = (megapixels * 1e6 * 3.0 / 4.0).sqrt().round();
    Size::new((height * 4.0 / 3.0).round() as u32, height as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_about_as_many_pixels_as_were_asked_for() {
        assert_eq!(four_by_three(12.0), Size::new(4000, 3000));
        for (megapixels, pixels) in [(0.01, 10_000_u64), (0.3, 300_000), (200.0, 200_000_000)] {
            let made = four_by_three(megapixels).pixels();
            assert!(made.abs_diff(pixels) < pixels / 50, "{megapixels}: {made}");
        }
    }
}
