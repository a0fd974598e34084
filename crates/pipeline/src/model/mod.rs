//! The values of the pipeline: what is stored, what is sent, and what a deployment configures.

mod delivery;
mod failure;
mod key;
pub mod messages;
mod outcome;
pub(crate) mod packaged_profiles;
mod picture;
mod profile;
mod record;
mod rendition;
mod sequencer;
mod settings;
mod timestamp;

pub use delivery::DeliveryDomain;
pub use failure::{Failure, Result};
pub(crate) use key::is_folder_marker;
pub use key::{KeyError, MAX_KEY_BYTES, check_key, is_blank_key};
pub use outcome::{FailureNote, RecordOutcome, RejectionNote};
pub use picture::{Picture, UploadFacts};
pub use profile::{Profile, ProfileError, Profiles};
pub use record::{Record, Retention, Status};
pub use rendition::Rendition;
pub use sequencer::{InvalidSequencer, Sequencer};
pub use settings::Settings;
pub use timestamp::{Timestamp, TimestampError};
