//! `/images`: shows one picture's record, lists records, and deletes a picture.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pipeline::{
    FailureNote, Record, Status, Timestamp,
    api::{self as use_cases, Shown, Versions},
    ports::{Archive, Urls},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Api, Problem,
    etag::{etag, if_none_match},
    extract::{QueryString, SourceKey},
    list_params::ListParams,
    scope::ManageScope,
};

/// `Retry-After` in seconds for a picture that has no outcome yet.
const POLL_AFTER_S: u32 = 1;

pub(crate) async fn show<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    SourceKey(key): SourceKey,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = match use_cases::show(&key, api.archive.records(), api.archive.sources()).await? {
        Shown::Known(record) => record,
        Shown::Arriving => {
            let detail = format!("'{key}' is uploaded, but not processed yet; try again");
            return Err(not_found(&key, detail).with_retry_after_s(POLL_AFTER_S));
        }
        Shown::Unknown => {
            return Err(not_found(&key, format!("there is no picture with the key '{key}'")));
        }
    };
    let etag = etag(&record, api.rendition_urls, Timestamp::now());
    let status = record.status;
    let mut response = if if_none_match(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(for_clients(*record, api.archive.urls()).await?).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(etag) = etag.parse() {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if status == Status::Processing {
        headers.insert(header::RETRY_AFTER, POLL_AFTER_S.into());
    }
    Ok(response)
}

pub(crate) async fn list<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    QueryString(params): QueryString<ListParams>,
) -> Result<Json<Value>, Problem> {
    let page = use_cases::list(params.parse()?, api.archive.records()).await?;
    let mut records = Vec::with_capacity(page.records.len());
    for record in page.records {
        records.push(for_clients(record, api.archive.urls()).await?);
    }
    let mut body = json!({"images": records});
    if let Some(cursor) = page.cursor {
        body["cursor"] = cursor.to_string().into();
    }
    Ok(Json(body))
}

/// Query parameters of `DELETE /images/{key}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteParams {
    purge: Option<String>,
}

pub(crate) async fn delete<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    _: ManageScope,
    SourceKey(key): SourceKey,
    QueryString(params): QueryString<DeleteParams>,
) -> Result<StatusCode, Problem> {
    let versions = params.purge.map_or(Ok(Versions::Keep), |text| parse_purge(&text))?;
    let Api { archive, .. } = &*api;
    let (records, sources, renditions) =
        (archive.records(), archive.sources(), archive.renditions());
    use_cases::remove(&key, versions, Timestamp::now(), records, sources, renditions).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_purge(text: &str) -> Result<Versions, Problem> {
    match text {
        "true" => Ok(Versions::Purge),
        "false" => Ok(Versions::Keep),
        _ => {
            let detail = format!("purge '{text}' is neither true nor false");
            Err(Problem::invalid_field("purge", detail, json!(["true", "false"]), text.into()))
        }
    }
}

fn not_found(key: &str, detail: String) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, detail).with_member("key", key)
}

/// Adds a URL to each rendition, and replaces a failure's cause, which can name roles and accounts.
async fn for_clients(mut record: Record, urls: &impl Urls) -> Result<Record, Problem> {
    record.failure = record.failure.map(FailureNote::public);
    for rendition in &mut record.renditions {
        rendition.url = Some(urls.get(&rendition.key).await?);
    }
    Ok(record)
}
