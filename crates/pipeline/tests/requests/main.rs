//! The HTTP requests of the AWS adapters are equal to those in `requests.json`.
//!
//! `make aws-check` validates that file with AWS's models of the services, and simulates each request with the role of
//! its function. `RECORD=1 cargo test -p pipeline --test requests` writes the file.

mod recorder;

use std::{fs, path::Path};

use pipeline::{
    Record, Sequencer, Status, Timestamp,
    aws::{EventBus, ObjectStore, RecordTable, StateMachine},
    messages::{Destination, ImageEvent, SourceObject},
    ports::{ByteReader, Events, Executions, NewRendition, Records, Renditions, Sources, TimeRange},
};
use recorder::Recorder;
use serde_json::{Value, json};

const KEY: &str = "uploads/holiday photo (1)+ü.jpg";

#[tokio::test]
async fn requests_are_equal_to_the_recorded_ones() {
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
    let recorded = fs::read_to_string(&file).expect("the file exists");
    assert_eq!(sent, recorded, "RECORD=1 records the new requests");
}

async fn validate() -> Vec<Value> {
    let recorder = Recorder::new("validate");
    let objects = ObjectStore::new(&recorder.config());
    let records = RecordTable::new(&recorder.config(), "records");
    objects.read_range(&versioned(), 0, 65_536).await.expect("read");
    objects.read_range(&unversioned(), 0, 65_536).await.expect("read");
    records.open(&record("processing")).await.expect("open");
    recorder.requests()
}

async fn resize() -> Vec<Value> {
    let recorder = Recorder::new("resize");
    let objects = ObjectStore::new(&recorder.config());
    objects.read_all(&versioned()).await.map(drop).expect("read");
    objects.read_all(&unversioned()).await.map(drop).expect("read");
    objects.put(rendition(), body(vec![0; 9_000])).await.expect("put");
    objects.put(rendition(), body(vec![0; 9_000_000])).await.expect("put in parts");
    let broken: ByteReader = Box::new(recorder::FailingReader::after(9_000_000));
    objects.put(rendition(), broken).await.expect_err("the encoder failed");
    recorder.requests()
}

async fn notify() -> Vec<Value> {
    let recorder = Recorder::new("notify");
    let objects = ObjectStore::new(&recorder.config());
    let records = RecordTable::new(&recorder.config(), "records");
    let bus = EventBus::new(&recorder.config(), "default");
    let completed = record("completed");
    records.get(KEY).await.expect("get");
    records.close(&completed).await.expect("close");
    records.close(&record("failed")).await.expect("close");
    records.forget_replaced(&completed).await.expect("forget");
    objects.tag_superseded(&rendition().destination).await.expect("tag");
    objects.untag_superseded(&rendition().destination).await.expect("untag");
    let event = ImageEvent::new(completed, "sources".to_owned(), "renditions".to_owned());
    bus.publish(&event).await.expect("publish");
    recorder.requests()
}

async fn images() -> Vec<Value> {
    let recorder = Recorder::new("images");
    let config = recorder.config();
    let records = RecordTable::new(&config, "records");
    let objects = ObjectStore::new(&config);
    let alias = "arn:aws:states:eu-central-1:123456789012:stateMachine:pipeline:live";
    let time = Timestamp::from_unix_seconds(1_777_636_800).expect("a time");
    records.get(KEY).await.expect("get");
    records.last_sequencer(KEY).await.expect("last_sequencer");
    let range = TimeRange { from: Some(time), to: Some(time.plus_days(1)) };
    for range in [TimeRange::default(), range] {
        records.list_newest(Status::Completed, range, 20).await.expect("list");
    }
    records.write_tombstone(KEY, &Sequencer::new("0A"), time).await.expect("tombstone");
    records.supersede_events(KEY, &Sequencer::new("0A")).await.expect_err("the answer has no record");
    objects.current_version("sources", KEY).await.expect("current");
    objects.add_delete_marker("sources", KEY).await.expect("mark");
    objects.delete_versions("sources", KEY).await.expect("delete");
    objects.list("renditions", &format!("{KEY}/")).await.expect("list");
    objects.delete("renditions", &[rendition().destination.key]).await.expect("delete");
    StateMachine::new(&config, alias).start("again", "{}").await.expect("start");
    let mut requests = recorder.requests();
    // A presigned request is sent by a client, with the permissions of the function.
    let put = objects.presign_put("sources", &recorder::terms(KEY)).await.expect("put");
    requests.push(recorder.presigned("PUT", &put.url));
    let get = objects.presign_get(&rendition().destination).await.expect("get");
    requests.push(recorder.presigned("GET", &get));
    requests
}

fn versioned() -> SourceObject {
    SourceObject {
        bucket: "sources".to_owned(),
        key: KEY.to_owned(),
        version_id: Some("3sL4kqtJlcpXroDTDmJ".to_owned()),
        etag: "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
    }
}

fn unversioned() -> SourceObject {
    SourceObject { version_id: None, ..versioned() }
}

fn rendition() -> NewRendition {
    NewRendition {
        destination: Destination { bucket: "renditions".to_owned(), key: format!("{KEY}/thumbnail-0123456789.webp") },
        content_type: "image/webp",
        source_version: "3sL4kqtJlcpXroDTDmJ".to_owned(),
        spec: r#"{"name":"thumbnail"}"#.to_owned(),
    }
}

fn body(bytes: Vec<u8>) -> ByteReader {
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
