//! Parsers of option values that have a unit.

use std::{num::NonZeroU32, time::Duration};

/// A length in px, 1 or more.
pub(super) fn parse_pixels(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "not a whole number of pixels, 1 or more".to_owned())
}

/// A duration in whole seconds.
pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: u64 = text.parse().map_err(|_| "not a whole number of seconds".to_owned())?;
    Ok(Duration::from_secs(seconds))
}

/// A number of megapixels, 0.01–200.
pub(super) fn parse_megapixels(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.01..=200.0).contains(&number) { Ok(number) } else { Err("not within 0.01–200".to_owned()) }
}
