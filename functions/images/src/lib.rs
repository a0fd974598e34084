//! HTTP in, HTTP out: the images function around the use cases of [`pipeline::api`].
//!
//! - [`serve()`] tells the two kinds of invocation apart: a request of API Gateway, and S3's word
//!   that a source was deleted.
//! - [`router()`] is the API's table: which call is which use case.
//! - Whatever goes wrong is answered as a [`Problem`].

mod api;
mod caller;
mod cors;
mod executions;
mod extract;
mod pictures;
mod problem;
mod proxy;
mod serve;
mod uploads;

pub use api::{Api, router};
pub use problem::Problem;
pub use serve::{Function, serve};
