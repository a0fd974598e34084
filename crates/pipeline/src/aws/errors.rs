//! Converts errors of the SDKs into failures.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::Failure;

/// Error codes that no retry changes: a permission, a name or the request itself is wrong.
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

/// The failure for an `error` of `call`.
///
/// Every error that is not known to be permanent counts as temporary.
// A needless retry costs a second, a missing retry costs a picture.
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
