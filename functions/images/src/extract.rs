//! Extractors for the parts of a request. What cannot be read is answered with a [`Problem`].

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Query, Request,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
};
use percent_encoding::percent_decode_str;
use pipeline::{KeyError, MAX_KEY_BYTES, check_key, is_blank_key};
use serde::de::DeserializeOwned;

use crate::Problem;

/// The longest body that is read, in bytes.
// The longest valid field is a key of 1,024 bytes: 6 KB if each character is escaped in JSON.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;

/// The body, parsed as JSON.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(error) => Err(body_problem(&error)),
        }
    }
}

fn body_problem(error: &JsonRejection) -> Problem {
    let cause = cause_with_path(error);
    match error {
        JsonRejection::JsonDataError(_) => Problem::bad_request(format!("the body is invalid: {cause}")),
        JsonRejection::JsonSyntaxError(_) => Problem::bad_request(format!("the body is not JSON: {cause}")),
        JsonRejection::MissingJsonContentType(_) => {
            Problem::bad_request("the body must be JSON, with Content-Type: application/json")
                .with_member("field", "content-type")
                .with_member("limit", "application/json")
        }
        _ if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::bad_request(format!("the body is longer than {MAX_BODY_BYTES} bytes"))
                .with_member("limit", MAX_BODY_BYTES)
        }
        _ => Problem::bad_request(format!("the body cannot be read: {cause}")),
    }
}

/// serde's message, which names the field, with the path to the field if there is one.
fn cause_with_path(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    // axum's source adds the path to serde's message.
    let with_path = error.source().map(ToString::to_string).unwrap_or_default();
    let cause = innermost.to_string();
    if with_path.contains(&cause) { with_path } else { cause }
}

/// The query string, parsed.
pub(crate) struct QueryString<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryString<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(error) => Err(query_problem(&error)),
        }
    }
}

fn query_problem(error: &QueryRejection) -> Problem {
    Problem::bad_request(format!("the query is invalid: {}", cause_with_path(error)))
}

/// The source key in the path after `/images/`, percent-decoded once and checked.
pub(crate) struct SourceKey(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for SourceKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let encoded = parts.uri.path().strip_prefix("/images/").unwrap_or_default();
        let key = percent_decode_str(encoded).decode_utf8();
        let key = key.map_err(|_| Problem::bad_request("the key is not UTF-8").with_member("field", "key"))?;
        check_source_key(key.into_owned()).map(Self)
    }
}

/// Returns the key if it is a valid source key, and a 400 otherwise.
pub(crate) fn check_source_key(key: String) -> Result<String, Problem> {
    let Err(error) = check_key(&key) else {
        if is_blank_key(&key) {
            let detail = "the key has only white space: the AWS SDK cannot send it to S3".to_owned();
            return Err(Problem::invalid_field("key", detail, "a key that is not only white space".into(), key.into()));
        }
        return Ok(key);
    };
    let (limit, value) = match error {
        KeyError::ByteLen(byte_len) => (MAX_KEY_BYTES.into(), byte_len.into()),
        KeyError::Control(found) => {
            let code = format!("U+{:04X}", u32::from(found));
            ("no control characters".into(), code.into())
        }
    };
    Err(Problem::invalid_field("key", format!("the key {error}"), limit, value))
}
