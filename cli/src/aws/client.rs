//! A client that signs requests and sends them to any AWS service.

use std::time::SystemTime;

use anyhow::Context;
use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::ProvideCredentials};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use bytes::Bytes;
use http::{Request, header::CONTENT_TYPE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{
    error::AwsError,
    http::{HttpClient, HttpResponse, HttpVersion},
    service::{LAMBDA, Service},
};

/// Calls the services of one region with the caller's credentials.
#[derive(Debug, Clone)]
pub(crate) struct AwsClient {
    pub(crate) http: HttpClient,
    pub(crate) sdk: SdkConfig,
}

impl AwsClient {
    /// A client with the region, endpoint and credentials of an SDK configuration.
    ///
    /// # Errors
    /// If this machine has no root certificates.
    pub(crate) fn new(sdk: SdkConfig) -> anyhow::Result<Self> {
        Ok(Self { http: HttpClient::new()?, sdk })
    }

    /// The region; empty if none is set.
    pub(crate) fn region(&self) -> String {
        self.sdk.region().map(ToString::to_string).unwrap_or_default()
    }

    /// The endpoint of the local cloud. `None` means AWS.
    pub(crate) fn local_endpoint(&self) -> Option<&str> {
        self.sdk.endpoint_url()
    }

    /// The caller's credentials.
    ///
    /// # Errors
    /// If no credentials are found, or if they cannot be refreshed.
    pub(crate) async fn credentials(&self) -> anyhow::Result<Credentials> {
        let provider = self.sdk.credentials_provider().context("there are no credentials")?;
        provider.provide_credentials().await.context("there are no credentials")
    }

    /// Calls a service that has a JSON protocol.
    ///
    /// # Errors
    /// If the service does not answer, or answers with an error.
    pub(crate) async fn call_json(&self, service: Service, action: &str, input: Value) -> Result<Value, AwsError> {
        let request = Request::post(self.url(service, "/"))
            .header(CONTENT_TYPE, format!("application/x-amz-json-{}", service.version))
            .header("x-amz-target", format!("{}.{action}", service.target_prefix))
            .body(Bytes::from(input.to_string()));
        Ok(self.sign_and_send(service, action, request).await?.json())
    }

    /// Calls a service that has the query protocol. Returns XML.
    ///
    /// # Errors
    /// If the service does not answer, or answers with an error.
    pub(crate) async fn call_query(
        &self,
        service: Service,
        action: &str,
        parameters: &[(String, String)],
    ) -> Result<String, AwsError> {
        let mut body = format!("Action={action}&Version={}", service.version);
        for (name, value) in parameters {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            body += &format!("&{name}={value}");
        }
        let request = Request::post(self.url(service, "/"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body));
        Ok(self.sign_and_send(service, action, request).await?.text())
    }

    /// Sends a GET to a service that has a REST protocol. `action` names the call in errors.
    ///
    /// # Errors
    /// If the service does not answer, or answers with an error.
    pub(crate) async fn get(&self, service: Service, action: &str, path: &str) -> Result<HttpResponse, AwsError> {
        let request = Request::get(self.url(service, path)).body(Bytes::new());
        self.sign_and_send(service, action, request).await
    }

    /// Invokes a function and waits for its result. If the function failed, the response has the header
    /// `X-Amz-Function-Error`.
    ///
    /// # Errors
    /// If the function could not be invoked.
    pub(crate) async fn invoke_function(&self, function: &str, event: &Value) -> Result<HttpResponse, AwsError> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let request = Request::post(self.url(LAMBDA, &path)).body(Bytes::from(event.to_string()));
        self.sign_and_send(LAMBDA, "InvokeFunction", request).await
    }

    async fn sign_and_send(
        &self,
        service: Service,
        action: &str,
        request: http::Result<Request<Bytes>>,
    ) -> Result<HttpResponse, AwsError> {
        let action = format!("{}:{action}", service.name);
        let exchange = async {
            let mut request = request?;
            self.sign(&mut request, service.name).await?;
            self.http.send(HttpVersion::Http1, request).await
        };
        match exchange.await {
            Ok(response) if (200..300).contains(&response.status) => Ok(response),
            Ok(response) => Err(AwsError::from_response(action, &response)),
            Err(error) => Err(AwsError::no_response(action, &error)),
        }
    }

    /// Signs a request for a service with the caller's credentials (Signature Version 4).
    ///
    /// # Errors
    /// If there are no credentials, or the request cannot be signed.
    pub(crate) async fn sign(&self, request: &mut Request<Bytes>, service: &str) -> anyhow::Result<()> {
        let identity = self.credentials().await?.into();
        let region = match service {
            // The control planes of these two are global, and are signed for us-east-1.
            "iam" | "cloudfront" if self.local_endpoint().is_none() => "us-east-1".to_owned(),
            _ => self.region(),
        };
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("")));
        let uri = request.uri().to_string();
        let body = SignableBody::Bytes(request.body());
        let signable = SignableRequest::new(request.method().as_str(), &uri, headers, body)?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }

    fn url(&self, service: Service, path: &str) -> String {
        if let Some(endpoint) = self.local_endpoint() {
            return format!("{}{path}", endpoint.trim_end_matches('/'));
        }
        let region = self.region();
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        match service.name {
            "iam" | "cloudfront" => format!("https://{}.{domain}{path}", service.name),
            name => format!("https://{name}.{region}.{domain}{path}"),
        }
    }
}
