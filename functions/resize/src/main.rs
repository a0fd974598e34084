//! The resize function: creates the client, and serves [`pipeline::resize()`].
//!
//! It has no configuration, because a job contains all that is needed.

use pipeline::{
    aws::{self, ObjectStore},
    lambda::{MetricsWriter, logging, serve},
    resize,
};

// Lambda sends one event at a time to a process. Rendering has a thread of its own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::init();
    let metrics = MetricsWriter::read(|name| std::env::var(name).ok());
    let store = ObjectStore::new(&aws::sdk_config());

    let answer = |job, left| resize(job, left, &store, &store);
    serve(metrics.as_ref(), answer).await.map_err(anyhow::Error::from_boxed)
}
