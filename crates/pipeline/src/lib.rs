//! The application: what happens to a picture between its upload and the event that tells of it.
//!
//! A guided tour:
//!
//! - [`messages`] is what the states of the state machine say to each other.
//! - [`validate()`], [`resize()`] and [`notify()`] are the use cases of the state machine, one per function; each
//!   reads top to bottom. [`images`] are those of the HTTP API.
//! - [`ports`] is what they need of the world; [`aws`] is that world, and with the feature `twins`
//!   `memory` is one to test in, `conformance` what both must do.
//! - [`record`] is what is known of a picture, and [`Failure`] what can go wrong that is ours to mend.
//! - [`config`], [`logging`], [`metrics`] and [`serve()`] start a function.
//!
//! Nothing here decodes a pixel: that is the [`imaging`] crate, which in turn knows no AWS.

pub mod aws;
pub mod config;
#[cfg(feature = "twins")]
pub mod conformance;
mod delivery;
mod failure;
pub mod images;
mod key;
pub mod logging;
mod measures;
#[cfg(feature = "twins")]
pub mod memory;
mod memory_use;
pub mod messages;
pub mod metrics;
mod notify;
mod packaged_profiles;
mod pipe;
pub mod ports;
mod profile;
pub mod record;
mod resize;
mod rules;
mod sequencer;
mod serve;
mod timestamp;
mod validate;

pub use delivery::DeliveryDomain;
pub use failure::Failure;
pub use key::{KeyError, MAX_KEY_BYTES, check_key};
pub use notify::{Desk, Notice, notify};
pub use profile::{Profile, ProfileError, Profiles};
pub use resize::resize;
pub use rules::Rules;
pub use sequencer::{NotHexadecimal, Sequencer};
pub use serve::{Logged, serve};
pub use timestamp::Timestamp;
pub use validate::validate;
