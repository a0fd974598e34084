//! The application: what happens to a picture between its upload and the event that tells of it.
//!
//! A guided tour:
//!
//! - [`messages`] is what the states of the state machine say to each other.
//! - [`validate()`], [`resize()`] and [`notify()`] are the use cases of the state machine, one per function; each
//!   reads top to bottom. [`api`] are those of the HTTP API.
//! - [`ports`] is what they need of the world; [`aws`] is that world, and the feature `testing` has
//!   in-memory implementations of it.
//! - [`Record`] is what is known of a picture, and [`Failure`] what can go wrong that is ours to mend.
//! - [`lambda`] starts a function and runs it.
//!
//! Nothing here decodes a pixel: that is the [`imaging`] crate, which in turn knows no AWS.

pub mod api;
pub mod aws;
pub mod lambda;
mod model;
mod notify;
pub mod ports;
mod ports_api;
mod rendition_pipe;
mod resize;
#[cfg(feature = "testing")]
pub mod testing;
mod validate;

pub use model::{
    DeliveryDomain, Ending, Failure, FailureNote, KeyError, MAX_KEY_BYTES, NotHexadecimal, Picture,
    Profile, ProfileError, Profiles, Record, Rejection, Rendition, Retention, Rules, Sequencer,
    Status, Timestamp, TimestampError, check_key, messages,
};
pub use notify::{Desk, Notice, notify};
pub use resize::resize;
pub use validate::validate;
