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
fn four_by_three(megapixels: u8) -> Size {
    let height = (u32::from(megapixels) * 1_000_000 * 3 / 4).isqrt();
    Size::new(height * 4 / 3, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_about_as_many_pixels_as_were_asked_for() {
        assert_eq!(four_by_three(12), Size::new(4000, 3000));
        for megapixels in 1..=200 {
            let asked = u64::from(megapixels) * 1_000_000;
            assert!(
                four_by_three(megapixels).pixels().abs_diff(asked) < asked / 100,
                "{megapixels}"
            );
        }
    }
}
