//! From what a service answered to whose fault it is.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::Failure;

/// Answers that no retry changes: a right, a name or a request of ours is wrong.
const MISCONFIGURED: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "InvalidAccessKeyId",
    "NoSuchBucket",
    "ResourceNotFoundException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "ValidationException",
];

/// What it means that `call` failed with `error`.
///
/// Whatever is not known to be permanent counts as passing: a retry too many costs a second, a
/// retry too few a picture.
pub(super) fn classify<E, R>(call: &'static str, error: SdkError<E, R>) -> Failure
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let permanent = error.code().is_some_and(|code| MISCONFIGURED.contains(&code));
    if permanent {
        Failure::Misconfigured { what: format!("{call} was refused"), source: Some(error.into()) }
    } else {
        Failure::DependencyUnavailable { call, source: error.into() }
    }
}
