//! Parses any bytes as the input of each state of the state machine.
//!
//! A valid message is serialized and parsed again, and handled with the in-memory ports.

#![no_main]

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use pipeline::{
    NotifyDeps, Profiles, Retention, Sequencer, Settings, Timestamp,
    messages::{NotifyMessage, ResizeJob, Upload},
    notify, resize,
    testing::InMemoryCloud,
    validate,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::runtime::{Builder, Runtime};

/// A runtime with one thread is enough: resize renders in a thread that it starts.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    profiles: Profiles::built_in("web").expect("the profiles are built in"),
    destination_bucket: "renditions".to_owned(),
    delivery: None,
    retention: Retention { days: 90 },
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(message) = serde_json::from_str::<Upload>(text) {
        assert_round_trip(&message);
        let known = &message.detail.object.sequencer;
        assert!(
            Sequencer::for_reprocessing(Some(known), 1) >= Sequencer::for_reprocessing(None, 1)
        );
        let cloud = cloud_with_source(
            &message.detail.object.key,
            message.detail.object.version_id.as_deref(),
        );
        let _ = RUNTIME.block_on(validate(message, &SETTINGS, &cloud, &cloud));
    }
    if let Ok(message) = serde_json::from_str::<ResizeJob>(text) {
        assert_round_trip(&message);
        let cloud = cloud_with_source(&message.source.key, message.source.version_id.as_deref());
        let _ = RUNTIME.block_on(resize(message, Duration::from_secs(20), &cloud, &cloud));
    }
    if let Ok(message) = serde_json::from_str::<NotifyMessage>(text) {
        assert_round_trip(&message);
        let cloud = InMemoryCloud::default();
        let deps =
            NotifyDeps { settings: &SETTINGS, records: &cloud, renditions: &cloud, events: &cloud };
        let _ = RUNTIME.block_on(notify(message, Timestamp::now(), &deps));
    }
    // Not a message, but also JSON that the functions read.
    let _ = Profiles::from_json(text, "web");
});

/// A redrive passes messages that one release wrote to another release.
fn assert_round_trip<M: Serialize + DeserializeOwned + PartialEq + Debug>(message: &M) {
    let text = serde_json::to_string(message).expect("a message can be serialized");
    assert_eq!(
        &serde_json::from_str::<M>(&text).expect("a serialized message can be parsed"),
        message
    );
}

/// In-memory ports with one small picture as the source.
fn cloud_with_source(key: &str, version_id: Option<&str>) -> InMemoryCloud {
    let cloud = InMemoryCloud::default();
    let picture = imaging::chart::jpeg(imaging::Size::new(16, 12), Default::default());
    cloud.put_source(key, version_id, picture);
    cloud
}
