//! The checks, one per file. Their order is in `CHECKS` (`doctor/mod.rs`).

pub(super) mod api_access;
pub(super) mod aws_credentials;
pub(super) mod bucket_policies;
pub(super) mod buckets;
pub(super) mod cdn;
pub(super) mod cleanup;
pub(super) mod event_listener;
pub(super) mod functions;
pub(super) mod published_event;
pub(super) mod record_table;
pub(super) mod rejected_file;
pub(super) mod rendition_links;
pub(super) mod role_permissions;
pub(super) mod rules;
pub(super) mod stack;
pub(super) mod state_machine;
pub(super) mod uploads;

mod outcome;
mod rendition;
mod test_picture;
