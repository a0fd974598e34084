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

/// Whether a key has only white space.
///
/// The AWS SDK for Rust takes such a key for a missing one, and sends no request. So a source with such a key cannot be
/// read. S3 itself accepts it.
pub fn is_blank_key(key: &str) -> bool {
    key.trim().is_empty()
}

/// Whether an object only makes a folder visible: it is empty, and its key ends like a marker of the S3 console (`/`)
/// or of Hadoop (`_$folder$`).
///
/// An object with content is a picture, whatever its key. The rule `UploadArrived` leaves out the same objects.
pub(crate) fn is_folder_marker(key: &str, byte_len: u64) -> bool {
    byte_len == 0 && (key.ends_with('/') || key.ends_with("_$folder$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_is_blank() {
        for (key, expected) in
            [(" ", true), ("\n\t\u{a0}\u{3000}", true), ("a ", false), ("\u{200b}", false), ("/", false)]
        {
            assert_eq!(is_blank_key(key), expected, "{key:?}");
        }
    }

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
