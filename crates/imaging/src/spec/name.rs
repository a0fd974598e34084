//! The name of a rendition.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A rendition's name: `[a-z0-9][a-z0-9-]{0,31}`. It is readable in a key, and a URL needs no escapes for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RenditionName(String);

impl RenditionName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a rendition's name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("rendition name {found:?} is not 1–32 of a-z, 0-9 and -, starting with a letter or digit")]
pub struct InvalidRenditionName {
    /// The text.
    pub found: String,
}

impl TryFrom<String> for RenditionName {
    type Error = InvalidRenditionName;

    fn try_from(found: String) -> Result<Self, InvalidRenditionName> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&found.len()) && found.bytes().all(allowed) && !found.starts_with('-') {
            Ok(RenditionName(found))
        } else {
            Err(InvalidRenditionName { found })
        }
    }
}

impl TryFrom<&str> for RenditionName {
    type Error = InvalidRenditionName;

    fn try_from(found: &str) -> Result<Self, InvalidRenditionName> {
        RenditionName::try_from(found.to_owned())
    }
}

impl From<RenditionName> for String {
    fn from(name: RenditionName) -> String {
        name.0
    }
}

impl fmt::Display for RenditionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_32_characters() {
        assert!(RenditionName::try_from("").is_err());
        assert!(RenditionName::try_from("a".repeat(32)).is_ok());
        assert!(RenditionName::try_from("a".repeat(33)).is_err());
    }
}
