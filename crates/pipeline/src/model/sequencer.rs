//! The order of the events of one S3 key.

use serde::{Deserialize, Serialize};

/// Position of an S3 event among the events of its key: later events compare greater.
///
/// S3's sequencers are hexadecimal strings of different lengths. To compare two of them, the shorter one is padded with
/// zeros on the right. They are padded here, to a fixed length, so that DynamoDB's comparison of strings gives the same
/// result as Rust's.
///
/// Source: Amazon S3 User Guide, "Event message structure", `sequencer`.
///
/// ```
/// use pipeline::Sequencer;
/// assert!(Sequencer::new("0055AED6DCD90281E6") > Sequencer::new("0055AED6DCD90281E5"));
/// assert_eq!(Sequencer::new("00A"), Sequencer::new("00A0"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Sequencer(String);

/// Length of a padded sequencer: S3's part, then ours.
const PADDED_LEN: usize = EVENT_LEN + REPROCESS_TIME_LEN;
/// Length of S3's part.
// S3's own sequencers are shorter: those seen have 18 to 32 characters.
const EVENT_LEN: usize = 48;
/// Length of our part: the second at which the picture was reprocessed, since 1970.
const REPROCESS_TIME_LEN: usize = 16;

impl Sequencer {
    /// A sequencer as S3 writes it, or one that is already padded.
    pub fn new(raw: &str) -> Self {
        // Digits of both cases must compare equal.
        Self(format!("{:0<PADDED_LEN$}", raw.to_ascii_uppercase()))
    }

    /// The sequencer of reprocessing a picture: right after `last`, the last known sequencer of the key, and before any
    /// later event of S3. Without `last`, it is before every event.
    ///
    /// `second` is the current time in seconds since 1970. The same second gives the same sequencer. If the clock goes
    /// backwards, the sequencer does not.
    ///
    /// ```
    /// use pipeline::Sequencer;
    /// let (upload, next) = (Sequencer::new("0055AED6"), Sequencer::new("0055AED7"));
    /// let first = Sequencer::for_reprocessing(Some(&upload), 1_777_636_800);
    /// let second = Sequencer::for_reprocessing(Some(&first), 1_777_636_801);
    /// assert!(upload < first && first < second && second < next);
    /// ```
    pub fn for_reprocessing(last: Option<&Self>, second: u64) -> Self {
        let last_text = last.map_or("", |last| last.as_str());
        let event = &last_text[..last_text.len().min(EVENT_LEN)];
        let second = second.max(last.map_or(0, Self::reprocessing_second));
        Self(format!("{event:0<EVENT_LEN$}{second:0REPROCESS_TIME_LEN$X}"))
    }

    /// The second of [`Sequencer::for_reprocessing`]; 0 for a sequencer of S3.
    pub fn reprocessing_second(&self) -> u64 {
        self.0.get(EVENT_LEN..).and_then(|second| u64::from_str_radix(second, 16).ok()).unwrap_or(0)
    }

    /// The padded form, as in the record.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sequencer {
    type Error = InvalidSequencer;

    fn try_from(raw: String) -> Result<Self, InvalidSequencer> {
        if raw.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self::new(&raw))
        } else {
            Err(InvalidSequencer(raw))
        }
    }
}

/// The sequencer of a message has other characters than hexadecimal digits, so that it cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sequencer '{0}' is not hexadecimal")]
pub struct InvalidSequencer(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_sequencers_are_padded_on_the_right_before_they_are_compared() {
        for (earlier, later) in [("00", "01"), ("009", "00A"), ("00A", "00A1"), ("00a", "00B")] {
            assert!(Sequencer::new(earlier) < Sequencer::new(later), "{earlier} < {later}");
        }
    }

    #[test]
    fn reprocessing_comes_after_the_last_event_and_before_the_next() {
        let upload = Sequencer::new("0065AED6DCD90281E6");
        let first = Sequencer::for_reprocessing(Some(&upload), 100);
        let second = Sequencer::for_reprocessing(Some(&first), 101);
        assert!(upload < first && first < second && second < Sequencer::new("0065AED6DCD90281E7"));
        assert_eq!(Sequencer::for_reprocessing(Some(&upload), 100), first, "same second");
        assert_eq!(Sequencer::for_reprocessing(Some(&second), 99), second, "the clock went backwards");
        assert_eq!((upload.reprocessing_second(), second.reprocessing_second()), (0, 101));
        assert!(Sequencer::for_reprocessing(None, u64::from(u32::MAX)) < Sequencer::new("00000001"));
    }

    #[test]
    fn a_sequencer_has_only_hexadecimal_digits() {
        for (raw, is_valid) in [("0065aEd6", true), ("", true), ("-1", false), ("00é", false), (" ", false)] {
            assert_eq!(Sequencer::try_from(raw.to_owned()).is_ok(), is_valid, "'{raw}'");
        }
    }

    #[test]
    fn padding_twice_changes_nothing() {
        let once = Sequencer::new("0065");
        assert_eq!(Sequencer::new(once.as_str()), once);
        assert_eq!(once.as_str().len(), PADDED_LEN);
    }
}
