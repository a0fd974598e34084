//! The Lanczos window with three lobes, from a table.
//!
//! Every strip computes its weights again, and there are many strips, so sines are too slow. The error of the table is
//! a hundredth of the rounding of the weights, which follows.

use std::f64::consts::PI;
use std::sync::LazyLock;

use fast_image_resize::Filter;

/// How far a weight reaches to either side, in pixels of the smaller picture.
pub const LOBES: f64 = 3.0;

pub(crate) static LANCZOS3: LazyLock<Filter> = LazyLock::new(|| {
    Filter::new("Lanczos3 from a table", lanczos3_from_table, LOBES).expect("the number of lobes is finite")
});

const STEPS_PER_LOBE: u16 = 1024;

/// The window at every step. One step more than the lobes have, so that interpolation always has a next step.
static TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let steps = 0..=STEPS_PER_LOBE * 3 + 1;
    steps.map(|step| lanczos3(f64::from(step) / f64::from(STEPS_PER_LOBE))).collect()
});

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and the table's length
fn lanczos3_from_table(x: f64) -> f64 {
    let x = x.abs();
    if x >= LOBES {
        return 0.0;
    }
    let step = x * f64::from(STEPS_PER_LOBE);
    let index = step as usize;
    TABLE[index] + (TABLE[index + 1] - TABLE[index]) * step.fract()
}

fn lanczos3(x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    if x < LOBES { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_differs_from_the_formula_by_less_than_a_millionth() {
        for step in -40_000..40_000 {
            let x = f64::from(step) / 10_007.0;
            assert!((lanczos3_from_table(x) - lanczos3(x.abs())).abs() < 1e-6, "at {x}");
        }
    }
}
