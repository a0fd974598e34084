//! Which source keys the API and the command line accept.

/// S3's limit on a key, in bytes.
pub const MAX_KEY_BYTES: usize = 1024;

/// Why a text cannot be a source key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is empty, or longer than S3 allows.
    #[error("has {0} bytes, not 1 to {MAX_KEY_BYTES}")]
    ByteLen(usize),
    /// S3 lists keys in XML 1.0, which cannot contain this character.
    #[error("has the control character U+{:04X}: S3 cannot list such keys", u32::from(*.0))]
    Control(char),
}

/// Checks a key or a part of one.
///
/// # Errors
/// The first problem of the key.
pub fn check_key(key: &str) -> Result<(), KeyError> {
    if !(1..=MAX_KEY_BYTES).contains(&key.len()) {
        return Err(KeyError::ByteLen(key.len()));
    }
    // U+FFFE and U+FFFF are not control characters, but XML does not allow them either.
    match key.chars().find(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        Some(found) => Err(KeyError::Control(found)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_accepted_if_s3_can_store_and_list_it() {
        let longest = "k".repeat(MAX_KEY_BYTES);
        for (key, expected) in [
            ("uploads/a b+%.jpg", Ok(())),
            ("ü/日本/../\u{202e}x", Ok(())),
            (&longest, Ok(())),
            ("", Err(KeyError::ByteLen(0))),
            (&format!("{longest}k"), Err(KeyError::ByteLen(1025))),
            ("a\nb", Err(KeyError::Control('\n'))),
            ("a\u{7f}", Err(KeyError::Control('\u{7f}'))),
            ("a\u{9b}", Err(KeyError::Control('\u{9b}'))),
            ("a\u{fffe}", Err(KeyError::Control('\u{fffe}'))),
            ("a\u{ffff}", Err(KeyError::Control('\u{ffff}'))),
        ] {
            assert_eq!(check_key(key), expected, "{key:?}");
        }
    }
}
