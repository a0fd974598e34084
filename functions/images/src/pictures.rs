//! `/images`: how pictures are, which there are, and their removal.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use pipeline::{
    FailureNote, Record, Status, Timestamp,
    api::{self, ListQuery, MAX_LIMIT, Shown, Versions},
    ports::{Archive, Urls},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Api, Problem,
    api::Links,
    caller::Manager,
    extract::{QueryString, SourceKey},
};

const DEFAULT_LIMIT: usize = 20;
/// When it is worth asking again for what is still under way, in seconds.
const SOON_S: u32 = 1;
/// Half of the hour for which links are signed: whoever is told that nothing has changed can use
/// those that he has for another half.
const LINKS_RENEWED_S: i64 = 30 * 60;

pub(crate) async fn show<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    SourceKey(key): SourceKey,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = |detail| Problem::new(StatusCode::NOT_FOUND, detail).with("key", key.as_str());
    let record = match api::show(&key, api.archive.records(), api.archive.sources()).await? {
        Shown::Known(record) => record,
        Shown::Arriving => {
            let detail = format!("'{key}' was uploaded, and is not processed yet; try again");
            return Err(unknown(detail).retry_after_s(SOON_S));
        }
        Shown::Unknown => return Err(unknown(format!("no picture is known by '{key}'"))),
    };
    let etag = etag(&record, api.links, Timestamp::now());
    let status = record.status;
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(public(*record, api.archive.urls()).await?).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(etag) = etag.parse() {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private, no-cache"));
    if status == Status::Processing {
        headers.insert(header::RETRY_AFTER, SOON_S.into());
    }
    Ok(response)
}

/// The query of a list, as it was asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    status: Option<String>,
    after: Option<String>,
    before: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

pub(crate) async fn list<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    QueryString(asked): QueryString<Asked>,
) -> Result<Json<Value>, Problem> {
    let page = api::list(asked.query()?, api.archive.records()).await?;
    let mut records = Vec::with_capacity(page.records.len());
    for record in page.records {
        records.push(public(record, api.archive.urls()).await?);
    }
    let mut body = json!({"images": records});
    if let Some(cursor) = page.cursor {
        body["cursor"] = cursor.to_string().into();
    }
    Ok(Json(body))
}

/// The query of a removal, as it was asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removing {
    purge: Option<String>,
}

pub(crate) async fn remove<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    _: Manager,
    SourceKey(key): SourceKey,
    QueryString(asked): QueryString<Removing>,
) -> Result<StatusCode, Problem> {
    let versions = asked.purge.map_or(Ok(Versions::Keep), |text| versions(&text))?;
    let Api { archive, .. } = &*api;
    let (records, sources, renditions) =
        (archive.records(), archive.sources(), archive.renditions());
    api::remove(&key, versions, Timestamp::now(), records, sources, renditions).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn versions(purge: &str) -> Result<Versions, Problem> {
    match purge {
        "true" => Ok(Versions::Purge),
        "false" => Ok(Versions::Keep),
        _ => {
            let detail = format!("purge '{purge}' is neither true nor false");
            Err(Problem::bad_field("purge", detail, json!(["true", "false"]), purge.into()))
        }
    }
}

impl Asked {
    fn query(self) -> Result<ListQuery, Problem> {
        Ok(ListQuery {
            status: self.status.map(|text| status(&text)).transpose()?,
            after: self.after.map(|text| time("after", &text)).transpose()?,
            before: self.before.map(|text| time("before", &text)).transpose()?,
            limit: self.limit.map_or(Ok(DEFAULT_LIMIT), |text| limit(&text))?,
            cursor: self.cursor.map(|text| cursor(&text)).transpose()?,
        })
    }
}

fn status(text: &str) -> Result<Status, Problem> {
    let known = Status::ALL.iter().find(|status| status.as_str() == text);
    known.copied().ok_or_else(|| {
        let limit = Status::ALL.map(Status::as_str);
        let detail = format!("the status '{text}' is none of {}", limit.join(", "));
        Problem::bad_field("status", detail, json!(limit), text.into())
    })
}

fn time(field: &str, text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|error| {
        let detail = format!("{field} '{text}' is no RFC 3339 time: {error}");
        Problem::bad_field(field, detail, "2026-05-01T12:00:00Z".into(), text.into())
    })
}

fn limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        let detail = format!("the limit '{text}' is not from 1 to {MAX_LIMIT}");
        Problem::bad_field("limit", detail, MAX_LIMIT.into(), text.into())
    })
}

fn cursor(text: &str) -> Result<api::Cursor, Problem> {
    text.parse().map_err(|error: api::UnknownCursor| {
        let limit = "the cursor of an earlier answer";
        Problem::bad_field("cursor", error.to_string(), limit.into(), text.into())
    })
}

/// The record for callers: each rendition with its link, and a failure without the execution's own message.
async fn public(mut record: Record, urls: &impl Urls) -> Result<Record, Problem> {
    record.failure = record.failure.map(FailureNote::public);
    for rendition in &mut record.renditions {
        rendition.url = Some(urls.get(&rendition.key).await?);
    }
    Ok(record)
}

/// Of the record, not of the answer: signed links differ from answer to answer.
fn etag(record: &Record, links: Links, now: Timestamp) -> String {
    let mut hash = Sha256::new();
    hash.update(json!(record).to_string());
    if links == Links::Signed {
        hash.update((now.unix_seconds() / LINKS_RENEWED_S).to_be_bytes());
    }
    format!("W/\"{}\"", &hex::encode(hash.finalize())[..32])
}

/// Whether the caller has it already; compared weakly, as RFC 9110 says for `If-None-Match`.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let given =
        headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut given = given.flat_map(|list| list.split(',')).map(str::trim);
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    given.any(|tag| tag == "*" || opaque(tag) == opaque(etag))
}
