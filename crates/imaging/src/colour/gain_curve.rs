//! The gain of highlights: how much darker light becomes, so that the brightest is the screen's white.

/// The reference white tone mapping operator (SMPTE ST 2094-50, annex C) for a screen without headroom.
#[derive(Debug, Clone)]
pub(super) struct GainCurve {
    /// From reference white to the brightest light.
    points: [Point; POINTS],
}

const POINTS: usize = 8;

#[derive(Debug, Clone, Copy, Default)]
struct Point {
    /// Light in multiples of reference white.
    light: f32,
    /// The binary logarithm of the gain.
    gain: f32,
    slope: f32,
}

impl GainCurve {
    /// `peak` is the brightest light in multiples of reference white. If it is not brighter than that, nothing becomes
    /// darker.
    pub(super) fn new(peak: f32) -> Self {
        // A headroom from which on reference white keeps half of its light.
        const FULL_HEADROOM: f32 = 1000.0 / 203.0;
        // The place of the middle control point between the outer ones.
        const BEND: f32 = 0.65;
        let peak = peak.max(1.0);
        let white = 1.0 - 0.5 * (peak.log2() / FULL_HEADROOM.log2()).min(1.0);

        // A quadratic Bézier curve from reference white to the peak, in linear light. It begins in the direction of a
        // constant gain.
        let middle = [1.0 - BEND + BEND / white, (1.0 - BEND) * white + BEND];
        let coefficients =
            |start: f32, middle: f32, end: f32| [start - 2.0 * middle + end, 2.0 * (middle - start), start];
        let from = coefficients(1.0, middle[0], peak);
        let to = coefficients(white, middle[1], 1.0);
        let value = |[a, b, c]: [f32; 3], t: f32| (a * t + b) * t + c;
        let derivative = |[a, b, _]: [f32; 3], t: f32| 2.0 * a * t + b;
        let mut points = [Point::default(); POINTS];
        for (index, point) in (0_u8..).zip(&mut points) {
            let t = f32::from(index) / (POINTS - 1) as f32;
            let (light, shown) = (value(from, t), value(to, t));
            let slope = derivative(to, t) / derivative(from, t);
            *point = Point {
                light,
                gain: (shown / light).log2(),
                slope: (light * slope - shown) / (std::f32::consts::LN_2 * light * shown),
            };
        }
        GainCurve { points }
    }

    /// The factor for this light, in multiples of reference white.
    pub(super) fn at(&self, light: f32) -> f32 {
        let (first, last) = (self.points[0], self.points[POINTS - 1]);
        if light <= first.light {
            return first.gain.exp2();
        }
        let Some(next) = self.points.iter().position(|point| light < point.light) else {
            // What is brighter than the peak becomes white.
            return last.gain.exp2() * last.light / light;
        };
        // A cubic between two points, by their values and slopes.
        let [from, to] = [self.points[next - 1], self.points[next]];
        let width = to.light - from.light;
        let t = (light - from.light) / width;
        let (start, end, rise) = (from.slope * width, to.slope * width, to.gain - from.gain);
        let (cubic, square) = (start + end - 2.0 * rise, 3.0 * rise - 2.0 * start - end);
        (((cubic * t + square) * t + start) * t + from.gain).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brightest_light_becomes_white_and_none_becomes_brighter_than_its_neighbour() {
        for peak in [1.0_f32, 1.5, 4.926, 20.0, 49.26] {
            let curve = GainCurve::new(peak);
            assert!((curve.at(peak) * peak - 1.0).abs() < 1e-3, "{peak}: {}", curve.at(peak) * peak);
            assert!((curve.at(2.0 * peak) * 2.0 * peak - 1.0).abs() < 1e-3, "{peak}");
            let shown: Vec<f32> = (0..1000).map(|step| step as f32 / 1000.0 * peak).map(|x| x * curve.at(x)).collect();
            // At 10,000 cd/m², the points are so far apart that light falls by up to 5 % between two. Chromium has the
            // same dip.
            let dip = if peak > 20.0 { 0.01 } else { 0.0 };
            assert!(shown.windows(2).all(|pair| pair[1] >= pair[0] - dip), "{peak}: {shown:?}");
        }
    }

    #[test]
    fn reference_white_keeps_half_of_its_light_below_a_peak_of_1000_nits() {
        let curve = GainCurve::new(1000.0 / 203.0);
        assert!((curve.at(1.0) - 0.5).abs() < 1e-5 && (curve.at(0.1) - 0.5).abs() < 1e-5);
        assert!((GainCurve::new(1.0).at(0.7) - 1.0).abs() < 1e-6);
    }
}
