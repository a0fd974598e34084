//! Points in time whose text sorts in order of time.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{
    OffsetDateTime, UtcOffset,
    format_description::{StaticFormatDescription, well_known::Rfc3339},
    macros::format_description,
};

/// A UTC time in milliseconds.
///
/// It is always written with three decimals: the index of the record table sorts times as strings, and `…:00.5Z` would
/// sort before `…:00Z`.
///
/// ```
/// use pipeline::Timestamp;
/// let read: Timestamp = serde_json::from_str("\"2026-05-01T12:00:00Z\"")?;
/// assert_eq!(read.to_string(), "2026-05-01T12:00:00.000Z");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

const SORTABLE: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Timestamp {
    /// The current time.
    pub fn now() -> Self {
        Self(OffsetDateTime::now_utc())
    }

    /// Whole seconds since 1970, as DynamoDB's time to live expects.
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The time that many seconds after 1970; none if its year has no four digits.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp(seconds).ok().map(Self)
    }

    /// One millisecond before this time.
    pub fn just_before(self) -> Self {
        Self(self.0.saturating_sub(time::Duration::milliseconds(1)))
    }

    /// This time plus `duration`, at most the end of the year 9999.
    pub fn plus(self, duration: std::time::Duration) -> Self {
        let duration = time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        Self(self.0.saturating_add(duration))
    }

    /// Milliseconds since 1970, as CloudWatch expects.
    pub fn unix_milliseconds(self) -> i64 {
        self.unix_seconds() * 1000 + i64::from(self.0.millisecond())
    }

    /// Whole milliseconds since `earlier`; 0 if `earlier` is the later one, because clocks differ.
    pub fn milliseconds_since(self, earlier: Self) -> u64 {
        u64::try_from((self.0 - earlier.0).whole_milliseconds()).unwrap_or(0)
    }

    /// This time plus `days`, at most the end of the year 9999.
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(time::Duration::days(i64::from(days))))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(SORTABLE).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a text is not a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// It is not a time of RFC 3339.
    #[error(transparent)]
    Parse(#[from] time::error::Parse),
    /// Converted to UTC, its year is outside 0000 to 9999.
    #[error("in UTC, the year is not from 0000 to 9999")]
    YearOutOfRange,
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Parses a time of RFC 3339 and truncates it to milliseconds.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = OffsetDateTime::parse(text, &Rfc3339)?.checked_to_offset(UtcOffset::UTC);
        // A year of RFC 3339 has four digits. The offset can move the time into the year -1 or 10000.
        let read = read.filter(|read| (0..=9999).contains(&read.year()));
        Ok(Self(read.ok_or(TimestampError::YearOutOfRange)?.truncate_to_millisecond()))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("'{text}' is not an RFC 3339 time: {error}")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_time_has_passed_since_a_later_time() {
        let read = |text: &str| -> Timestamp { serde_json::from_value(text.into()).unwrap() };
        let (early, late) = (read("2026-05-01T12:00:00Z"), read("2026-05-01T12:00:01.25Z"));
        assert_eq!(late.milliseconds_since(early), 1_250);
        assert_eq!(early.milliseconds_since(late), 0);
    }

    #[test]
    fn a_time_whose_year_in_utc_has_no_four_digits_is_refused() {
        for (text, year) in [
            ("9999-12-31T23:59:59-23:59", Err(TimestampError::YearOutOfRange)),
            ("9999-12-31T23:59:59-00:01", Err(TimestampError::YearOutOfRange)),
            ("0000-01-01T00:00:00+00:01", Err(TimestampError::YearOutOfRange)),
            ("9999-12-31T23:59:59Z", Ok("9999-12-31T23:59:59.000Z")),
            ("0000-01-01T00:00:00Z", Ok("0000-01-01T00:00:00.000Z")),
        ] {
            let read = text.parse::<Timestamp>().map(|read| read.to_string());
            assert_eq!(read, year.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn sums_are_limited_to_the_years_of_the_calendar() {
        let read = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (first, last) = (read("0000-01-01T00:00:00Z"), read("9999-12-31T23:59:59.999Z"));
        assert!(first.just_before() < first);
        assert!(first.just_before().to_string() < first.to_string());
        assert_eq!(last.plus_days(u32::MAX).to_string(), last.to_string());
        assert_eq!(last.plus(std::time::Duration::MAX).to_string(), last.to_string());
    }

    #[test]
    fn texts_sort_in_order_of_time() {
        let read = |text: &str| -> Timestamp { serde_json::from_value(text.into()).unwrap() };
        let whole = read("2026-05-01T12:00:00Z");
        let half = read("2026-05-01T14:00:00.5+02:00");
        assert!(whole < half);
        assert!(whole.to_string() < half.to_string());
    }
}
