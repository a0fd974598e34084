//! The position at which a page of a list ended.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{Record, Timestamp};

/// A position in the list of all records: newest first, and by key if the times are equal.
///
/// It names the last record of the page instead of counting records, so that new uploads do not move it. To the caller
/// it is opaque text.
// Not signed, because it grants no access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// Version of the format. Other versions are refused.
    v: u8,
    /// Time at which S3 received the last record's upload.
    pub received_at: Timestamp,
    /// Key of the last record.
    pub key: String,
}

const VERSION: u8 = 1;

/// The text is not a cursor of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor was not returned by a list")]
pub struct InvalidCursor;

impl Cursor {
    /// The position right after `record`.
    pub fn after(record: &Record) -> Self {
        let received_at = record.upload.received_at;
        Self { v: VERSION, received_at, key: record.key.clone() }
    }

    /// Whether `record` comes after this position.
    pub fn precedes(&self, record: &Record) -> bool {
        let position = (self.received_at, record.key.as_str());
        (record.upload.received_at, self.key.as_str()) < position
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let cursor: Self = serde_json::from_slice(&json).map_err(|_| InvalidCursor)?;
        if cursor.v == VERSION { Ok(cursor) } else { Err(InvalidCursor) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_cursor_parses_to_the_same_cursor() {
        let received_at = "2026-05-01T12:00:00.5Z".parse().unwrap();
        let cursor = Cursor { v: VERSION, received_at, key: "ü/a b+%.jpg".to_owned() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn other_texts_are_refused() {
        let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for text in [
            "",
            "0",
            "not a cursor",
            "eyJ2IjoxfQ",
            &encode(r#"{"v":2,"received_at":"2026-05-01T12:00:00Z","key":"a"}"#),
            &encode(r#"{"v":1,"received_at":"yesterday","key":"a"}"#),
            &encode(r#"{"v":1,"received_at":"2026-05-01T12:00:00Z","key":"a","more":1}"#),
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text}");
        }
    }
}
