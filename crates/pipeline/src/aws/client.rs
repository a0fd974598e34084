//! Configuration of the SDK clients.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider,
    retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_s3::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

/// The configuration of a function's clients: region and credentials are in the environment.
///
/// [`sdk_config_loader`] also reads files and asks services, which Lambda does not need. It would add half a megabyte to each
/// function.
pub fn sdk_config() -> SdkConfig {
    let environment = |name| std::env::var(name).ok();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(environment("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .http_client(https_client())
        .retry_config(retries())
        .timeout_config(timeouts());
    config.set_endpoint_url(environment("AWS_ENDPOINT_URL"));
    config.build()
}

/// The configuration of a command line's clients: it finds the user's profile, session or role.
pub fn sdk_config_loader() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(https_client())
        .retry_config(retries())
        .timeout_config(timeouts())
}

// Few attempts, each limited by `timeouts`: the state machine retries as well.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(2)).read_timeout(Duration::from_secs(10)).build()
}

/// The HTTP client of the SDKs, with TLS by ring.
// The SDKs' default, aws-lc, takes a minute to compile and a megabyte to load.
pub fn https_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}
