//! What a request says, or a problem that says what is wrong with it.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Query, Request,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
};
use percent_encoding::percent_decode_str;
use pipeline::{KeyError, MAX_KEY_BYTES, check_key};
use serde::de::DeserializeOwned;

use crate::Problem;

/// A body that is JSON.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

fn unreadable(rejection: &JsonRejection) -> Problem {
    let why = reason(rejection);
    match rejection {
        JsonRejection::JsonDataError(_) => {
            Problem::bad_request(format!("the body is not as it should be: {why}"))
        }
        JsonRejection::JsonSyntaxError(_) => {
            Problem::bad_request(format!("the body is not JSON: {why}"))
        }
        JsonRejection::MissingJsonContentType(_) => {
            Problem::bad_request("the body must be JSON, with Content-Type: application/json")
                .with("field", "content-type")
                .with("limit", "application/json")
        }
        _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::bad_request("the body is longer than 16384 bytes").with("limit", 16_384)
        }
        _ => Problem::bad_request(format!("the body cannot be read: {why}")),
    }
}

/// The innermost cause: serde's word for it, which names the field.
fn reason(rejection: &dyn std::error::Error) -> String {
    let mut innermost = rejection;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    // The outer ones name the field's path, where there is one.
    let path = rejection.source().map(ToString::to_string).unwrap_or_default();
    let said = innermost.to_string();
    if path.contains(&said) { path } else { said }
}

/// The query string.
pub(crate) struct QueryString<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryString<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(misasked(&rejection)),
        }
    }
}

fn misasked(rejection: &QueryRejection) -> Problem {
    Problem::bad_request(format!("the query is not as it should be: {}", reason(rejection)))
}

/// The source key after `/images/`, decoded once.
pub(crate) struct SourceKey(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for SourceKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let encoded = parts.uri.path().strip_prefix("/images/").unwrap_or_default();
        let key = percent_decode_str(encoded).decode_utf8();
        let key =
            key.map_err(|_| Problem::bad_request("the key is not UTF-8").with("field", "key"))?;
        source_key(key.into_owned()).map(Self)
    }
}

/// A key that [the API takes](check_key).
pub(crate) fn source_key(key: String) -> Result<String, Problem> {
    let Err(error) = check_key(&key) else { return Ok(key) };
    let (limit, value) = match error {
        KeyError::ByteLen(byte_len) => (MAX_KEY_BYTES.into(), byte_len.into()),
        KeyError::Control(found) => {
            let code = format!("U+{:04X}", u32::from(found));
            ("no control characters".into(), code.into())
        }
    };
    Err(Problem::bad_field("key", format!("the key {error}"), limit, value))
}
