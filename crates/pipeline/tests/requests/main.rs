//! Every request that the adapters send to AWS, as it goes onto the wire, is the one in `requests.json`.
//!
//! `make aws-check` holds that file against AWS's own models of the services, and simulates each request under the role
//! of the function that sends it. `RECORD=1 cargo test -p pipeline --test requests` writes it anew.

mod recorder;

use std::{fs, path::Path};

use pipeline::{
    Record, Sequencer, Status, Timestamp,
    aws::{
        DestinationBucket, EventBus, ObjectStore, RecordTable, SignedUrls, SourceBucket,
        StateMachine,
    },
    messages::{Destination, ImageEvent, Source},
    ports::{
        Body, Catalogue, Events, Executions, NewRendition, Records, Renditions, SourceVersions,
        Sources, StoredRenditions, Urls, Window,
    },
};
use recorder::Recorder;
use serde_json::{Value, json};

const KEY: &str = "uploads/holiday photo (1)+ü.jpg";

#[tokio::test]
async fn requests_are_those_that_are_checked() {
    let mut requests: Vec<Value> = Vec::new();
    requests.extend(validate().await);
    requests.extend(resize().await);
    requests.extend(notify().await);
    requests.extend(images().await);

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests/requests.json");
    let sent = format!("{}\n", serde_json::to_string_pretty(&requests).expect("JSON"));
    if std::env::var_os("RECORD").is_some() {
        fs::write(&file, &sent).expect("the file is written");
    }
    let recorded = fs::read_to_string(&file).expect("the file is there");
    assert_eq!(sent, recorded, "RECORD=1 writes what is sent now");
}

async fn validate() -> Vec<Value> {
    let recorder = Recorder::of("validate");
    let store = ObjectStore::new(&recorder.config());
    let records = RecordTable::new(&recorder.config(), "records");
    store.read_range(&versioned(), 0, 65_536).await.expect("read");
    store.read_range(&unversioned(), 0, 65_536).await.expect("read");
    records.open(&record("processing")).await.expect("open");
    recorder.requests()
}

async fn resize() -> Vec<Value> {
    let recorder = Recorder::of("resize");
    let store = ObjectStore::new(&recorder.config());
    store.read_all(&versioned()).await.map(drop).expect("read");
    store.read_all(&unversioned()).await.map(drop).expect("read");
    store.put(rendition(), body(vec![0; 9_000])).await.expect("put");
    store.put(rendition(), body(vec![0; 9_000_000])).await.expect("put in parts");
    let broken: Body = Box::new(recorder::Breaks::after(9_000_000));
    store.put(rendition(), broken).await.expect_err("the encoder failed");
    recorder.requests()
}

async fn notify() -> Vec<Value> {
    let recorder = Recorder::of("notify");
    let store = ObjectStore::new(&recorder.config());
    let records = RecordTable::new(&recorder.config(), "records");
    let bus = EventBus::new(&recorder.config(), "default");
    let completed = record("completed");
    records.get(KEY).await.expect("get");
    records.close(&completed).await.expect("close");
    records.close(&record("failed")).await.expect("close");
    records.forget_replaced(&completed).await.expect("forget");
    store.tag_superseded(&rendition().destination).await.expect("tag");
    store.untag_superseded(&rendition().destination).await.expect("untag");
    let event = ImageEvent::of(completed, "sources".to_owned(), "renditions".to_owned());
    bus.publish(&event).await.expect("publish");
    recorder.requests()
}

async fn images() -> Vec<Value> {
    let recorder = Recorder::of("images");
    let config = recorder.config();
    let records = RecordTable::new(&config, "records");
    let sources = SourceBucket::new(&config, "sources");
    let renditions = DestinationBucket::new(&config, "renditions");
    let urls = SignedUrls::new(&config, "sources", "renditions", None);
    let alias = "arn:aws:states:eu-central-1:123456789012:stateMachine:pipeline:live";
    let moment = Timestamp::from_unix_seconds(1_777_636_800).expect("a time");
    records.get(KEY).await.expect("get");
    records.sequencer(KEY).await.expect("sequencer");
    let window = Window { from: Some(moment), to: Some(moment.plus_days(1)) };
    for window in [Window::default(), window] {
        records.newest(Status::Completed, window, 20).await.expect("newest");
    }
    records.bury(KEY, &Sequencer::new("0A"), moment).await.expect("bury");
    sources.current(KEY).await.expect("current");
    sources.mark_deleted(KEY).await.expect("mark");
    sources.remove_all(KEY).await.expect("remove");
    renditions.list(&format!("{KEY}/")).await.expect("list");
    renditions.remove(&[rendition().destination.key]).await.expect("remove");
    StateMachine::new(&config, alias).start("again", "{}").await.expect("start");
    let mut requests = recorder.requests();
    // A link is signed here, and used by others with the function's rights.
    requests
        .push(recorder.presigned("PUT", &urls.put(&recorder::terms(KEY)).await.expect("put").url));
    requests.push(
        recorder.presigned("GET", &urls.get(&rendition().destination.key).await.expect("get")),
    );
    requests
}

fn versioned() -> Source {
    Source {
        bucket: "sources".to_owned(),
        key: KEY.to_owned(),
        version_id: Some("3sL4kqtJlcpXroDTDmJ".to_owned()),
        etag: "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
    }
}

fn unversioned() -> Source {
    Source { version_id: None, ..versioned() }
}

fn rendition() -> NewRendition {
    NewRendition {
        destination: Destination {
            bucket: "renditions".to_owned(),
            key: format!("{KEY}/thumbnail-0123456789.webp"),
        },
        content_type: "image/webp",
        source_version: "3sL4kqtJlcpXroDTDmJ".to_owned(),
        spec: r#"{"name":"thumbnail"}"#.to_owned(),
    }
}

fn body(bytes: Vec<u8>) -> Body {
    Box::new(std::io::Cursor::new(bytes))
}

fn record(status: &str) -> Record {
    let common = json!({
        "key": KEY, "status": status, "sequencer": "0A", "version_id": "3sL4kqtJlcpXroDTDmJ",
        "etag": "d41d8cd98f00b204e9800998ecf8427e", "byte_len": 4_000_000, "format": "jpeg",
        "width": 4000, "height": 3000, "profile": "web",
        "execution": "arn:aws:states:eu-central-1:123456789012:execution:pipeline:1",
        "received_at": "2026-05-01T12:00:00Z", "expires_at": 1_780_000_000,
    });
    let mut record: Record = serde_json::from_value(common).expect("a record");
    if status == "completed" {
        let stored = json!([{"name": "thumbnail", "key": rendition().destination.key, "format": "webp",
            "width": 300, "height": 225, "byte_len": 9000}]);
        record.renditions = serde_json::from_value(stored).expect("renditions");
    }
    record
}
