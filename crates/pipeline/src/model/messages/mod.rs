//! What the states say to each other: one file per message, each with its example in `events/`.
//!
//! Messages carry keys, never pixels: a state's input may have 256 KiB at most. Everything here
//! round-trips through JSON, because a redrive hands old messages to new code.

mod completion;
mod image_event;
mod resize_job;
mod upload;
mod verdict;

pub use completion::{NotifyMessage, Outcome, StatusChange, StatusChangeDetail};
pub use image_event::ImageEvent;
pub use resize_job::{Destination, ResizeJob, Resized, Source};
pub use upload::{Bucket, Object, ObjectCreated, Upload};
pub use verdict::Verdict;
