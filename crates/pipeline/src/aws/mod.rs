//! The ports on AWS: S3, DynamoDB, EventBridge. No type of an SDK is seen outside this module.

mod errors;
mod event_bus;
mod object_store;
mod record_table;

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};

pub use event_bus::EventBus;
pub use object_store::ObjectStore;
pub use record_table::RecordTable;

/// What all clients share: region, credentials and endpoint from the environment, and time-outs
/// that leave the state machine's own retries room to work.
pub async fn sdk_config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(Duration::from_secs(10))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts)
        .load()
        .await
}
