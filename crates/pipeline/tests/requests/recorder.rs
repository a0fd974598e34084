//! An HTTP client that records requests, and answers each with success.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::{
    config::{Credentials, HttpClient, RuntimeComponents, SharedCredentialsProvider},
    primitives::SdkBody,
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use pipeline::ports::PresignTerms;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

/// Prefixes of headers that are not recorded: every request has them, or they differ each time.
const NOT_RECORDED: [&str; 9] = [
    "amz-sdk-",
    "authorization",
    "content-length",
    "content-md5",
    "host",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-user-agent",
];

/// Records the requests of one function.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    function: &'static str,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Recorder {
    pub(crate) fn new(function: &'static str) -> Self {
        Self { function, requests: Arc::default() }
    }

    /// A configuration whose clients send their requests to this recorder.
    pub(crate) fn config(&self) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIA", "secret", None, None, "test",
            )))
            .http_client(self.clone())
            .build()
    }

    pub(crate) fn requests(&self) -> Vec<Value> {
        self.requests.lock().expect("no test panicked").clone()
    }

    /// The request of a presigned URL.
    pub(crate) fn presigned(&self, method: &str, url: &str) -> Value {
        let url = url.split('?').next();
        json!({"function": self.function, "method": method, "url": url, "headers": {}, "body": ""})
    }
}

impl HttpClient for Recorder {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_recorded = |name: &str| !NOT_RECORDED.iter().any(|it| name.starts_with(it));
        let headers = request.headers().iter().filter(|(name, _)| is_recorded(name));
        let headers: serde_json::Map<_, _> = headers.map(|(name, value)| (name.to_owned(), value.into())).collect();
        // Bodies of pictures are not recorded.
        let body = request.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let body = body.filter(|text| text.starts_with(['{', '<'])).unwrap_or_default();
        // The SDKs write maps in a different order each time.
        let body = match serde_json::from_str::<Value>(body) {
            Ok(mut document) => {
                document.sort_all_objects();
                document.to_string()
            }
            Err(_) => body.to_owned(),
        };
        self.requests.lock().expect("no test panicked").push(json!({
            "function": self.function, "method": request.method(), "url": request.uri(),
            "headers": headers, "body": body,
        }));
        let answer = answer(&request);
        let status = 200.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(answer))))
    }
}

/// The shortest successful answer that the SDK accepts.
fn answer(request: &HttpRequest) -> &'static str {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    if target.ends_with("StartExecution") {
        return r#"{"executionArn": "arn", "startDate": 1}"#;
    }
    match (request.method(), request.uri()) {
        _ if !target.is_empty() => r#"{"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}"#,
        ("POST", uri) if uri.contains("?uploads") => {
            "<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>"
        }
        ("GET", uri) if uri.contains("?versions") => {
            "<ListVersionsResult><IsTruncated>false</IsTruncated><Version>\
             <Key>uploads/holiday photo (1)+ü.jpg</Key><VersionId>1</VersionId></Version></ListVersionsResult>"
        }
        ("GET", uri) if uri.contains("list-type") => {
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
        }
        ("POST", uri) if uri.contains("?delete") => "<DeleteResult></DeleteResult>",
        ("POST", _) => "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>",
        _ => "",
    }
}

/// The terms of a presigned upload.
pub(crate) fn terms(key: &str) -> PresignTerms {
    PresignTerms {
        key: key.to_owned(),
        content_type: "image/jpeg".to_owned(),
        byte_len: 12_345,
        valid: Duration::from_secs(300),
    }
}

/// A reader that fails after some zeros.
pub(crate) struct FailingReader {
    left: usize,
}

impl FailingReader {
    pub(crate) fn after(byte_len: usize) -> Self {
        Self { left: byte_len }
    }
}

impl AsyncRead for FailingReader {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(Err(io::Error::other("the encoder failed")));
        }
        let taken = this.left.min(into.remaining());
        into.put_slice(&vec![0; taken]);
        this.left -= taken;
        Poll::Ready(Ok(()))
    }
}
