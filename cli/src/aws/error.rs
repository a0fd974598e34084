//! The error of a call to an AWS service.

use super::{http::HttpResponse, xml};

/// A call to an AWS service that failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{action}: {message}")]
pub(crate) struct AwsError {
    /// The action as IAM writes it: `events:DescribeRule`.
    pub(crate) action: String,
    /// The error code, such as `AccessDenied`; empty if there was no response.
    pub(crate) code: String,
    /// What went wrong, with the error code.
    message: String,
}

impl AwsError {
    /// The request could not be sent, or no response came.
    pub(super) fn no_response(action: String, error: &anyhow::Error) -> Self {
        Self { action, code: String::new(), message: format!("{error:#}") }
    }

    /// Reads the code and the message of an error response, in JSON or XML.
    pub(super) fn from_response(action: String, response: &HttpResponse) -> Self {
        let text = String::from_utf8_lossy(&response.body).into_owned();
        let json = response.json();
        let xml_text = |name: &str| xml::first_text(&text, name);
        let header = response.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
        let code = header.or(json["__type"].as_str()).map(ToOwned::to_owned);
        let code = code.or_else(|| xml_text("Code")).unwrap_or_default();
        // Codes come as `Code`, as `Code:https://…`, and as `com.amazonaws…#Code`.
        let code = code.split(':').next().unwrap_or("");
        let code = code.rsplit('#').next().unwrap_or("").to_owned();
        let message = json["message"].as_str().or(json["Message"].as_str()).map(ToOwned::to_owned);
        let message = message.or_else(|| xml_text("Message")).unwrap_or_else(|| text.clone());
        let prefix = if code.is_empty() { String::new() } else { format!("{code}: ") };
        let message = format!("{prefix}{message} (HTTP {})", response.status);
        Self { action, code, message }
    }

    /// Whether the caller lacks the permission.
    pub(crate) fn is_access_denied(&self) -> bool {
        self.code.starts_with("AccessDenied")
            || matches!(self.code.as_str(), "AuthorizationError" | "UnauthorizedOperation")
    }

    /// Whether the requested resource does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        ["NotFound", "NoSuch", "NonExistent", "DoesNotExist"].iter().any(|word| self.code.contains(word))
    }
}
