//! The state that all handlers share.

use pipeline::{Profiles, lambda::config::ImagesConfig, ports::Archive};

/// The ports and the configuration of the HTTP API.
#[derive(Debug)]
pub struct Api<A> {
    pub(crate) archive: A,
    pub(crate) profiles: Profiles,
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

impl<A: Archive> Api<A> {
    /// Creates the API's state from its ports and its configuration.
    pub fn new(archive: A, config: ImagesConfig) -> Self {
        let rendition_urls = match config.delivery {
            Some(_) => RenditionUrls::Public,
            None => RenditionUrls::Presigned,
        };
        let ImagesConfig { profiles, cors_origins, manage_keys, .. } = config;
        Self { archive, profiles, rendition_urls, cors_origins, manage_keys }
    }
}
