//! Calls to AWS services by their wire protocols, signed.
//!
//! A check reads a few fields of each answer. The SDK crates for IAM, API Gateway, Cognito, CloudFront and Pipes would
//! compile for minutes to provide them (docs/decisions.md).

use std::{fmt, time::SystemTime};

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

use super::http::{Http, Version};

/// A service: the name that requests are signed for, and for JSON protocols the prefix and version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    name: &'static str,
    target: &'static str,
    json: &'static str,
}

const fn service(name: &'static str, target: &'static str, json: &'static str) -> Service {
    Service { name, target, json }
}

pub(super) const API_GATEWAY: Service = service("apigateway", "", "");
pub(super) const CLOUDFRONT: Service = service("cloudfront", "", "");
pub(super) const COGNITO: Service =
    service("cognito-idp", "AWSCognitoIdentityProviderService", "1.1");
pub(super) const DYNAMODB: Service = service("dynamodb", "DynamoDB_20120810", "1.0");
pub(super) const EVENTS: Service = service("events", "AWSEvents", "1.1");
pub(super) const IAM: Service = service("iam", "", "2010-05-08");
pub(super) const LAMBDA: Service = service("lambda", "", "");
pub(super) const PIPES: Service = service("pipes", "", "");
pub(super) const SQS: Service = service("sqs", "AmazonSQS", "1.0");
pub(super) const STATES: Service = service("states", "AWSStepFunctions", "1.0");
pub(super) const STS: Service = service("sts", "", "2011-06-15");

/// A call that did not succeed.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// As IAM writes it: `events:DescribeRule`.
    pub(super) call: String,
    /// The error's code, such as `AccessDenied`; empty if there was no answer.
    pub(super) code: String,
    message: String,
}

impl Refusal {
    /// Whether the caller lacks the right.
    pub(super) fn is_denied(&self) -> bool {
        self.code.starts_with("AccessDenied")
            || matches!(self.code.as_str(), "AuthorizationError" | "UnauthorizedOperation")
    }

    /// Whether what was asked for does not exist.
    pub(super) fn is_missing(&self) -> bool {
        ["NotFound", "NoSuch", "NonExistent", "DoesNotExist", "NoSuchKey", "NoSuchBucket"]
            .iter()
            .any(|word| self.code.contains(word))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, code, message } = self;
        write!(f, "{call}: ")?;
        match code.as_str() {
            "" => f.write_str(message),
            _ => write!(f, "{code}: {message}"),
        }
    }
}

/// The services of one region, called with the caller's credentials.
#[derive(Debug, Clone)]
pub(super) struct Aws {
    pub(super) http: Http,
    pub(super) sdk: SdkConfig,
}

impl Aws {
    pub(super) fn region(&self) -> String {
        self.sdk.region().map(ToString::to_string).unwrap_or_default()
    }

    /// Whether the services are the local cloud's.
    pub(super) fn local(&self) -> Option<&str> {
        self.sdk.endpoint_url()
    }

    /// # Errors
    /// If there are none, or they can't be refreshed.
    pub(super) async fn credentials(&self) -> anyhow::Result<Credentials> {
        let provider = self.sdk.credentials_provider().context("there are no credentials")?;
        provider.provide_credentials().await.context("there are no credentials")
    }

    /// A call of a JSON protocol: `action` is its name, `input` its parameters.
    pub(super) async fn json(
        &self,
        service: Service,
        action: &str,
        input: Value,
    ) -> Result<Value, Refusal> {
        let request = Request::post(self.url(service, "/"))
            .header(CONTENT_TYPE, format!("application/x-amz-json-{}", service.json))
            .header("x-amz-target", format!("{}.{action}", service.target))
            .body(Bytes::from(input.to_string()));
        let text = self.call(service, action, request).await?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// A call of the query protocol; the answer is XML.
    pub(super) async fn query(
        &self,
        service: Service,
        action: &str,
        parameters: &[(String, String)],
    ) -> Result<String, Refusal> {
        let mut body = format!("Action={action}&Version={}", service.json);
        for (name, value) in parameters {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            body += &format!("&{name}={value}");
        }
        let request = Request::post(self.url(service, "/"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body));
        self.call(service, action, request).await
    }

    /// A GET of a REST protocol; `action` names it in errors. The answer is JSON or XML.
    pub(super) async fn get(
        &self,
        service: Service,
        action: &str,
        path: &str,
    ) -> Result<String, Refusal> {
        let request = Request::get(self.url(service, path)).body(Bytes::new());
        self.call(service, action, request).await
    }

    async fn call(
        &self,
        service: Service,
        action: &str,
        request: http::Result<Request<Bytes>>,
    ) -> Result<String, Refusal> {
        let call = format!("{}:{action}", service.name);
        let failed = |error: anyhow::Error| Refusal {
            call: call.clone(),
            code: String::new(),
            message: format!("{error:#}"),
        };
        let mut request = request.map_err(|error| failed(error.into()))?;
        self.sign(&mut request, service.name).await.map_err(failed)?;
        let answer = self.http.send(Version::Http1, request).await.map_err(failed)?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if (200..300).contains(&answer.status) {
            return Ok(text);
        }
        let json = answer.json();
        let header = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
        let code = header.or(json["__type"].as_str()).or(xml(&text, "Code").into_iter().next());
        let code = code.unwrap_or("").split(':').next().unwrap_or("");
        let code = code.rsplit('#').next().unwrap_or("").to_owned();
        let message = json["message"].as_str().or(json["Message"].as_str());
        let message = message.or(xml(&text, "Message").into_iter().next()).unwrap_or(&text);
        let message = format!("{message} (HTTP {})", answer.status);
        Err(Refusal { call: call.clone(), code, message })
    }

    /// Signs a request for a service with the caller's credentials (Signature Version 4).
    ///
    /// # Errors
    /// If there are no credentials, or the request has no valid form.
    pub(super) async fn sign(
        &self,
        request: &mut Request<Bytes>,
        service: &str,
    ) -> anyhow::Result<()> {
        let identity = self.credentials().await?.into();
        let region = match service {
            // Their control planes are global, in us-east-1.
            "iam" | "cloudfront" if self.local().is_none() => "us-east-1".to_owned(),
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
        if let Some(endpoint) = self.local() {
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

/// The texts of all elements of that name that hold nothing but text.
pub(super) fn xml<'a>(document: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = document.split(&open).skip(1);
    parts.filter_map(|part| part.split_once(&close).map(|(text, _)| text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let document = "<A><Code>AccessDenied</Code><Other/><Code>x</Code></A>";
        assert_eq!(xml(document, "Code"), ["AccessDenied", "x"]);
        assert!(xml(document, "Message").is_empty());
    }
}
