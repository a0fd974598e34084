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
    api::{self as use_cases, ApiPorts, ShowResult, VersionPolicy},
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

pub(crate) async fn show<P: ApiPorts>(
    State(api): State<Arc<Api<P>>>,
    SourceKey(key): SourceKey,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = match use_cases::show(&key, &api.ports).await? {
        ShowResult::Found(record) => record,
        ShowResult::Pending => {
            let detail = format!("'{key}' is uploaded, but not processed yet; try again");
            return Err(not_found(&key, detail).with_retry_after_s(POLL_AFTER_S));
        }
        ShowResult::NotFound => {
            return Err(not_found(&key, format!("there is no picture with the key '{key}'")));
        }
    };
    let etag = etag(&record, &api.rendition_urls, Timestamp::now());
    let status = record.status;
    let mut response = if if_none_match(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(for_clients(*record, &api).await?).into_response()
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

pub(crate) async fn list<P: ApiPorts>(
    State(api): State<Arc<Api<P>>>,
    QueryString(params): QueryString<ListParams>,
) -> Result<Json<Value>, Problem> {
    let page = use_cases::list(params.parse()?, api.ports.records()).await?;
    let mut records = Vec::with_capacity(page.records.len());
    for record in page.records {
        records.push(for_clients(record, &api).await?);
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

pub(crate) async fn delete<P: ApiPorts>(
    State(api): State<Arc<Api<P>>>,
    _: ManageScope,
    SourceKey(key): SourceKey,
    QueryString(params): QueryString<DeleteParams>,
) -> Result<StatusCode, Problem> {
    let versions = params.purge.map_or(Ok(VersionPolicy::Keep), |text| parse_purge(&text))?;
    use_cases::remove(&key, versions, Timestamp::now(), &api.ports).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_purge(text: &str) -> Result<VersionPolicy, Problem> {
    match text {
        "true" => Ok(VersionPolicy::Purge),
        "false" => Ok(VersionPolicy::Keep),
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
async fn for_clients<P: ApiPorts>(mut record: Record, api: &Api<P>) -> Result<Record, Problem> {
    record.failure = record.failure.map(FailureNote::redacted);
    for rendition in &mut record.renditions {
        rendition.url = Some(api.rendition_urls.url(&rendition.key, &api.ports).await?);
    }
    Ok(record)
}
