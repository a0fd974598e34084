//! The state that all handlers share.

use pipeline::{DeliveryDomain, Profiles, api::ApiPorts, lambda::config::ImagesConfig};

/// The ports and the configuration of the HTTP API.
#[derive(Debug)]
pub struct Api<P> {
    pub(crate) ports: P,
    pub(crate) profiles: Profiles,
    /// Public domain of renditions; absent: their URLs are presigned.
    pub(crate) delivery: Option<DeliveryDomain>,
    pub(crate) rendition_urls: RenditionUrls,
    pub(crate) cors_origins: Vec<String>,
    /// IDs of the API keys that may process again and delete. Empty: every caller may.
    pub(crate) manage_keys: Vec<String>,
}

/// How responses link to renditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RenditionUrls {
    /// Public URLs of the delivery domain. They do not expire.
    Public,
    /// Presigned URLs. They expire after an hour.
    Presigned,
}

impl<P: ApiPorts> Api<P> {
    /// Creates the API's state from its ports and its configuration.
    pub fn new(ports: P, config: ImagesConfig) -> Self {
        let rendition_urls = match config.delivery {
            Some(_) => RenditionUrls::Public,
            None => RenditionUrls::Presigned,
        };
        let ImagesConfig { profiles, delivery, cors_origins, manage_keys, .. } = config;
        Self { ports, profiles, delivery, rendition_urls, cors_origins, manage_keys }
    }
}
