//! The messages between the states of the state machine: one file each, with an example in `events/`.
//!
//! Messages contain keys, never pixels: the input of a state is limited to 256 KiB. Every message round-trips through
//! JSON, because a redrive gives old messages to new code.

mod completion;
mod image_event;
mod resize_job;
mod upload;
mod verdict;

pub use completion::{ExecutionOutcome, NotifyMessage, StatusChange, StatusChangeDetail};
pub use image_event::ImageEvent;
pub use resize_job::{Destination, ResizeJob, ResizeResult, SourceObject};
pub use upload::{EventBucket, EventObject, ObjectCreated, Upload};
pub use verdict::Verdict;
