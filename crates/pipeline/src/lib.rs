//! What happens to a picture between its upload and the event with its outcome.
//!
//! Where to read what:
//!
//! - [`validate()`], [`resize()`] and [`notify()`] are the use cases of the state machine, one per function. [`api`]
//!   has the use cases of the HTTP API.
//! - [`ports`] are the five interfaces that the use cases need. [`aws`] implements them; the feature `testing` adds
//!   in-memory implementations and the suite that both must pass.
//! - The model has the values: [`messages`] between the states, the [`Record`] of a picture, [`Profiles`],
//!   [`Settings`], and the [`Failure`]s on our side.
//! - [`lambda`] runs a function: configuration, logs, metrics, and the loop over invocations.
//!
//! Nothing here decodes a pixel. The [`imaging`] crate does, and it does not know AWS.

pub mod api;
pub mod aws;
pub mod lambda;
mod model;
mod notify;
pub mod ports;
mod rendition_pipe;
mod resize;
#[cfg(feature = "testing")]
pub mod testing;
mod validate;

pub use model::{
    DeliveryDomain, Failure, FailureNote, InvalidSequencer, KeyError, MAX_KEY_BYTES, Picture, Profile, ProfileError,
    Profiles, Record, RecordOutcome, RejectionNote, Rendition, Result, Retention, Sequencer, Settings, Status,
    Timestamp, TimestampError, UploadFacts, check_key, is_blank_key, messages,
};
pub use notify::{NotifyDeps, NotifyOutcome, notify};
pub use resize::resize;
pub use validate::validate;
