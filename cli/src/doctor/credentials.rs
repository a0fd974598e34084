//! Credentials for the API: an API key, the token of a user, or a signature.

use bytes::Bytes;
use http::{HeaderValue, Request, header::AUTHORIZATION};

use crate::aws::AwsClient;

/// Credentials for the API.
pub(super) enum ApiCredentials {
    /// An API key, sent in `X-Api-Key`.
    Key(String),
    /// An ID token of the user pool.
    Token(String),
    /// The caller's AWS credentials, which sign the request.
    Signature,
}

impl ApiCredentials {
    /// Adds the credentials to a request.
    ///
    /// # Errors
    /// If they cannot stand in a header, or the request cannot be signed.
    pub(super) async fn add_to(&self, request: &mut Request<Bytes>, aws: &AwsClient) -> anyhow::Result<()> {
        match self {
            Self::Key(key) => {
                request.headers_mut().insert("x-api-key", HeaderValue::from_str(key)?);
            }
            Self::Token(token) => {
                let value = HeaderValue::from_str(&format!("Bearer {token}"))?;
                request.headers_mut().insert(AUTHORIZATION, value);
            }
            Self::Signature => aws.sign(request, "execute-api").await?,
        }
        Ok(())
    }
}
