//! `darkroom chart`: a picture to try a stack with.

use std::{fs::File, io::BufWriter};

use anyhow::Context;
use imaging::{Orientation, Size, chart};

use crate::{Outcome, args::ChartArgs};

pub(crate) fn run(args: &ChartArgs) -> anyhow::Result<Outcome> {
    let name = args.out.display();
    let (size, orientation) =
        (four_by_three(args.megapixels), Orientation::try_from(args.orientation)?);
    let file = File::create(&args.out).with_context(|| format!("writing {name}"))?;
    chart::write_jpeg(size, orientation, BufWriter::new(file))
        .with_context(|| format!("writing {name}"))?;
    println!("{name}: {size}, orientation {}", orientation.get());
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
