//! A call by its name, as IAM and the documentation write it: `s3:GetObject`.

use hyper::{Method, http::request::Parts};
use percent_encoding::percent_decode_str;

/// One request to AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `service:Operation`.
    pub name: String,
    /// Its path and query, decoded, or its body if that is text: what it is about.
    pub text: String,
}

impl Call {
    /// Whether a word, a source key for instance, is in its path or body.
    pub fn is_about(&self, word: &str) -> bool {
        self.text.contains(word)
    }

    /// What a request asks for.
    pub(super) fn of(head: &Parts, body: &[u8]) -> Self {
        let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        match target {
            // Such as `DynamoDB_20120810.UpdateItem`, with everything in the body.
            Some(target) => {
                let (service, operation) = target.split_once('.').unwrap_or(("", target));
                let service = match service {
                    "AWSEvents" => "events".to_owned(),
                    other => other.split('_').next().unwrap_or(other).to_lowercase(),
                };
                let text = String::from_utf8_lossy(body).into_owned();
                Self { name: format!("{service}:{operation}"), text }
            }
            None => {
                let operation = s3_operation(head);
                let asked = head.uri.path_and_query().map_or("", |asked| asked.as_str());
                let mut text = percent_decode_str(asked).decode_utf8_lossy().into_owned();
                if operation == "DeleteObjects" {
                    text.push_str(&String::from_utf8_lossy(body));
                }
                Self { name: format!("s3:{operation}"), text }
            }
        }
    }
}

/// S3 has no names in its requests: method and query tell.
fn s3_operation(head: &Parts) -> &'static str {
    let query = head.uri.query().unwrap_or_default();
    let asks = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    let of_an_object = head.uri.path().trim_matches('/').contains('/');
    match (&head.method, of_an_object) {
        (&Method::GET, true) if asks("tagging") => "GetObjectTagging",
        (&Method::PUT, true) if asks("tagging") => "PutObjectTagging",
        (&Method::DELETE, true) if asks("tagging") => "DeleteObjectTagging",
        (&Method::PUT, true) if asks("uploadId") => "UploadPart",
        (&Method::POST, true) if asks("uploadId") => "CompleteMultipartUpload",
        (&Method::DELETE, true) if asks("uploadId") => "AbortMultipartUpload",
        (&Method::POST, true) if asks("uploads") => "CreateMultipartUpload",
        (&Method::GET, true) => "GetObject",
        (&Method::HEAD, true) => "HeadObject",
        (&Method::PUT, true) => "PutObject",
        (&Method::DELETE, true) => "DeleteObject",
        (&Method::POST, false) if asks("delete") => "DeleteObjects",
        (&Method::GET, false) if asks("versions") => "ListObjectVersions",
        (&Method::GET, false) => "ListObjectsV2",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    #[test]
    fn requests_are_known_by_their_name() {
        let dynamodb = "DynamoDB_20120810.UpdateItem";
        for (method, uri, target, expected) in [
            ("POST", "/", dynamodb, "dynamodb:UpdateItem"),
            ("POST", "/", "AWSEvents.PutEvents", "events:PutEvents"),
            ("GET", "/bucket/a/b%20c.jpg?versionId=1", "", "s3:GetObject"),
            ("PUT", "/bucket/a.webp?x-id=PutObject", "", "s3:PutObject"),
            ("PUT", "/bucket/a.webp?tagging", "", "s3:PutObjectTagging"),
            ("DELETE", "/bucket/a.webp?tagging", "", "s3:DeleteObjectTagging"),
            ("POST", "/bucket/a.webp?uploads", "", "s3:CreateMultipartUpload"),
            ("PUT", "/bucket/a.webp?partNumber=1&uploadId=x", "", "s3:UploadPart"),
            ("POST", "/bucket/a.webp?uploadId=x", "", "s3:CompleteMultipartUpload"),
            ("GET", "/bucket/?list-type=2", "", "s3:ListObjectsV2"),
            ("GET", "/bucket?versions&prefix=a", "", "s3:ListObjectVersions"),
            ("POST", "/bucket/?delete", "", "s3:DeleteObjects"),
        ] {
            let mut request = Request::builder().method(method).uri(uri);
            if !target.is_empty() {
                request = request.header("x-amz-target", target);
            }
            let (head, ()) = request.body(()).expect("a request").into_parts();
            assert_eq!(Call::of(&head, b"").name, expected, "{method} {uri}");
        }
    }
}
