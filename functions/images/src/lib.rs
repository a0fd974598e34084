//! The images function: the HTTP API and the removal of deleted sources, around the use cases of [`pipeline::api`].
//!
//! - [`serve()`] runs the function. [`Function`] handles both kinds of event: an HTTP request from API Gateway and an
//!   "Object Deleted" event of S3.
//! - [`router()`] maps each method and path to its handler.
//! - [`Api`] is the state that the handlers share.
//! - [`Problem`] is the body of every error response.

mod api;
mod cors;
mod etag;
mod executions;
mod extract;
mod gateway_request;
mod images;
mod list_params;
mod problem;
mod router;
mod scope;
mod serve;
mod uploads;

pub use api::Api;
pub use problem::Problem;
pub use router::router;
pub use serve::{Function, serve};
