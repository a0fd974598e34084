//! The values that the pipeline works with: what is stored, what is sent, and what a deployment sets.

mod delivery;
mod failure;
mod key;
pub mod messages;
mod packaged_profiles;
mod picture;
mod profile;
mod record;
mod rejection;
mod sequencer;
mod settings;
mod timestamp;

pub use delivery::DeliveryDomain;
pub use failure::Failure;
pub use key::{KeyError, MAX_KEY_BYTES, check_key};
#[cfg(test)]
pub(crate) use packaged_profiles::digest as profiles_digest;
pub(crate) use packaged_profiles::{PREFIX as PACKAGED_PREFIX, read as read_packaged_profiles};
pub use picture::Picture;
pub use profile::{Profile, ProfileError, Profiles};
pub use record::{Ending, FailureNote, Record, Rendition, Retention, Status};
pub use rejection::Rejection;
pub use sequencer::{NotHexadecimal, Sequencer};
pub use settings::Rules;
pub use timestamp::{Timestamp, TimestampError};
