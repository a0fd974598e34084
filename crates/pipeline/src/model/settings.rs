//! What a deployment has set: read by `config`, used by validate and notify.

use imaging::{Format, ResolvedSpec};

use crate::{DeliveryDomain, Profiles, Record, Retention};

/// What a deployment decides by.
#[derive(Debug)]
pub struct Rules {
    /// Which pictures are accepted, and what is made of them.
    pub profiles: Profiles,
    /// Where the renditions will lie.
    pub destination_bucket: String,
    /// Where the world fetches them; none where nothing delivers them.
    pub delivery: Option<DeliveryDomain>,
    /// How long records are kept.
    pub retention: Retention,
}

impl Rules {
    /// Whether the execution that works on `record` may write a rendition of that key. The source's
    /// format may not be known yet, so that it counts as any.
    pub fn may_write(&self, record: &Record, key: &str) -> bool {
        let (_, profile) = self.profiles.for_key(&record.key);
        profile.renditions.iter().any(|spec| {
            Format::SOURCES.iter().any(|format| {
                let spec = ResolvedSpec::new(spec.clone(), *format);
                let version = record.version_id.as_deref();
                imaging::rendition_key(&record.key, &record.etag, version, &spec) == key
            })
        })
    }
}
