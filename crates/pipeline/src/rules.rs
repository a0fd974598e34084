//! What a deployment has set: read by `config`, used by validate and notify.

use crate::{profile::Profiles, record::Retention};

/// What a deployment decides by.
#[derive(Debug)]
pub struct Rules {
    /// Which pictures are accepted, and what is made of them.
    pub profiles: Profiles,
    /// Where the renditions will lie.
    pub destination_bucket: String,
    /// How long records are kept.
    pub retention: Retention,
}
