//! One check a file; their order is in [`super::CHECKS`].

pub(super) mod buckets;
pub(super) mod cdn;
pub(super) mod credentials;
pub(super) mod events;
pub(super) mod functions;
pub(super) mod links;
pub(super) mod listener;
pub(super) mod machine;
pub(super) mod outputs;
pub(super) mod policies;
pub(super) mod rejection;
pub(super) mod removal;
pub(super) mod roles;
pub(super) mod routes;
pub(super) mod rules;
pub(super) mod table;
pub(super) mod uploads;

mod follow;
mod measure;
