//! Handles any JSON as an event of the images function: a request of API Gateway, or S3's "Object Deleted" event.
//!
//! The function must not panic, and must not answer an HTTP request with a status of 500 or more.

#![no_main]

use std::sync::LazyLock;

use images::{Api, Function};
use lambda_runtime::{Context, LambdaEvent};
use libfuzzer_sys::fuzz_target;
use pipeline::{lambda::config::ImagesConfig, testing::InMemoryCloud};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

fuzz_target!(|bytes: &[u8]| {
    let Ok(payload) = serde_json::from_slice(bytes) else { return };
    let config = ImagesConfig::read(|name| match name {
        "PROFILES" | "DEFAULT_PROFILE" | "DELIVERY_DOMAIN" => None,
        _ => Some("https://named.example".to_owned()),
    });
    let cloud = InMemoryCloud::default();
    cloud.put_source("cat.jpg", Some("v1"), b"picture".to_vec());
    let function = Function::new(Api::new(cloud, config.expect("the configuration is complete")));
    let event = LambdaEvent::new(payload, Context::default());
    if let Ok(response) = RUNTIME.block_on(function.handle(event)) {
        let status = response.get("statusCode").and_then(|status| status.as_u64());
        assert!(status.is_none_or(|status| status < 500), "{response}");
    }
});
