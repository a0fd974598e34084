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
#[serde(from = "String")]
pub struct Sequencer(String);

/// Longer than any sequencer seen (18 to 32 characters).
const PADDED_LEN: usize = 64;

impl Sequencer {
    /// Takes a sequencer as S3 wrote it, or one that is padded already.
    pub fn new(raw: &str) -> Self {
        Self(format!("{:0<PADDED_LEN$}", raw.to_ascii_uppercase()))
    }

    /// The padded form, as it stands in the record.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Sequencer {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

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
    fn padding_twice_changes_nothing() {
        let once = Sequencer::new("0065");
        assert_eq!(Sequencer::new(once.as_str()), once);
        assert_eq!(once.as_str().len(), PADDED_LEN);
    }
}
