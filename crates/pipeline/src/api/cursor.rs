//! Where a page ended.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{Record, Timestamp};

/// A place in the order of all records: newest first, and those of one moment by key.
///
/// It names the last record that was seen, not how many were: what arrives later comes before it
/// and moves nothing. It is text to its holder, grants nothing, and so is not signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The form of all this; another is refused.
    v: u8,
    /// When S3 had taken the last record's upload.
    pub received_at: Timestamp,
    /// Its key.
    pub key: String,
}

const VERSION: u8 = 1;

/// What was given as a cursor is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that a list has answered with")]
pub struct UnknownCursor;

impl Cursor {
    /// The place of that record.
    pub fn at(record: &Record) -> Self {
        Self { v: VERSION, received_at: record.received_at, key: record.key.clone() }
    }

    /// Whether `record` comes after this place.
    pub fn precedes(&self, record: &Record) -> bool {
        (record.received_at, self.key.as_str()) < (self.received_at, record.key.as_str())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Cursor {
    type Err = UnknownCursor;

    fn from_str(text: &str) -> Result<Self, UnknownCursor> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| UnknownCursor)?;
        let cursor: Self = serde_json::from_slice(&json).map_err(|_| UnknownCursor)?;
        if cursor.v == VERSION { Ok(cursor) } else { Err(UnknownCursor) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_text_that_reads_back() {
        let received_at = "2026-05-01T12:00:00.5Z".parse().unwrap();
        let cursor = Cursor { v: VERSION, received_at, key: "ü/a b+%.jpg".to_owned() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let of = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for text in [
            "",
            "0",
            "not a cursor",
            "eyJ2IjoxfQ",
            &of(r#"{"v":2,"received_at":"2026-05-01T12:00:00Z","key":"a"}"#),
            &of(r#"{"v":1,"received_at":"yesterday","key":"a"}"#),
            &of(r#"{"v":1,"received_at":"2026-05-01T12:00:00Z","key":"a","more":1}"#),
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(UnknownCursor), "{text}");
        }
    }
}
