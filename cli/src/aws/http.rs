//! Plain HTTP, over a version that the caller chooses.

use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

/// API Gateway answers within 29 s, Lambda within a function's time-out, which is 120 s at the most. A busy local cloud
/// takes longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// The version of HTTP that a request is sent by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

type Https = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client for each version. TLS is rustls with ring, as in the SDKs.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    http1: Https,
    http2: Https,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Http {
    /// # Errors
    /// If this machine has no root certificates.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let builder = || {
            let tls = rustls::crypto::ring::default_provider();
            let roots = HttpsConnectorBuilder::new().with_provider_and_native_roots(tls);
            roots.context("reading this machine's root certificates")
        };
        let http1 = builder()?.https_or_http().enable_http1().build();
        let http2 = builder()?.https_or_http().enable_http2().build();
        Ok(Self {
            http1: Client::builder(TokioExecutor::new()).build(http1),
            http2: Client::builder(TokioExecutor::new()).http2_only(true).build(http2),
        })
    }

    /// Sends one request, and reads the whole answer.
    ///
    /// # Errors
    /// If no answer comes.
    pub(crate) async fn send(
        &self,
        version: Version,
        request: Request<Bytes>,
    ) -> anyhow::Result<Answer> {
        let uri = request.uri().clone();
        let client = match version {
            Version::Http1 => &self.http1,
            Version::Http2 => &self.http2,
        };
        let exchange = async {
            let answer = client.request(request.map(Full::new)).await?;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await?.to_bytes();
            anyhow::Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
        };
        let host = uri.authority().map(ToString::to_string).unwrap_or_default();
        let answered = tokio::time::timeout(ANSWER_WITHIN, exchange).await;
        answered
            .with_context(|| format!("no answer from {host} in {} s", ANSWER_WITHIN.as_secs()))?
            .with_context(|| format!("no answer from {host}"))
    }
}

impl Answer {
    /// The beginning of the body, for people.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(300).collect()
    }

    /// The body as JSON; null where it is something else.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
