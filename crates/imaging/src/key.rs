//! The key under which a rendition is stored. It changes if the rendition's bytes can change, and only then.

use sha2::{Digest, Sha256};

use crate::{Format, RENDERER_VERSION, RenditionName, ResolvedSpec};

/// S3's limit for a key.
const MAX_KEY_BYTES: usize = 1024;
/// Hex digits of the digest of the source's version and the spec.
const DIGEST_DIGITS: usize = 10;
/// Hex digits of the hash of a source key that is too long and is cut.
const HASH_DIGITS: usize = 16;
/// `/{name}-{digest}.{extension}`, with the longest name and the longest extension.
const MAX_TAIL_BYTES: usize = 1 + 32 + 1 + DIGEST_DIGITS + 1 + 4;
/// `-{hash}`, which follows the digest if the source key is cut.
const HASH_BYTES: usize = 1 + HASH_DIGITS;

/// The key of a rendition: `{source key}/{rendition name}-{digest}.{extension}`, at most 1,024 bytes.
///
/// The digest is over the source's ETag and version, the spec and [`RENDERER_VERSION`]. The same inputs give the same
/// key, so a retry overwrites its own rendition. A changed picture or spec gives a new key, so caches never serve a
/// stale rendition. If the bucket has no versions, only the ETag identifies the content. An ETag is an MD5, and two
/// pictures can be constructed that have the same one.
///
/// A source key that is too long is cut at a character, and a hash of the whole key follows the digest:
/// `{cut}/{name}-{digest}-{hash}.{extension}`. No other source key has such renditions: their keys end with a digest,
/// which is shorter than a hash.
///
/// ```
/// # let spec: imaging::ResolvedSpec = serde_json::from_str(r#"{"name": "thumbnail", "format": "webp"}"#).unwrap();
/// let key = imaging::rendition_key("2026/a cat.jpg", "9b2cf5", Some("3HL4k"), &spec);
/// assert!(key.starts_with("2026/a cat.jpg/thumbnail-") && key.ends_with(".webp"));
/// ```
pub fn rendition_key(source_key: &str, etag: &str, version_id: Option<&str>, spec: &ResolvedSpec) -> String {
    let (spec_json, renderer) = (canonical_json(spec), RENDERER_VERSION.to_be_bytes());
    let parts = [Some(etag.as_bytes()), Some(&spec_json), Some(&renderer), version_id.map(str::as_bytes)];
    let parts: Vec<&[u8]> = parts.into_iter().flatten().collect();
    let digest = hex_digest(&parts, DIGEST_DIGITS);
    join_key(source_key, spec.name().as_str(), &digest, spec.encoding().format().extension())
}

/// The common prefix of the keys of all renditions of a source, from any profile.
///
/// Keys of other pictures can have the same prefix: check them with [`is_rendition_of`].
pub fn rendition_prefix(source_key: &str) -> String {
    if source_key.len() + MAX_TAIL_BYTES <= MAX_KEY_BYTES {
        return format!("{source_key}/");
    }
    let cut = MAX_KEY_BYTES - MAX_TAIL_BYTES - HASH_BYTES;
    let cut = &source_key[..source_key.floor_char_boundary(cut)];
    // The listing of a prefix that ends with a slash stops at the next slash, and these keys can have more slashes.
    cut.trim_end_matches('/').to_owned()
}

/// Whether `key` can be the key of a [rendition of `source_key`](rendition_key), by any spec.
///
/// ```
/// use imaging::is_rendition_of;
/// assert!(is_rendition_of("a/medium-0123456789.webp", "a"));
/// assert!(!is_rendition_of("a/b/medium-0123456789.webp", "a"));
/// assert!(!is_rendition_of("a/notes.txt", "a"));
/// ```
pub fn is_rendition_of(key: &str, source_key: &str) -> bool {
    let Some((_, tail)) = key.rsplit_once('/') else { return false };
    KeyTail::parse(tail)
        .is_some_and(|KeyTail { name, digest, extension }| key == join_key(source_key, name, digest, extension))
}

/// The parts of a rendition's key after the source key.
struct KeyTail<'a> {
    name: &'a str,
    digest: &'a str,
    extension: &'a str,
}

impl<'a> KeyTail<'a> {
    fn parse(tail: &'a str) -> Option<Self> {
        let is_hex = |text: &str, len: usize| {
            text.len() == len && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let (stem, extension) = tail.rsplit_once('.')?;
        // A hash follows the digest if the source key was cut. It has more digits than a digest.
        let (before, last) = stem.rsplit_once('-')?;
        let stem = if is_hex(last, HASH_DIGITS) { before } else { stem };
        let (name, digest) = stem.rsplit_once('-')?;
        let is_valid = RenditionName::try_from(name).is_ok()
            && is_hex(digest, DIGEST_DIGITS)
            && Format::ALL.iter().any(|format| format.extension() == extension);
        is_valid.then_some(KeyTail { name, digest, extension })
    }
}

fn join_key(source_key: &str, name: &str, digest: &str, extension: &str) -> String {
    let tail = format!("/{name}-{digest}");
    // The dot and the extension.
    let extension_bytes = 1 + extension.len();
    if source_key.len() + tail.len() + extension_bytes <= MAX_KEY_BYTES {
        return format!("{source_key}{tail}.{extension}");
    }
    let hash = hex_digest(&[source_key.as_bytes()], HASH_DIGITS);
    let room = MAX_KEY_BYTES - tail.len() - HASH_BYTES - extension_bytes;
    let cut = &source_key[..source_key.floor_char_boundary(room)];
    format!("{cut}{tail}-{hash}.{extension}")
}

/// The spec's JSON. All fields that are present are in a fixed order.
fn canonical_json(spec: &ResolvedSpec) -> Vec<u8> {
    serde_json::to_vec(spec).expect("a spec has only strings, numbers and flags")
}

/// The first `hex_len` hex digits of a SHA-256 over the parts.
///
/// Each part is preceded by its length. Otherwise, different lists of parts could give the same bytes.
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

    fn spec(json: &str) -> ResolvedSpec {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_key_does_not_change_by_accident() {
        let spec = spec(r#"{"name":"thumbnail","width":300,"height":300,"format":"webp","quality":80}"#);
        assert_eq!(rendition_key("a/b.jpg", "\"etag\"", None, &spec), "a/b.jpg/thumbnail-fe275c1663.webp");
    }

    #[test]
    fn every_kind_of_spec_keeps_its_key() {
        let cases = [
            (r#""fit":"cover","width":300,"height":200,"format":"jpeg""#, "a-71472a3935.jpg"),
            (r#""format":"jpeg","progressive":true"#, "a-72964fa1d3.jpg"),
            (r#""format":"png""#, "a-c60d991cad.png"),
            (r#""width":150,"format":"webp","method":2,"animated":true"#, "a-3bee969111.webp"),
            (r#""format":"webp","lossless":true"#, "a-306ee787b5.webp"),
            (r#""height":9,"format":"avif","speed":6"#, "a-31f9ae5033.avif"),
        ];
        for (fields, expected) in cases {
            let spec = spec(&format!(r#"{{"name":"a",{fields}}}"#));
            let key = rendition_key("k", "\"etag\"", Some("v1"), &spec);
            assert_eq!(key, format!("k/{expected}"), "{fields}");
        }
    }

    #[test]
    fn a_resolved_source_format_has_the_key_of_the_explicit_format() {
        let by_source = serde_json::from_str(r#"{"name":"a","format":"source"}"#).unwrap();
        let by_source = ResolvedSpec::new(by_source, Format::Jpeg);
        let key = rendition_key("k", "\"etag\"", Some("v1"), &by_source);
        assert_eq!(key, "k/a-185bf63c2d.jpg");
        assert_eq!(rendition_key("k", "\"etag\"", Some("v1"), &spec(r#"{"name":"a","format":"jpeg"}"#)), key);
    }

    #[test]
    fn two_versions_with_the_same_etag_have_different_keys() {
        let spec = spec(r#"{"name":"a","format":"webp"}"#);
        let keys = [None, Some("v1"), Some("v2")].map(|id| rendition_key("k", "e", id, &spec));
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }

    #[test]
    fn etag_spec_and_source_each_change_the_key() {
        let a = spec(r#"{"name":"a","format":"webp"}"#);
        let b = spec(r#"{"name":"a","format":"webp","quality":81}"#);
        let keys = [
            rendition_key("k", "1", None, &a),
            rendition_key("k", "2", None, &a),
            rendition_key("k", "1", None, &b),
            rendition_key("l", "1", None, &a),
        ];
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
        assert_eq!(keys[0], rendition_key("k", "1", None, &a));
    }

    #[test]
    fn unusual_source_keys_are_not_changed() {
        let spec = spec(r#"{"name":"a","format":"jpeg"}"#);
        for source_key in ["a b+c%20(1).jpg", "ü/日本語.png", "trailing/", "//", "x"] {
            let key = rendition_key(source_key, "e", None, &spec);
            assert!(key.strip_prefix(source_key).unwrap().starts_with("/a-"), "{key}");
        }
    }

    #[test]
    fn a_key_has_at_most_1024_bytes_and_stays_unique() {
        let spec = spec(&format!(r#"{{"name":"{}","format":"jpeg"}}"#, "n".repeat(32)));
        let tail = "/".len() + 32 + "-".len() + 10 + ".jpg".len();
        for unit in ["k", "ü", "日", "🎞"] {
            for byte_len in (MAX_KEY_BYTES - tail - 8)..=MAX_KEY_BYTES {
                let mut source_key = unit.repeat(byte_len / unit.len());
                source_key.push_str(&"x".repeat(byte_len - source_key.len()));
                let key = rendition_key(&source_key, "e", None, &spec);
                assert!(key.len() <= MAX_KEY_BYTES, "{} bytes", key.len());
                assert_eq!(key.starts_with(&source_key), byte_len + tail <= MAX_KEY_BYTES);
            }
        }
        let long = "k".repeat(1023);
        assert_ne!(
            rendition_key(&format!("{long}1"), "e", None, &spec),
            rendition_key(&format!("{long}2"), "e", None, &spec)
        );
    }

    #[test]
    fn no_other_source_has_the_renditions_of_a_source_whose_key_was_cut() {
        let spec = spec(r#"{"name":"thumbnail","format":"webp"}"#);
        for unit in ["k", "ü", "a/"] {
            let long = unit.repeat(1024 / unit.len());
            let of_long = rendition_key(&long, "e", None, &spec);
            assert!(!of_long.starts_with(&long) && is_rendition_of(&of_long, &long));
            // Any text before a slash can be the key of another upload.
            for (slash, _) in of_long.match_indices('/') {
                let other = &of_long[..slash];
                assert_ne!(rendition_key(other, "e", None, &spec), of_long);
                assert!(!is_rendition_of(&of_long, other), "{of_long} was taken for a rendition of {other}");
            }
            // An earlier version cut keys like this. A rendition's name could end with the same hash.
            let forged = format!("{}-0123456789abcdef", &long[..long.floor_char_boundary(900)]);
            assert!(rendition_key(&forged, "e", None, &spec).starts_with(&format!("{forged}/")));
            assert!(!is_rendition_of(&rendition_key(&forged, "e", None, &spec), &long));
        }
    }

    #[test]
    fn the_prefix_of_a_cut_key_does_not_end_with_a_slash() {
        for source_key in ["a/".repeat(512), "/".repeat(1024)] {
            let prefix = rendition_prefix(&source_key);
            assert!(!prefix.ends_with('/') && source_key.starts_with(&prefix), "{prefix}");
        }
        assert_eq!(rendition_prefix("a/"), "a//");
    }

    #[test]
    fn a_name_may_end_like_a_digest() {
        let spec = spec(r#"{"name":"a-0123456789abcdef","format":"webp"}"#);
        let key = rendition_key("cat.jpg", "e", None, &spec);
        assert!(is_rendition_of(&key, "cat.jpg"), "{key}");
    }

    #[test]
    fn every_rendition_is_recognised_under_its_prefix() {
        for name in ["a", "medium", &"n".repeat(32)] {
            for format in ["jpeg", "png", "webp"] {
                let spec = spec(&format!(r#"{{"name":"{name}","format":"{format}"}}"#));
                for len in [1, 900, 957, 958, 974, 975, 976, 990, 1000, 1023, 1024] {
                    for source in ["k".repeat(len), format!("{}{}", "ü".repeat(len / 2), &"k"[..len % 2])] {
                        let key = rendition_key(&source, "e", None, &spec);
                        assert!(key.starts_with(&rendition_prefix(&source)), "{key}");
                        assert!(is_rendition_of(&key, &source), "{key}");
                        let other = format!("{}x", &source[..source.floor_char_boundary(len - 1)]);
                        assert!(!is_rendition_of(&key, &other), "{key} was taken for a rendition of {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn other_keys_are_not_renditions() {
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
    fn a_key_ends_with_the_extension_of_its_format() {
        for (format, extension) in [("jpeg", ".jpg"), ("png", ".png"), ("webp", ".webp")] {
            let spec = spec(&format!(r#"{{"name":"a","format":"{format}"}}"#));
            assert!(rendition_key("k", "e", None, &spec).ends_with(extension));
        }
    }
}
