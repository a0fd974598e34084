//! How the API lets the caller in: by an API key, a user's token, or a signature.

use bytes::Bytes;
use http::{HeaderValue, Request};

use super::aws::Aws;

/// Credentials for the API.
pub(super) enum Access {
    /// `X-Api-Key`.
    Key(String),
    /// An ID token of the user pool.
    Token(String),
    /// The caller's own AWS credentials.
    Signature,
}

impl Access {
    /// Adds them to a request.
    ///
    /// # Errors
    /// If they can't be written into a header, or there are none to sign with.
    pub(super) async fn admit(
        &self,
        request: &mut Request<Bytes>,
        aws: &Aws,
    ) -> anyhow::Result<()> {
        match self {
            Self::Key(key) => {
                request.headers_mut().insert("x-api-key", HeaderValue::from_str(key)?);
            }
            Self::Token(token) => {
                let value = HeaderValue::from_str(&format!("Bearer {token}"))?;
                request.headers_mut().insert(http::header::AUTHORIZATION, value);
            }
            Self::Signature => aws.sign(request, "execute-api").await?,
        }
        Ok(())
    }
}
