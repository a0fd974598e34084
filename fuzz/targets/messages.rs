//! Any bytes as what a state of the state machine is given: parsed, and where they are a message,
//! answered, over a cloud in memory. One that parses comes back the same.

#![no_main]

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use pipeline::{
    Desk, Profiles, Retention, Rules, Sequencer, Timestamp,
    messages::{NotifyMessage, ResizeJob, Upload},
    notify, resize,
    testing::Cloud,
    validate,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::runtime::{Builder, Runtime};

/// Resize renders on a thread of its own.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    profiles: Profiles::built_in("web").expect("they are built in"),
    destination_bucket: "renditions".to_owned(),
    delivery: None,
    retention: Retention { days: 90 },
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(message) = serde_json::from_str::<Upload>(text) {
        comes_back(&message);
        let known = &message.detail.object.sequencer;
        assert!(Sequencer::again(Some(known), 1) >= Sequencer::again(None, 1));
        let cloud =
            holding(&message.detail.object.key, message.detail.object.version_id.as_deref());
        let _ = RUNTIME.block_on(validate(message, &RULES, &cloud, &cloud));
    }
    if let Ok(message) = serde_json::from_str::<ResizeJob>(text) {
        comes_back(&message);
        let cloud = holding(&message.source.key, message.source.version_id.as_deref());
        let _ = RUNTIME.block_on(resize(message, Duration::from_secs(20), &cloud, &cloud));
    }
    if let Ok(message) = serde_json::from_str::<NotifyMessage>(text) {
        comes_back(&message);
        let cloud = Cloud::default();
        let desk = Desk { rules: &RULES, records: &cloud, renditions: &cloud, events: &cloud };
        let _ = RUNTIME.block_on(notify(message, Timestamp::now(), &desk));
    }
    // What is configured is no message, but stands beside them in the same parser.
    let _ = Profiles::from_json(text, "web");
});

/// A redrive hands what was written by one release to another.
fn comes_back<M: Serialize + DeserializeOwned + PartialEq + Debug>(message: &M) {
    let text = serde_json::to_string(message).expect("messages are plain data");
    assert_eq!(&serde_json::from_str::<M>(&text).expect("it was one before"), message);
}

/// A cloud with one small picture in it.
fn holding(key: &str, version_id: Option<&str>) -> Cloud {
    let cloud = Cloud::default();
    let picture = imaging::chart::jpeg(imaging::Size::new(16, 12), Default::default());
    cloud.put_source(key, version_id, picture);
    cloud
}
