//! Calls to AWS services by their wire protocols, signed: where an SDK crate would compile for a minute to read a few
//! fields of one answer (docs/decisions.md).

pub(crate) mod http;
pub(crate) mod stacks;
pub(crate) mod xml;

use std::{fmt, time::SystemTime};

use ::http::{self as wire, Request, header::CONTENT_TYPE};
use anyhow::Context;
use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::ProvideCredentials};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use self::http::{Answer, Http, Version};

/// A service: the name that requests are signed for, and for JSON protocols the prefix and version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    name: &'static str,
    target: &'static str,
    json: &'static str,
}

const fn service(name: &'static str, target: &'static str, json: &'static str) -> Service {
    Service { name, target, json }
}

pub(crate) const API_GATEWAY: Service = service("apigateway", "", "");
pub(crate) const CLOUDFRONT: Service = service("cloudfront", "", "");
pub(crate) const CLOUDFORMATION: Service = service("cloudformation", "", "2010-05-15");
pub(crate) const COGNITO: Service =
    service("cognito-idp", "AWSCognitoIdentityProviderService", "1.1");
pub(crate) const DYNAMODB: Service = service("dynamodb", "DynamoDB_20120810", "1.0");
pub(crate) const EVENTS: Service = service("events", "AWSEvents", "1.1");
pub(crate) const IAM: Service = service("iam", "", "2010-05-08");
pub(crate) const LAMBDA: Service = service("lambda", "", "");
pub(crate) const PIPES: Service = service("pipes", "", "");
pub(crate) const SQS: Service = service("sqs", "AmazonSQS", "1.0");
pub(crate) const STATES: Service = service("states", "AWSStepFunctions", "1.0");
pub(crate) const STS: Service = service("sts", "", "2011-06-15");

/// A call that did not succeed.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// As IAM writes it: `events:DescribeRule`.
    pub(crate) call: String,
    /// The error's code, such as `AccessDenied`; empty if there was no answer.
    pub(crate) code: String,
    message: String,
}

impl Refusal {
    /// Whether the caller lacks the right.
    pub(crate) fn is_denied(&self) -> bool {
        self.code.starts_with("AccessDenied")
            || matches!(self.code.as_str(), "AuthorizationError" | "UnauthorizedOperation")
    }

    /// Whether what was asked for does not exist.
    pub(crate) fn is_missing(&self) -> bool {
        ["NotFound", "NoSuch", "NonExistent", "DoesNotExist", "NoSuchKey", "NoSuchBucket"]
            .iter()
            .any(|word| self.code.contains(word))
    }
}

impl std::error::Error for Refusal {}

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
pub(crate) struct Aws {
    pub(crate) http: Http,
    pub(crate) sdk: SdkConfig,
}

impl Aws {
    /// # Errors
    /// If this machine has no root certificates.
    pub(crate) fn new(sdk: SdkConfig) -> anyhow::Result<Self> {
        Ok(Self { http: Http::new()?, sdk })
    }

    pub(crate) fn region(&self) -> String {
        self.sdk.region().map(ToString::to_string).unwrap_or_default()
    }

    /// Whether the services are the local cloud's.
    pub(crate) fn local(&self) -> Option<&str> {
        self.sdk.endpoint_url()
    }

    /// # Errors
    /// If there are none, or they can't be refreshed.
    pub(crate) async fn credentials(&self) -> anyhow::Result<Credentials> {
        let provider = self.sdk.credentials_provider().context("there are no credentials")?;
        provider.provide_credentials().await.context("there are no credentials")
    }

    /// A call of a JSON protocol: `action` is its name, `input` its parameters.
    pub(crate) async fn json(
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
    pub(crate) async fn query(
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
    pub(crate) async fn get(
        &self,
        service: Service,
        action: &str,
        path: &str,
    ) -> Result<String, Refusal> {
        let request = Request::get(self.url(service, path)).body(Bytes::new());
        self.call(service, action, request).await
    }

    /// Calls a function and waits for its answer.
    ///
    /// # Errors
    /// If it could not be called. A function that failed has an answer with the header `X-Amz-Function-Error`.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Result<Answer, Refusal> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let request = Request::post(self.url(LAMBDA, &path)).body(Bytes::from(event.to_string()));
        self.answer(LAMBDA, "InvokeFunction", request).await
    }

    async fn call(
        &self,
        service: Service,
        action: &str,
        request: wire::Result<Request<Bytes>>,
    ) -> Result<String, Refusal> {
        let answer = self.answer(service, action, request).await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    async fn answer(
        &self,
        service: Service,
        action: &str,
        request: wire::Result<Request<Bytes>>,
    ) -> Result<Answer, Refusal> {
        let call = format!("{}:{action}", service.name);
        let failed = |error: anyhow::Error| Refusal {
            call: call.clone(),
            code: String::new(),
            message: format!("{error:#}"),
        };
        let mut request = request.map_err(|error| failed(error.into()))?;
        self.sign(&mut request, service.name).await.map_err(failed)?;
        let answer = self.http.send(Version::Http1, request).await.map_err(failed)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let json = answer.json();
        let in_xml = |name: &str| xml::texts(&text, name).into_iter().next();
        let header = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
        let code = header.or(json["__type"].as_str()).map(ToOwned::to_owned);
        let code = code.or_else(|| in_xml("Code")).unwrap_or_default();
        let code = code.split(':').next().unwrap_or("");
        let code = code.rsplit('#').next().unwrap_or("").to_owned();
        let message = json["message"].as_str().or(json["Message"].as_str()).map(ToOwned::to_owned);
        let message = message.or_else(|| in_xml("Message")).unwrap_or_else(|| text.clone());
        let message = format!("{message} (HTTP {})", answer.status);
        Err(Refusal { call: call.clone(), code, message })
    }

    /// Signs a request for a service with the caller's credentials (Signature Version 4).
    ///
    /// # Errors
    /// If there are no credentials, or the request has no valid form.
    pub(crate) async fn sign(
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
