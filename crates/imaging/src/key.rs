//! Where a rendition is stored: a key that changes when, and only when, the bytes would.

use sha2::{Digest, Sha256};

use crate::{Format, RENDERER_VERSION, RenditionName, RenditionSpec};

/// S3's limit on a key.
const MAX_KEY_BYTES: usize = 1024;
/// Of the digest of content and recipe.
const DIGEST_DIGITS: usize = 10;
/// Of the hash that stands for what was cut off a long source key.
const HASH_DIGITS: usize = 16;
/// `/{name}-{digest}.{extension}`, with the longest name and extension.
const MAX_TAIL_BYTES: usize = 1 + 32 + 1 + DIGEST_DIGITS + 1 + 4;

/// The key of a rendition: `{source key}/{rendition name}-{digest}.{extension}`, never longer than
/// 1,024 bytes.
///
/// The digest is over the source's ETag, the spec and [`RENDERER_VERSION`]: the same inputs give
/// the same key, so a retry overwrites with itself, and a changed picture or spec gets a new key,
/// so nothing cached is ever stale. A source key too long for the rest to fit is cut at a character
/// and given a hash of the whole.
///
/// `spec` is to be [resolved](RenditionSpec::resolved): with
/// [`Encoding::Source`](crate::Encoding::Source) there would be no extension to give, and none is.
///
/// ```
/// # let spec: imaging::RenditionSpec = serde_json::from_str(r#"{"name": "thumbnail", "format": "webp"}"#).unwrap();
/// let key = imaging::rendition_key("2026/a cat.jpg", "\"9b2cf5\"", &spec);
/// assert!(key.starts_with("2026/a cat.jpg/thumbnail-") && key.ends_with(".webp"));
/// ```
pub fn rendition_key(source_key: &str, etag: &str, spec: &RenditionSpec) -> String {
    let facts = [etag.as_bytes(), &canonical(spec), &RENDERER_VERSION.to_be_bytes()];
    let digest = hex_digest(&facts, DIGEST_DIGITS);
    let mut tail = format!("/{}-{digest}", spec.name);
    if let Some(format) = explicit_format(spec) {
        tail.push('.');
        tail.push_str(format.extension());
    }
    with_tail(source_key, &tail)
}

/// What the keys of all renditions of a source begin with, whatever profile made them. Keys of
/// other pictures may begin with it, too: [`is_rendition_of`] tells them apart.
pub fn rendition_prefix(source_key: &str) -> String {
    if source_key.len() + MAX_TAIL_BYTES <= MAX_KEY_BYTES {
        return format!("{source_key}/");
    }
    let cut = MAX_KEY_BYTES - MAX_TAIL_BYTES - HASH_DIGITS - 1;
    source_key[..source_key.floor_char_boundary(cut)].to_owned()
}

/// Whether a [rendition of `source_key`](rendition_key), by some spec, has this key.
///
/// ```
/// use imaging::is_rendition_of;
/// assert!(is_rendition_of("a/medium-0123456789.webp", "a"));
/// assert!(!is_rendition_of("a/b/medium-0123456789.webp", "a"));
/// assert!(!is_rendition_of("a/notes.txt", "a"));
/// ```
pub fn is_rendition_of(key: &str, source_key: &str) -> bool {
    let Some(slash) = key.rfind('/') else { return false };
    let tail = &key[slash..];
    is_tail(tail) && key == with_tail(source_key, tail)
}

fn is_tail(tail: &str) -> bool {
    let parts = tail[1..].rsplit_once('.');
    let parts = parts.and_then(|(stem, extension)| Some((stem.rsplit_once('-')?, extension)));
    parts.is_some_and(|((name, digest), extension)| {
        RenditionName::try_from(name).is_ok()
            && digest.len() == DIGEST_DIGITS
            && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && Format::ALL.iter().any(|format| format.extension() == extension)
    })
}

fn with_tail(source_key: &str, tail: &str) -> String {
    if source_key.len() + tail.len() <= MAX_KEY_BYTES {
        return format!("{source_key}{tail}");
    }
    let hash = hex_digest(&[source_key.as_bytes()], HASH_DIGITS);
    let cut = source_key.floor_char_boundary(MAX_KEY_BYTES - tail.len() - hash.len() - 1);
    format!("{}-{hash}{tail}", &source_key[..cut])
}

/// The spec's JSON, in which every field is written out in a fixed order.
fn canonical(spec: &RenditionSpec) -> Vec<u8> {
    serde_json::to_vec(spec).expect("a spec is strings and numbers, which JSON always takes")
}

/// `None` where only the source's format would tell.
fn explicit_format(spec: &RenditionSpec) -> Option<Format> {
    let of_jpeg = spec.output_format(Format::Jpeg);
    (of_jpeg == spec.output_format(Format::Png)).then_some(of_jpeg)
}

/// The first `hex_len` hex digits of a SHA-256 over parts, each preceded by its length so that no
/// two lists of parts run together into the same bytes.
fn hex_digest(parts: &[&[u8]], hex_len: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut digest = hex::encode(hash.finalize());
    digest.truncate(hex_len);
    digest
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn spec(json: &str) -> RenditionSpec {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_key_is_pinned_so_that_it_does_not_change_by_accident() {
        let spec =
            spec(r#"{"name":"thumbnail","width":300,"height":300,"format":"webp","quality":80}"#);
        assert_eq!(
            rendition_key("a/b.jpg", "\"etag\"", &spec),
            "a/b.jpg/thumbnail-7356bf0d32.webp"
        );
    }

    #[test]
    fn etag_spec_and_source_each_change_the_key() {
        let a = spec(r#"{"name":"a","format":"webp"}"#);
        let b = spec(r#"{"name":"a","format":"webp","quality":81}"#);
        let keys = [
            rendition_key("k", "1", &a),
            rendition_key("k", "2", &a),
            rendition_key("k", "1", &b),
            rendition_key("l", "1", &a),
        ];
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
        assert_eq!(keys[0], rendition_key("k", "1", &a));
    }

    #[test]
    fn odd_source_keys_are_kept_as_they_are() {
        let spec = spec(r#"{"name":"a","format":"jpeg"}"#);
        for source_key in ["a b+c%20(1).jpg", "ü/日本語.png", "trailing/", "//", "x"] {
            let key = rendition_key(source_key, "e", &spec);
            assert!(key.strip_prefix(source_key).unwrap().starts_with("/a-"), "{key}");
        }
    }

    #[test]
    fn a_key_never_passes_1024_bytes_and_stays_distinct() {
        let spec = spec(&format!(r#"{{"name":"{}","format":"jpeg"}}"#, "n".repeat(32)));
        let tail = "/".len() + 32 + "-".len() + 10 + ".jpg".len();
        for unit in ["k", "ü", "日", "🎞"] {
            for byte_len in (MAX_KEY_BYTES - tail - 8)..=MAX_KEY_BYTES {
                let mut source_key = unit.repeat(byte_len / unit.len());
                source_key.push_str(&"x".repeat(byte_len - source_key.len()));
                let key = rendition_key(&source_key, "e", &spec);
                assert!(key.len() <= MAX_KEY_BYTES, "{} bytes", key.len());
                assert_eq!(key.starts_with(&source_key), byte_len + tail <= MAX_KEY_BYTES);
            }
        }
        let long = "k".repeat(1023);
        assert_ne!(
            rendition_key(&format!("{long}1"), "e", &spec),
            rendition_key(&format!("{long}2"), "e", &spec)
        );
    }

    #[test]
    fn every_rendition_is_recognised_under_its_prefix() {
        for name in ["a", "medium", &"n".repeat(32)] {
            for format in ["jpeg", "png", "webp"] {
                let spec = spec(&format!(r#"{{"name":"{name}","format":"{format}"}}"#));
                for len in [1, 900, 957, 958, 974, 975, 976, 990, 1000, 1023, 1024] {
                    for source in
                        ["k".repeat(len), format!("{}{}", "ü".repeat(len / 2), &"k"[..len % 2])]
                    {
                        let key = rendition_key(&source, "e", &spec);
                        assert!(key.starts_with(&rendition_prefix(&source)), "{key}");
                        assert!(is_rendition_of(&key, &source), "{key}");
                        let other = format!("{}x", &source[..source.floor_char_boundary(len - 1)]);
                        assert!(!is_rendition_of(&key, &other), "{key} is none of {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_lies_beside_a_rendition_is_none() {
        for key in [
            "a/b/medium-0123456789.webp",
            "a/medium-0123456789.webp/large-0123456789.webp",
            "ab/medium-0123456789.webp",
            "a/medium-012345678.webp",
            "a/medium-0123456789.txt",
            "a/Medium-0123456789.webp",
            "a/-0123456789.webp",
            "a/medium.webp",
            "a/",
            "a",
        ] {
            assert!(!is_rendition_of(key, "a"), "{key}");
        }
    }

    #[test]
    fn a_key_says_its_format() {
        for (format, extension) in [("jpeg", ".jpg"), ("png", ".png"), ("webp", ".webp")] {
            let spec = spec(&format!(r#"{{"name":"a","format":"{format}"}}"#));
            assert!(rendition_key("k", "e", &spec).ends_with(extension));
        }
    }
}
