//! The notify function: reads the configuration, creates the clients, and serves [`pipeline::notify()`].

use pipeline::{
    NotifyDeps, Timestamp,
    aws::{self, EventBus, ObjectStore, RecordTable},
    lambda::{MetricsWriter, config::NotifyConfig, logging, serve},
    notify,
};

// Lambda sends one event at a time to a process.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::init();
    let metrics = MetricsWriter::read(|name| std::env::var(name).ok());
    let config = NotifyConfig::read(|name| std::env::var(name).ok())?;
    let sdk = aws::sdk_config();
    let deps = NotifyDeps {
        settings: &config.settings,
        records: &RecordTable::new(&sdk, &config.record_table),
        renditions: &ObjectStore::new(&sdk),
        events: &EventBus::new(&sdk, &config.event_bus_name),
    };

    let answer = |message, _| notify(message, Timestamp::now(), &deps);
    serve(metrics.as_ref(), answer).await.map_err(anyhow::Error::from_boxed)
}
