//! The ports on AWS: S3, DynamoDB, EventBridge, Step Functions. No type of an SDK is seen outside this module.

mod archive;
mod catalogue;
mod destination_bucket;
mod errors;
mod event_bus;
mod multipart;
mod object_store;
mod record_table;
mod s3;
mod signed_urls;
mod source_bucket;
mod state_machine;

use std::time::Duration;

use aws_config::{
    BehaviorVersion, ConfigLoader, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

pub use archive::StackArchive;
pub use destination_bucket::DestinationBucket;
pub use event_bus::EventBus;
pub use object_store::ObjectStore;
pub use record_table::RecordTable;
pub use signed_urls::SignedUrls;
pub use source_bucket::SourceBucket;
pub use state_machine::StateMachine;

/// What all clients of a function share: region, credentials and endpoint come from the environment.
pub async fn sdk_config() -> SdkConfig {
    loader().load().await
}

/// What all clients of ours share, before anything is read from the environment: TLS, and
/// time-outs and retries that leave those of the state machine room to work.
pub fn loader() -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(Duration::from_secs(10))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(https_client())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts)
}

/// The SDKs' HTTP client, with TLS by ring.
pub fn https_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}
