//! The order of the events of one S3 key.

use serde::{Deserialize, Serialize};

/// Where an S3 event stands among the events of its key: later events compare greater.
///
/// S3 hands out hexadecimal strings of differing length and says to compare them after padding the
/// shorter one with zeros on the right. They are padded once, here, to a fixed length, so that
/// DynamoDB's string comparison gives the same answer as Rust's.
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

/// Longer than any sequencer seen (18 to 32 characters), by room for a second.
const PADDED_LEN: usize = EVENT_LEN + SECOND_LEN;
/// What is S3's; no sequencer of S3 reaches beyond it.
const EVENT_LEN: usize = 48;
/// What is ours: when that event's picture was processed again, in seconds since 1970.
const SECOND_LEN: usize = 16;

impl Sequencer {
    /// Takes a sequencer as S3 wrote it, or one that is padded already.
    pub fn new(raw: &str) -> Self {
        Self(format!("{:0<PADDED_LEN$}", raw.to_ascii_uppercase()))
    }

    /// Where processing a picture again stands among the events of its key: right after `known`,
    /// the last that is known of it, and before whatever S3 says later. Without one, before
    /// everything.
    ///
    /// `second` is when, in seconds since 1970. The same second gives the same place, and a clock
    /// that goes backwards none that is earlier than before.
    ///
    /// ```
    /// use pipeline::Sequencer;
    /// let (upload, next) = (Sequencer::new("0055AED6"), Sequencer::new("0055AED7"));
    /// let again = Sequencer::again(Some(&upload), 1_777_636_800);
    /// assert!(upload < again && again < next);
    /// assert!(again < Sequencer::again(Some(&again), 1_777_636_801));
    /// ```
    pub fn again(known: Option<&Self>, second: u64) -> Self {
        let known = known.map_or("", |known| known.as_str());
        let (event, before) = known.split_at(known.len().min(EVENT_LEN));
        let second = second.max(u64::from_str_radix(before, 16).unwrap_or(0));
        Self(format!("{event:0<EVENT_LEN$}{second:0SECOND_LEN$X}"))
    }

    /// The second of [`Sequencer::again`]; 0 for S3's own.
    pub fn second(&self) -> u64 {
        self.0.get(EVENT_LEN..).and_then(|second| u64::from_str_radix(second, 16).ok()).unwrap_or(0)
    }

    /// The padded form, as it stands in the record.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sequencer {
    type Error = NotHexadecimal;

    fn try_from(raw: String) -> Result<Self, NotHexadecimal> {
        if raw.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self::new(&raw))
        } else {
            Err(NotHexadecimal(raw))
        }
    }
}

/// What a message has in a sequencer's place is none: it could stand before all others, or be cut
/// within a character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sequencer has hexadecimal digits, and this is '{0}'")]
pub struct NotHexadecimal(String);

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
    fn processing_again_comes_after_what_is_known_and_before_what_comes_later() {
        let upload = Sequencer::new("0065AED6DCD90281E6");
        let first = Sequencer::again(Some(&upload), 100);
        let second = Sequencer::again(Some(&first), 101);
        assert!(upload < first && first < second && second < Sequencer::new("0065AED6DCD90281E7"));
        assert_eq!(Sequencer::again(Some(&upload), 100), first, "within one second");
        assert_eq!(Sequencer::again(Some(&second), 99), second, "a clock that goes backwards");
        assert_eq!((upload.second(), second.second()), (0, 101));
        assert!(Sequencer::again(None, u64::from(u32::MAX)) < Sequencer::new("00000001"));
    }

    #[test]
    fn only_hexadecimal_digits_make_one() {
        for (raw, is_one) in
            [("0065aEd6", true), ("", true), ("-1", false), ("00é", false), (" ", false)]
        {
            assert_eq!(Sequencer::try_from(raw.to_owned()).is_ok(), is_one, "'{raw}'");
        }
    }

    #[test]
    fn padding_twice_changes_nothing() {
        let once = Sequencer::new("0065");
        assert_eq!(Sequencer::new(once.as_str()), once);
        assert_eq!(once.as_str().len(), PADDED_LEN);
    }
}
