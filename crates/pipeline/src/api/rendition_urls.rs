//! The URLs that the API's responses have for renditions.

use super::ApiPorts;
use crate::{DeliveryDomain, Result, messages::Destination, ports::Renditions};

/// How the API links to renditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenditionUrls {
    /// Public URLs of a domain. They do not expire.
    Public(DeliveryDomain),
    /// Presigned URLs. They expire after an hour.
    Presigned,
}

impl RenditionUrls {
    /// The URL of the rendition with that key.
    ///
    /// # Errors
    /// If signing fails.
    pub async fn url(&self, key: &str, ports: &impl ApiPorts) -> Result<String> {
        match self {
            Self::Public(domain) => Ok(domain.url(key)),
            Self::Presigned => {
                let bucket = ports.destination_bucket().to_owned();
                let destination = Destination { bucket, key: key.to_owned() };
                ports.renditions().presign_get(&destination).await
            }
        }
    }
}
