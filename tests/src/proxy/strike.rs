//! What strikes a call, and the answers that are made up for it.

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{Response, StatusCode, body::Frame};
use pipeline::testing::Fault;

/// What strikes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// It goes wrong.
    Break(Fault),
    /// The process that makes it is killed.
    Kill(When),
}

/// When a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before its call takes effect.
    Before,
    /// Half of the answer has reached it.
    HalfWay,
    /// Its call took effect, and it does not know yet.
    After,
    /// The whole answer has reached it, so many milliseconds ago.
    AtWork(u64),
}

/// An answer that may break off.
pub(super) type Answer = BoxBody<Bytes, io::Error>;

pub(super) fn whole(answer: Response<Bytes>) -> Response<Answer> {
    answer.map(|body| Full::new(body).map_err(|never| match never {}).boxed())
}

/// The answer, which ends after `at` bytes though its head promises all of them; before that end,
/// `then` is done.
pub(super) fn cut(
    answer: Response<Bytes>,
    at: usize,
    then: impl Future<Output = ()> + Send + Sync + 'static,
) -> Response<Answer> {
    answer.map(|mut body| {
        body.truncate(at);
        let sent = stream::once(async { Ok(Frame::data(body)) });
        let end = stream::once(async {
            then.await;
            Err(reset())
        });
        BodyExt::boxed(StreamBody::new(sent.chain(end)))
    })
}

/// What the functions see of a connection that is cut.
pub(super) fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

/// What the service would say, instead of doing what it was asked for.
pub(super) fn refusal(call: &str, fault: Fault) -> Response<Answer> {
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
    whole(response)
}
