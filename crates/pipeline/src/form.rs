//! Keys as forms encode them: `+` for a space, `%2B` for a plus.

use percent_encoding::percent_decode_str;

/// What `key` stands for if it is form-encoded; none if it would stand for itself, or for no text.
pub(crate) fn form_decoded(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    (decoded != key).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encoded_is_decoded() {
        for (key, expected) in [
            ("uploads/cat.jpg", None),
            ("a b.jpg", None),
            ("日本.jpg", None),
            ("100%.jpg", None),
            ("%FF.jpg", None),
            ("a+b.jpg", Some("a b.jpg")),
            ("a%2Bb.jpg", Some("a+b.jpg")),
            ("a+%25+b%2Fc.jpg", Some("a % b/c.jpg")),
            ("%E6%97%A5.jpg", Some("日.jpg")),
        ] {
            assert_eq!(form_decoded(key).as_deref(), expected, "{key}");
        }
    }
}
