//! What the doctor has made, so that it can be removed whatever happens.

/// Each is noted before it is made, or right after where AWS chooses its name.
#[derive(Debug, Default)]
pub(super) struct Leftovers {
    /// Source keys of pictures.
    pub(super) keys: Vec<String>,
    /// The rule and the queue that hear events: their common name.
    pub(super) listener: Option<Listener>,
    /// A user of the stack's own user pool.
    pub(super) user: Option<User>,
}

/// A temporary rule that sends events to a temporary queue.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    /// The name of both.
    pub(super) name: String,
    pub(super) bus: String,
    /// Empty until the queue exists.
    pub(super) queue_url: String,
}

/// A temporary user.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) pool: String,
    pub(super) name: String,
}
