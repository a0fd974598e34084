//! The images function: reads the configuration, creates the clients, and serves the use cases of [`pipeline::api`].

use images::{Api, serve};
use pipeline::{
    aws::{self, StackPorts},
    lambda::{config::ImagesConfig, logging},
};

// Lambda sends one event at a time to a process.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::init();
    let config = ImagesConfig::read(|name| std::env::var(name).ok())?;
    let ports = StackPorts::new(
        &aws::sdk_config(),
        &config.source_bucket,
        &config.destination_bucket,
        &config.record_table,
        &config.state_machine_arn,
    );

    serve(Api::new(ports, config)).await.map_err(anyhow::Error::from_boxed)
}
