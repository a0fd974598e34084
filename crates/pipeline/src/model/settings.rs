//! What a deployment has configured. `lambda::config` reads it; validate and notify use it.

use imaging::{Format, ResolvedSpec};

use super::{DeliveryDomain, Profiles, Record, Retention};

/// The settings that decide what becomes of a picture.
#[derive(Debug)]
pub struct Settings {
    /// Which pictures are accepted, and which renditions are made of them.
    pub profiles: Profiles,
    /// Name of the bucket that renditions are written to.
    pub destination_bucket: String,
    /// Public domain of the renditions; absent if no CDN delivers them.
    pub delivery: Option<DeliveryDomain>,
    /// How long records are kept.
    pub retention: Retention,
}

impl Settings {
    /// Whether the execution of `record` may write a rendition with that key.
    ///
    /// Every source format is tried.
    pub fn execution_may_write(&self, record: &Record, key: &str) -> bool {
        // The record of a running execution may not have the format yet, and the key depends on it.
        let (_, profile) = self.profiles.for_key(&record.key);
        profile.renditions.iter().any(|spec| {
            Format::SOURCES.iter().any(|format| {
                let spec = ResolvedSpec::new(spec.clone(), *format);
                let version = record.upload.version_id.as_deref();
                imaging::rendition_key(&record.key, &record.upload.etag, version, &spec) == key
            })
        })
    }
}
