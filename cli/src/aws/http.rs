//! An HTTP client whose protocol version the caller chooses.

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

// API Gateway answers within 29 s. Lambda answers within the time-out of the function, which is 120 s at most. A busy
// local cloud takes longer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(300);

/// The version of HTTP that a request is sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpVersion {
    Http1,
    Http2,
}

type HyperClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Sends requests over HTTP/1.1 or HTTP/2. TLS is rustls with ring, as in the SDKs.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    http1: HyperClient,
    http2: HyperClient,
}

/// A response whose body has been read.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl HttpClient {
    /// A client that trusts the root certificates of this machine.
    ///
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

    /// Sends a request, and reads the whole response.
    ///
    /// # Errors
    /// If the connection fails, or no response comes in time.
    pub(crate) async fn send(&self, version: HttpVersion, request: Request<Bytes>) -> anyhow::Result<HttpResponse> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let client = match version {
            HttpVersion::Http1 => &self.http1,
            HttpVersion::Http2 => &self.http2,
        };
        let exchange = async {
            let (parts, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            anyhow::Ok(HttpResponse { status: parts.status.as_u16(), headers: parts.headers, body })
        };
        let response = tokio::time::timeout(RESPONSE_TIMEOUT, exchange).await;
        response
            .with_context(|| format!("no answer from {host} in {} s", RESPONSE_TIMEOUT.as_secs()))?
            .with_context(|| format!("no answer from {host}"))
    }
}

impl HttpResponse {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first 300 characters of the body, to be quoted in a message.
    pub(crate) fn excerpt(&self) -> String {
        self.text().chars().take(300).collect()
    }

    /// The body as JSON; null if it is not JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
