//! A deployed stack on the local cloud, as the end-to-end tests see it.
//!
//! `make test` deploys one and names its outputs in `DARKROOM_OUTPUTS`; without it, the one that
//! `make up` left running is used; without that, the tests say so and pass.

mod cloud;
mod ear;
pub mod proxy;
mod rule;

pub use cloud::{Cloud, Uploaded, eventually};
pub use ear::Ear;
pub use rule::UploadRule;
