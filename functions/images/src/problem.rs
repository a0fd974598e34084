//! Problem details for HTTP APIs (RFC 9457): the body of every error response.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pipeline::{Failure, api::FieldError};
use serde_json::{Map, Value, json};

/// `Retry-After` in seconds when an AWS service is unavailable.
const UNAVAILABLE_RETRY_AFTER_S: u32 = 1;

/// An error response: what is wrong with the request and what is allowed, or that the failure is on our side.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    members: Map<String, Value>,
    retry_after_s: Option<u32>,
}

/// The JSON body of a problem, kept as an extension of the response so that the request's ID can be added.
#[derive(Debug, Clone)]
pub(crate) struct ProblemBody(pub(crate) Value);

impl Problem {
    /// Creates a problem with an HTTP status and an explanation. The title is the status's reason phrase.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let problem = Self { status, members: Map::new(), retry_after_s: None };
        problem
            .with_member("type", "about:blank")
            .with_member("title", status.canonical_reason())
            .with_member("status", status.as_u16())
            .with_member("detail", detail.into())
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Creates a 400 for one invalid field: `limit` is what is allowed, `value` what the request has.
    pub(crate) fn invalid_field(field: &str, detail: String, limit: Value, value: Value) -> Self {
        Self::invalid_fields(vec![FieldError { field: field.to_owned(), detail, limit, value }])
    }

    /// Creates a 400 for all invalid fields of a request.
    ///
    /// The member `errors` lists all of them; `field`, `limit` and `value` repeat the first one.
    pub(crate) fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let details: Vec<_> = errors.iter().map(|error| error.detail.as_str()).collect();
        let mut problem = Self::bad_request(details.join("; "));
        if let Some(first) = errors.first() {
            problem = problem
                .with_member("field", first.field.as_str())
                .with_member("limit", first.limit.clone())
                .with_member("value", first.value.clone());
        }
        problem.with_member("errors", json!(errors))
    }

    pub(crate) fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the header `Retry-After`.
    pub(crate) fn with_retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

/// Logs a failure with its cause. The response does not contain the cause.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        tracing::error!(error = failure.name(), cause = failure.chain(), "failed");
        match failure {
            Failure::DependencyUnavailable { call, .. } => {
                let service = call.split(':').next().unwrap_or(call);
                let detail = format!("{service} is unavailable; try again");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).with_retry_after_s(UNAVAILABLE_RETRY_AFTER_S)
            }
            _ => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "an internal error: the log has its cause under this request_id",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Value::Object(self.members);
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(ProblemBody(body));
        response
    }
}
