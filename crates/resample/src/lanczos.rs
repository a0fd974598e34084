//! The Lanczos window of three lobes, from a table: strips are many, and each computes its weights
//! anew. The table's error is a hundredth of what the weights are rounded to afterwards.

use std::f64::consts::PI;
use std::sync::LazyLock;

use fast_image_resize::Filter;

/// Pixels of the smaller picture that a weight reaches to either side.
pub const LOBES: f64 = 3.0;

pub(crate) static LANCZOS3: LazyLock<Filter> = LazyLock::new(|| {
    Filter::new("Lanczos3 from a table", from_table, LOBES)
        .expect("three lobes are a finite number of them")
});

const STEPS_PER_LOBE: u16 = 1024;

/// One step more than the lobes have, so that there is always a next one to interpolate to.
static TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let steps = 0..=STEPS_PER_LOBE * 3 + 1;
    steps.map(|step| lanczos3(f64::from(step) / f64::from(STEPS_PER_LOBE))).collect()
});

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and the table's length
fn from_table(x: f64) -> f64 {
    let x = x.abs();
    if x >= LOBES {
        return 0.0;
    }
    let step = x * f64::from(STEPS_PER_LOBE);
    let at = step as usize;
    TABLE[at] + (TABLE[at + 1] - TABLE[at]) * step.fract()
}

fn lanczos3(x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    if x < LOBES { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_as_good_as_the_sines() {
        for step in -40_000..40_000 {
            let x = f64::from(step) / 10_007.0;
            assert!((from_table(x) - lanczos3(x.abs())).abs() < 1e-6, "at {x}");
        }
    }
}
