//! Everything that the doctor has created, so that it can delete it at the end, also after an error.

/// Resources are added before they are created, or right after if AWS chooses their name.
#[derive(Debug, Default)]
pub(super) struct CreatedResources {
    /// Source keys of uploaded pictures.
    pub(super) source_keys: Vec<String>,
    pub(super) event_listener: Option<EventListener>,
    /// A user of the stack's own user pool.
    pub(super) user: Option<TemporaryUser>,
}

/// A temporary rule that sends events to a temporary queue.
#[derive(Debug, Clone)]
pub(super) struct EventListener {
    /// The name of both the rule and the queue.
    pub(super) name: String,
    pub(super) bus: String,
    /// Empty until the queue exists, and if the rule does not work.
    pub(super) queue_url: String,
}

/// A temporary user.
#[derive(Debug, Clone)]
pub(super) struct TemporaryUser {
    pub(super) pool: String,
    pub(super) name: String,
}
