//! Names of calls, as IAM and the AWS documentation write them: `s3:GetObject`.

use hyper::{Method, http::request::Parts};
use percent_encoding::percent_decode_str;

/// One request to an AWS service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The call's name, `service:Operation`.
    pub name: String,
    /// For S3, the decoded path and query, with the body of `DeleteObjects`. For other services, the body.
    pub text: String,
}

impl Call {
    /// Whether `word`, such as a source key, is part of the call's text.
    pub fn mentions(&self, word: &str) -> bool {
        self.text.contains(word)
    }

    /// Parses a request.
    pub(super) fn parse(head: &Parts, body: &[u8]) -> Self {
        let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        match target {
            // For example `DynamoDB_20120810.UpdateItem`. The parameters are in the body.
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
                let target = head.uri.path_and_query().map_or("", |target| target.as_str());
                let mut text = percent_decode_str(target).decode_utf8_lossy().into_owned();
                if operation == "DeleteObjects" {
                    text.push_str(&String::from_utf8_lossy(body));
                }
                Self { name: format!("s3:{operation}"), text }
            }
        }
    }
}

/// S3's requests contain no operation name: it follows from method, path and query.
fn s3_operation(head: &Parts) -> &'static str {
    let query = head.uri.query().unwrap_or_default();
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    let is_object = head.uri.path().trim_matches('/').contains('/');
    match (&head.method, is_object) {
        (&Method::GET, true) if has("tagging") => "GetObjectTagging",
        (&Method::PUT, true) if has("tagging") => "PutObjectTagging",
        (&Method::DELETE, true) if has("tagging") => "DeleteObjectTagging",
        (&Method::PUT, true) if has("uploadId") => "UploadPart",
        (&Method::POST, true) if has("uploadId") => "CompleteMultipartUpload",
        (&Method::DELETE, true) if has("uploadId") => "AbortMultipartUpload",
        (&Method::POST, true) if has("uploads") => "CreateMultipartUpload",
        (&Method::GET, true) => "GetObject",
        (&Method::HEAD, true) => "HeadObject",
        (&Method::PUT, true) => "PutObject",
        (&Method::DELETE, true) => "DeleteObject",
        (&Method::POST, false) if has("delete") => "DeleteObjects",
        (&Method::GET, false) if has("versions") => "ListObjectVersions",
        (&Method::GET, false) => "ListObjectsV2",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    #[test]
    fn the_name_follows_from_the_request() {
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
            assert_eq!(Call::parse(&head, b"").name, expected, "{method} {uri}");
        }
    }
}
