//! Damaged sources: how the damage is described, and whether the picture is rendered nevertheless.
//!
//! A decoder that finds damage calls [`DamageLog::accept`], and fills what is missing if that succeeds. The log is a part
//! of [`SourceReader`](crate::source_reader::SourceReader), so that every decoder has it at hand.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::stashed_io_error::StashedIoError;
use crate::{Rejection, RenderError, words};

/// The level of each sample that is missing in a picture without alpha: the grey that libjpeg leaves. Pixels that are
/// missing in a picture with alpha are transparent.
pub(crate) const MISSING: u8 = 128;

/// What happens to a source of which a part cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DamagePolicy {
    /// It is rejected as corrupt.
    #[default]
    Reject,
    /// What can be decoded is rendered, and [`Rendered::damaged`](crate::Rendered::damaged) says what is missing. A source
    /// of which nothing can be decoded is rejected.
    Render,
}

impl DamagePolicy {
    /// Whether it is the default, which is left out of messages.
    pub fn is_reject(&self) -> bool {
        *self == DamagePolicy::Reject
    }
}

/// The damage of a source that was rendered nevertheless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// What is damaged, for people.
    pub reason: String,
    /// How much of the picture was decoded.
    pub decoded: DecodedPart,
}

/// The part of a picture that was decoded, in hundredths. It is less than the whole: 0.00 to 0.99 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct DecodedPart(u8);

impl DecodedPart {
    /// `decoded` of `total` rows, or of whatever the format counts, rounded down.
    ///
    /// ```
    /// use imaging::DecodedPart;
    ///
    /// assert_eq!(DecodedPart::of(5, 6).to_string(), "83 %");
    /// assert_eq!(DecodedPart::of(999, 1000).percent(), 99);
    /// assert_eq!(DecodedPart::of(7, 7).percent(), 99); // something is missing, even if every row is there
    /// ```
    pub fn of(decoded: u64, total: u64) -> Self {
        let percent = u128::from(decoded) * 100 / u128::from(total.max(1));
        DecodedPart(u8::try_from(percent.min(99)).unwrap_or(99))
    }

    /// In percent, from 0 to 99.
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl From<f64> for DecodedPart {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // limited to 0..=99
    fn from(part: f64) -> Self {
        DecodedPart((part * 100.0).round().clamp(0.0, 99.0) as u8)
    }
}

impl From<DecodedPart> for f64 {
    fn from(part: DecodedPart) -> f64 {
        f64::from(part.0) / 100.0
    }
}

impl fmt::Display for DecodedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("less than 1 %"),
            percent => write!(f, "{percent} %"),
        }
    }
}

/// What is wrong with a corrupt source, where, and how much comes before it. `Display` gives the message for people:
/// "the file ends at byte 48,211, after 61 % of the picture".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corruption {
    /// A clause in lower case that "at byte 7" can follow: "the file ends".
    reason: String,
    place: Option<Place>,
    decoded: Option<DecodedPart>,
}

/// An offset in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    At(u64),
    /// A decoder notices most damage some bytes behind it.
    Near(u64),
}

impl Corruption {
    /// Damage at an unknown place. `reason` is a clause in lower case, without a full stop: "the file ends".
    pub(crate) fn new(reason: impl fmt::Display) -> Self {
        Corruption { reason: reason.to_string(), place: None, decoded: None }
    }

    /// The offset in the file, which is exact.
    pub(crate) fn at_byte(self, offset: u64) -> Self {
        Corruption { place: Some(Place::At(offset)), ..self }
    }

    /// An offset in the file at which the damage was noticed.
    pub(crate) fn near_byte(self, offset: u64) -> Self {
        Corruption { place: Some(Place::Near(offset)), ..self }
    }

    /// How much of the picture was decoded: rows, pixels or whatever the format counts. With 0, the picture is rejected by
    /// either policy.
    pub(crate) fn after(self, decoded: u64, total: u64) -> Self {
        Corruption { decoded: (decoded > 0).then(|| DecodedPart::of(decoded, total)), ..self }
    }

    /// The message without the part that was decoded.
    fn reason_and_place(&self) -> String {
        let reason = &self.reason;
        match self.place {
            None => reason.clone(),
            Some(Place::At(byte)) => format!("{reason} at byte {}", grouped(byte)),
            Some(Place::Near(byte)) => format!("{reason} near byte {}", grouped(byte)),
        }
    }
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason_and_place())?;
        match self.decoded {
            None => Ok(()),
            Some(decoded) => write!(f, ", after {decoded} of the picture"),
        }
    }
}

/// A number with a comma between groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rejects a damaged source, or collects its damage. Clones share what was collected.
#[derive(Clone, Default)]
pub(crate) struct DamageLog {
    policy: DamagePolicy,
    stashed_error: StashedIoError,
    /// The length of the file, once its end was reached.
    file_len: Rc<Cell<Option<u64>>>,
    worst: Rc<RefCell<Option<Damage>>>,
}

impl DamageLog {
    pub(crate) fn new(policy: DamagePolicy, stashed_error: StashedIoError) -> Self {
        DamageLog { policy, stashed_error, ..DamageLog::default() }
    }

    /// Whether what can be decoded of a damaged source is rendered.
    pub(crate) fn renders_damaged(&self) -> bool {
        self.policy == DamagePolicy::Render
    }

    /// The reader's error, if there was one.
    pub(crate) fn take_read_error(&self) -> Option<io::Error> {
        self.stashed_error.take()
    }

    /// The reader's error if there was one, otherwise a rejection.
    pub(crate) fn reject(&self, reason: impl fmt::Display) -> RenderError {
        self.stashed_error.read_error_or_corrupt(reason)
    }

    /// Notes the length of the file. Its reader calls this at its end.
    pub(crate) fn note_file_len(&self, byte_len: u64) {
        self.file_len.set(Some(byte_len));
    }

    /// Whether the end of the file was reached.
    pub(crate) fn is_at_file_end(&self) -> bool {
        self.file_len.get().is_some()
    }

    /// For a file that ends where more is needed.
    pub(crate) fn file_ends(&self) -> Corruption {
        let corruption = Corruption::new(words::FILE_ENDS);
        match self.file_len.get() {
            Some(byte_len) => corruption.at_byte(byte_len),
            None => corruption,
        }
    }

    /// Called for damage that was found. If it returns, the decoder goes on without what is missing: [`MISSING`] if the
    /// picture has no alpha, otherwise transparent pixels. May be called several times.
    ///
    /// # Errors
    /// The reader's error if there was one; [`Rejection::Corrupt`] by the policy, and if nothing was decoded.
    pub(crate) fn accept(&self, corruption: Corruption) -> Result<(), RenderError> {
        if let Some(error) = self.take_read_error() {
            return Err(RenderError::Read(error));
        }
        match corruption.decoded {
            Some(decoded) if self.renders_damaged() => {
                let mut worst = self.worst.borrow_mut();
                if worst.as_ref().is_none_or(|worst| decoded < worst.decoded) {
                    *worst = Some(Damage { reason: corruption.reason_and_place(), decoded });
                }
                Ok(())
            }
            _ => Err(Rejection::Corrupt(corruption).into()),
        }
    }

    /// The worst damage that was accepted.
    pub(crate) fn worst(&self) -> Option<Damage> {
        self.worst.borrow().clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_message_says_what_is_wrong_and_where_and_how_much_comes_before_it() {
        let ends = || Corruption::new("the file ends");
        for (corruption, expected) in [
            (ends(), "the file ends"),
            (ends().at_byte(48_211).after(0, 9), "the file ends at byte 48,211"),
            (ends().near_byte(999).after(61, 100), "the file ends near byte 999, after 61 % of the picture"),
            (
                ends().at_byte(1_234_567).after(1, 1000),
                "the file ends at byte 1,234,567, after less than 1 % of the picture",
            ),
        ] {
            assert_eq!(corruption.to_string(), expected);
        }
    }

    #[test]
    fn the_part_has_two_digits_in_json_and_is_never_the_whole() {
        for (decoded, total, json) in
            [(0, 7, "0.0"), (5, 6, "0.83"), (999, 1000, "0.99"), (1, 1, "0.99"), (3, 0, "0.99")]
        {
            let part = DecodedPart::of(decoded, total);
            assert_eq!(serde_json::to_string(&part).unwrap(), json);
            assert_eq!(serde_json::from_str::<DecodedPart>(json).unwrap(), part);
        }
    }

    #[test]
    fn the_policy_decides_and_the_worst_damage_is_kept() {
        let cut = |part| Corruption::new("cut").after(part, 100);
        let rejecting = DamageLog::default();
        assert!(rejecting.accept(cut(50)).is_err() && rejecting.worst().is_none());

        let rendering = DamageLog::new(DamagePolicy::Render, StashedIoError::default());
        for part in [50, 20, 70] {
            rendering.clone().accept(cut(part)).unwrap();
        }
        assert_eq!(rendering.worst().unwrap().decoded.percent(), 20);
        assert!(rendering.accept(cut(0)).is_err(), "nothing was decoded");
    }

    #[test]
    fn an_error_of_the_reader_is_no_damage() {
        let stashed_error = StashedIoError::default();
        stashed_error.stash(io::ErrorKind::ConnectionReset.into());
        let log = DamageLog::new(DamagePolicy::Render, stashed_error);
        assert!(matches!(log.accept(Corruption::new("cut").after(1, 2)), Err(RenderError::Read(_))));
    }
}
