//! Any bytes as what the images function is given: a request of API Gateway, or S3's word that a
//! source was deleted. A request has an answer, whatever it asks for, and it is none of ours to mend.

#![no_main]

use std::sync::LazyLock;

use images::{Api, Function};
use lambda_runtime::{Context, LambdaEvent};
use libfuzzer_sys::fuzz_target;
use pipeline::{lambda::config::ImagesConfig, testing::Cloud};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

fuzz_target!(|bytes: &[u8]| {
    let Ok(payload) = serde_json::from_slice(bytes) else { return };
    let config = ImagesConfig::read(|name| match name {
        "PROFILES" | "DEFAULT_PROFILE" | "DELIVERY_DOMAIN" => None,
        _ => Some("https://named.example".to_owned()),
    });
    let cloud = Cloud::default();
    cloud.put_source("cat.jpg", Some("v1"), b"picture".to_vec());
    let function = Function::new(Api::new(cloud, config.expect("it is complete")));
    let event = LambdaEvent::new(payload, Context::default());
    if let Ok(answer) = RUNTIME.block_on(function.handle(event)) {
        let status = answer.get("statusCode").and_then(|status| status.as_u64());
        assert!(status.is_none_or(|status| status < 500), "{answer}");
    }
});
