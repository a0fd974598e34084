//! Problem details for HTTP APIs (RFC 9457): the one form in which anything goes wrong.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pipeline::{Failure, api::Objection};
use problem_details::ProblemDetails;
use serde_json::{Map, Value, json};

/// What is wrong, whose fault it is, and what is allowed.
#[derive(Debug)]
pub struct Problem {
    details: Box<ProblemDetails<Map<String, Value>>>,
    retry_after_s: Option<u32>,
}

/// The members of a problem that say what is allowed, for whoever adds the request's ID.
#[derive(Debug, Clone)]
pub(crate) struct Body(pub(crate) Value);

impl Problem {
    /// A problem of that status, explained by `detail`.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let details = ProblemDetails::from_status_code(status)
            .with_type(axum::http::Uri::from_static("about:blank"))
            .with_detail(detail)
            .with_extensions(Map::new());
        Self { details: Box::new(details), retry_after_s: None }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// A field of the request that is not as it should be.
    pub(crate) fn bad_field(field: &str, detail: String, limit: Value, value: Value) -> Self {
        Self::objections(vec![Objection { field: field.to_owned(), detail, limit, value }])
    }

    /// Everything that speaks against a request; the first one in full, for whoever reads one only.
    pub(crate) fn objections(objections: Vec<Objection>) -> Self {
        let details: Vec<_> =
            objections.iter().map(|objection| objection.detail.as_str()).collect();
        let mut problem = Self::bad_request(details.join("; "));
        if let Some(first) = objections.first() {
            problem = problem
                .with("field", first.field.as_str())
                .with("limit", first.limit.clone())
                .with("value", first.value.clone());
        }
        problem.with("errors", json!(objections))
    }

    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.details.extensions.insert(member.to_owned(), value.into());
        self
    }

    /// Worth another try after that many seconds.
    pub(crate) fn retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

/// A failure is ours: the caller is told that, and when to come back; the log is told the rest.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        tracing::error!(error = failure.name(), cause = failure.chain(), "failed");
        match failure {
            Failure::DependencyUnavailable { call, .. } => {
                let service = call.split(':').next().unwrap_or(call);
                let detail = format!("{service} does not answer; try again");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after_s(1)
            }
            _ => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "something is wrong here; the log has it under this request's ID",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.details.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!(self.details);
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(Body(body));
        response
    }
}
