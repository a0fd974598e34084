//! ETags of records, so that polling clients can send `If-None-Match`.

use axum::http::{HeaderMap, header};
use pipeline::{Record, Timestamp, api::RenditionUrls};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Seconds for which an ETag is stable although the record does not change.
///
/// Presigned URLs expire after an hour. With a new ETag each half hour, a client that gets 304 has URLs that are valid
/// for at least another half hour.
const PRESIGNED_ETAG_S: i64 = 30 * 60;

/// The ETag of a record at a time. It is weak, because presigned URLs differ in each response.
pub(crate) fn etag(record: &Record, urls: &RenditionUrls, now: Timestamp) -> String {
    let mut hash = Sha256::new();
    hash.update(json!(record).to_string());
    if *urls == RenditionUrls::Presigned {
        hash.update((now.unix_seconds() / PRESIGNED_ETAG_S).to_be_bytes());
    }
    // 128 bits of the hash distinguish all states of a record.
    format!("W/\"{}\"", &hex::encode(hash.finalize())[..32])
}

/// Whether an `If-None-Match` header contains `etag`. RFC 9110 prescribes the weak comparison.
pub(crate) fn if_none_match(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|list| list.split(',')).map(str::trim);
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    tags.any(|tag| tag == "*" || opaque(tag) == opaque(etag))
}
