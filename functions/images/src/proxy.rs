//! API Gateway's requests as plain ones.
//!
//! A REST API hands on the path as it was sent, percent-encoded, and the query decoded. On its way
//! into an [`http::Request`], the path would be normalised: `a/../b` and `a%2e%2e` are keys, and
//! so the raw path is put back.

use axum::{
    body::Body,
    http::{Request, Uri, uri::PathAndQuery},
};
use lambda_http::RequestExt;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Problem;

/// What cannot stand in an encoded path. Some gateways decode it; a `%` that begins no escape then
/// is one of these, too.
const UNSENDABLE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|');

/// The request as it was sent.
pub(crate) fn plain(request: lambda_http::Request) -> Result<Request<Body>, Problem> {
    let mut target = encoded(request.raw_http_path());
    let query = request.query_string_parameters();
    for (index, (name, value)) in query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.extend(utf8_percent_encode(name, NON_ALPHANUMERIC));
        target.push('=');
        target.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    let target: PathAndQuery =
        target.parse().map_err(|_| Problem::bad_request("the path and the query make no URL"))?;
    let (mut parts, body) = request.into_parts();
    parts.uri = Uri::from(target);
    Ok(Request::from_parts(parts, Body::from(body.to_vec())))
}

fn encoded(path: &str) -> String {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let bytes = path.as_bytes();
    let mut escaped = String::with_capacity(path.len());
    let mut rest = 0;
    for (at, _) in path.match_indices('%') {
        escaped.extend(utf8_percent_encode(&path[rest..at], UNSENDABLE));
        let digits = bytes.get(at + 1..at + 3);
        let escape = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        escaped.push_str(if escape { "%" } else { "%25" });
        rest = at + 1;
    }
    escaped.extend(utf8_percent_encode(&path[rest..], UNSENDABLE));
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_encoded_stays_and_what_was_decoded_is_encoded() {
        for (path, expected) in [
            ("/images/a%20b%2Bc%2525.jpg", "/images/a%20b%2Bc%2525.jpg"),
            ("/images/a b+ü.jpg", "/images/a%20b+%C3%BC.jpg"),
            ("/images/50%.jpg", "/images/50%25.jpg"),
            ("/images/50%", "/images/50%25"),
            ("/images/a/../b//c", "/images/a/../b//c"),
            ("/images/a?b#c", "/images/a%3Fb%23c"),
            ("images", "/images"),
        ] {
            assert_eq!(encoded(path), expected);
        }
    }
}
