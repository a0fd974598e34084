//! The ports on AWS: S3, DynamoDB, EventBridge, Step Functions. No type of an SDK is seen outside this module.

mod api_ports;
mod destination_bucket;
mod errors;
mod event_bus;
mod multipart;
mod object_store;
mod record_index;
mod record_table;
mod s3;
mod signed_urls;
mod source_bucket;
mod state_machine;

use std::time::Duration;

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig,
    environment::EnvironmentVariableCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_s3::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

pub use api_ports::StackArchive;
pub use destination_bucket::DestinationBucket;
pub use event_bus::EventBus;
pub use object_store::ObjectStore;
pub use record_table::RecordTable;
pub use signed_urls::SignedUrls;
pub use source_bucket::SourceBucket;
pub use state_machine::StateMachine;

/// What all clients of a function share. Lambda tells region and credentials by the environment and nowhere else:
/// [`loader`], which looks everywhere, would be half a megabyte of each function.
pub fn sdk_config() -> SdkConfig {
    let environment = |name| std::env::var(name).ok();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(environment("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .http_client(https_client())
        .retry_config(retries())
        .timeout_config(timeouts());
    config.set_endpoint_url(environment("AWS_ENDPOINT_URL"));
    config.build()
}

/// The same for a program that people start, before it looks for their profile, session or role.
pub fn loader() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(https_client())
        .retry_config(retries())
        .timeout_config(timeouts())
}

/// With [`timeouts`], they leave those of the state machine room to work.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(Duration::from_secs(10))
        .build()
}

/// The SDKs' HTTP client, with TLS by ring.
pub fn https_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}
