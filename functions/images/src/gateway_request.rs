//! Converts API Gateway's request into an [`axum::http::Request`] for the router.
//!
//! A REST API passes the path percent-encoded, as the client sent it, and the query decoded. `lambda_http` normalises
//! the path, but source keys such as `a/../b` and `a%2e%2e` must not change. So the URI is rebuilt from the raw path.

use axum::{
    body::Body,
    http::{Request, Uri, uri::PathAndQuery},
};
use lambda_http::RequestExt;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Problem;

/// Characters that are percent-encoded because they are not allowed in a URI's path.
///
/// `%` is handled apart: [`encode_path`] encodes it only where it does not begin an escape.
const NOT_ALLOWED_IN_PATH: &AsciiSet = &CONTROLS
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

/// The request with the path that the client sent.
pub(crate) fn with_raw_path(request: lambda_http::Request) -> Result<Request<Body>, Problem> {
    let mut target = encode_path(request.raw_http_path());
    let query = request.query_string_parameters();
    for (index, (name, value)) in query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.extend(utf8_percent_encode(name, NON_ALPHANUMERIC));
        target.push('=');
        target.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    let target: PathAndQuery =
        target.parse().map_err(|_| Problem::bad_request("the path and the query are not a valid URL"))?;
    let (mut parts, body) = request.into_parts();
    parts.uri = Uri::from(target);
    Ok(Request::from_parts(parts, Body::from(body.to_vec())))
}

/// Encodes what is not encoded yet: some gateways decode the path.
fn encode_path(path: &str) -> String {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let bytes = path.as_bytes();
    let mut encoded = String::with_capacity(path.len());
    let mut rest = 0;
    for (at, _) in path.match_indices('%') {
        encoded.extend(utf8_percent_encode(&path[rest..at], NOT_ALLOWED_IN_PATH));
        let digits = bytes.get(at + 1..at + 3);
        let is_escape = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        encoded.push_str(if is_escape { "%" } else { "%25" });
        rest = at + 1;
    }
    encoded.extend(utf8_percent_encode(&path[rest..], NOT_ALLOWED_IN_PATH));
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_path_is_unchanged_and_a_decoded_path_is_encoded() {
        for (path, expected) in [
            ("/images/a%20b%2Bc%2525.jpg", "/images/a%20b%2Bc%2525.jpg"),
            ("/images/a b+ü.jpg", "/images/a%20b+%C3%BC.jpg"),
            ("/images/50%.jpg", "/images/50%25.jpg"),
            ("/images/50%", "/images/50%25"),
            ("/images/a/../b//c", "/images/a/../b//c"),
            ("/images/a?b#c", "/images/a%3Fb%23c"),
            ("images", "/images"),
        ] {
            assert_eq!(encode_path(path), expected);
        }
    }
}
