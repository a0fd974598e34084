//! The notify function: configuration, clients, serve. What it does is [`pipeline::notify()`].

use pipeline::{
    Desk, Timestamp,
    aws::{self, EventBus, ObjectStore, RecordTable},
    config::NotifyConfig,
    logging, notify, serve,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::init();
    let config = NotifyConfig::read(|name| std::env::var(name).ok())?;
    let sdk = aws::sdk_config().await;
    let desk = Desk {
        rules: &config.rules,
        records: &RecordTable::new(&sdk, &config.record_table),
        renditions: &ObjectStore::new(&sdk),
        events: &EventBus::new(&sdk, &config.event_bus_name),
    };

    let answer = |message| notify(message, Timestamp::now(), &desk);
    serve(answer).await.map_err(anyhow::Error::from_boxed)
}
