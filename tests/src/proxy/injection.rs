//! The faults that the proxy injects, and the responses that they need.

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{Response, StatusCode, body::Frame};
use pipeline::testing::Fault;

/// A fault that is injected into a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injection {
    /// The call fails.
    Fail(Fault),
    /// The process that makes the call is killed.
    Kill(KillTime),
}

/// When a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KillTime {
    /// Before its call takes effect.
    BeforeCall,
    /// After half of the response was sent to it.
    MidResponse,
    /// After its call took effect, before it gets a response.
    AfterCall,
    /// So many milliseconds after the whole response was sent to it.
    AfterResponseMs(u64),
}

/// The body of a response. It can end in an error.
pub(super) type ResponseBody = BoxBody<Bytes, io::Error>;

/// The response, with its whole body.
pub(super) fn complete(response: Response<Bytes>) -> Response<ResponseBody> {
    response.map(|body| Full::new(body).map_err(|never| match never {}).boxed())
}

/// The response, whose body ends after `at` bytes although its headers promise all of them.
///
/// `then` runs after those bytes were sent, before the connection ends.
pub(super) fn truncated(
    response: Response<Bytes>,
    at: usize,
    then: impl Future<Output = ()> + Send + Sync + 'static,
) -> Response<ResponseBody> {
    response.map(|mut body| {
        body.truncate(at);
        let sent = stream::once(async { Ok(Frame::data(body)) });
        let end = stream::once(async {
            then.await;
            Err(connection_reset())
        });
        BodyExt::boxed(StreamBody::new(sent.chain(end)))
    })
}

pub(super) fn connection_reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

/// The error response that the call's service would send for that fault.
pub(super) fn error_response(call: &str, fault: Fault) -> Response<ResponseBody> {
    let s3 = call.starts_with("s3:");
    let (status, code) = match (fault, s3) {
        (Fault::Throttle, true) => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
        (Fault::Throttle, false) if call.starts_with("dynamodb:") => {
            (StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException")
        }
        (Fault::Throttle, false) => (StatusCode::BAD_REQUEST, "ThrottlingException"),
        (Fault::Refusal, true) => (StatusCode::FORBIDDEN, "AccessDenied"),
        (Fault::Refusal, false) => (StatusCode::BAD_REQUEST, "AccessDeniedException"),
        (_, true) => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        (_, false) => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
    };
    let body = if s3 {
        format!("<Error><Code>{code}</Code><Message>a planned fault</Message></Error>")
    } else {
        format!(r#"{{"__type":"{code}","message":"a planned fault"}}"#)
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    complete(response)
}
