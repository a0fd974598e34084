//! The validate function: reads the configuration, creates the clients, and serves [`pipeline::validate()`].

use pipeline::{
    aws::{self, ObjectStore, RecordTable},
    lambda::{MetricsWriter, config::ValidateConfig, logging, serve},
    validate,
};

// Lambda sends one event at a time to a process.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::init();
    let metrics = MetricsWriter::read(|name| std::env::var(name).ok());
    let config = ValidateConfig::read(|name| std::env::var(name).ok())?;
    let sdk = aws::sdk_config();
    let sources = ObjectStore::new(&sdk);
    let records = RecordTable::new(&sdk, &config.record_table);

    let answer = |upload, _| validate(upload, &config.settings, &sources, &records);
    serve(metrics.as_ref(), answer).await.map_err(anyhow::Error::from_boxed)
}
