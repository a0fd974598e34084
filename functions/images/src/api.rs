//! The state that all handlers share.

use pipeline::{
    Profiles,
    api::{ApiPorts, RenditionUrls},
    lambda::config::ImagesConfig,
};

/// The ports and the configuration of the HTTP API.
#[derive(Debug)]
pub struct Api<P> {
    pub(crate) ports: P,
    pub(crate) profiles: Profiles,
    pub(crate) rendition_urls: RenditionUrls,
    pub(crate) cors_origins: Vec<String>,
    /// IDs of the API keys that may process again and delete. Empty: every caller may.
    pub(crate) manage_keys: Vec<String>,
}

impl<P: ApiPorts> Api<P> {
    /// Creates the API's state from its ports and its configuration.
    pub fn new(ports: P, config: ImagesConfig) -> Self {
        let rendition_urls = config.delivery.map_or(RenditionUrls::Presigned, RenditionUrls::Public);
        let ImagesConfig { profiles, cors_origins, manage_keys, .. } = config;
        Self { ports, profiles, rendition_urls, cors_origins, manage_keys }
    }
}
