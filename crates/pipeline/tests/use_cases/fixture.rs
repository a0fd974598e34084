//! The use cases around an in-memory cloud, and values to call them with.

use imaging::{Orientation, RejectionCode, Size};
use pipeline::{
    Failure, NotifyDeps, NotifyOutcome, Picture, Profiles, Record, Retention, Settings, Timestamp,
    api::SourceDeleted,
    messages::{
        Destination, ExecutionOutcome, NotifyMessage, ResizeResult, StatusChange, StatusChangeDetail, Upload, Verdict,
    },
    notify,
    ports::{NewRendition, Records, Renditions},
    testing::{InMemoryCloud, sample},
    validate,
};
use serde_json::json;

pub(crate) struct Fixture {
    pub(crate) cloud: InMemoryCloud,
    pub(crate) settings: Settings,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let settings = Settings {
            profiles: Profiles::built_in("web").unwrap(),
            destination_bucket: "renditions".to_owned(),
            delivery: None,
            retention: Retention { days: 90 },
        };
        Self { cloud: InMemoryCloud::default(), settings }
    }

    /// Stores a source and validates its upload.
    pub(crate) async fn upload(&self, key: &str, sequencer: &str, bytes: Vec<u8>) -> Verdict {
        self.try_upload(key, sequencer, bytes).await.unwrap()
    }

    pub(crate) async fn try_upload(&self, key: &str, sequencer: &str, bytes: Vec<u8>) -> Result<Verdict, Failure> {
        let upload = upload(key, sequencer, bytes.len());
        self.cloud.put_source(key, Some(sequencer), bytes);
        self.validate(upload).await
    }

    pub(crate) async fn validate(&self, upload: Upload) -> Result<Verdict, Failure> {
        validate(upload, &self.settings, &self.cloud, &self.cloud).await
    }

    /// A picture whose record is open.
    pub(crate) async fn open(&self, key: &str, sequencer: &str, execution: &str) -> Picture {
        self.open_picture(sample::picture(key, sequencer, execution)).await
    }

    pub(crate) async fn open_picture(&self, picture: Picture) -> Picture {
        let record = Record::processing(&picture, self.settings.retention);
        self.cloud.open(&record).await.unwrap();
        picture
    }

    pub(crate) async fn notify(&self, message: NotifyMessage) -> Result<NotifyOutcome, Failure> {
        let deps =
            NotifyDeps { settings: &self.settings, records: &self.cloud, renditions: &self.cloud, events: &self.cloud };
        notify(message, notified_at(), &deps).await
    }

    /// Notifies that every job of the picture has run. The renditions of `results` are stored.
    pub(crate) async fn complete(
        &self,
        picture: Picture,
        results: Vec<ResizeResult>,
    ) -> Result<NotifyOutcome, Failure> {
        for result in &results {
            if let ResizeResult::Rendered { rendition, .. } = result {
                self.put_rendition(&rendition.key).await;
            }
        }
        let outcome = ExecutionOutcome::Completed { picture, results };
        self.notify(NotifyMessage::Outcome(outcome)).await
    }

    async fn put_rendition(&self, key: &str) {
        if self.cloud.rendition(key).is_none() {
            let (bucket, key) = (self.settings.destination_bucket.clone(), key.to_owned());
            let rendition = NewRendition {
                destination: Destination { bucket, key },
                content_type: "image/webp",
                source_version: String::new(),
                spec: String::new(),
            };
            self.cloud.put(rendition, Box::new(&b""[..])).await.unwrap();
        }
    }

    /// Notifies that the execution of an upload has failed.
    pub(crate) async fn fail(&self, key: &str, sequencer: &str, execution: &str) -> Result<NotifyOutcome, Failure> {
        let detail = json!({
            "bucket": {"name": "sources"},
            "object": {"key": key, "size": 1, "etag": "content", "version-id": sequencer, "sequencer": sequencer},
        });
        let input = json!({"detail": detail, "time": "2026-05-01T12:00:00Z"});
        self.fail_with_input(execution, &input.to_string()).await
    }

    pub(crate) async fn fail_with_input(&self, execution: &str, input: &str) -> Result<NotifyOutcome, Failure> {
        let detail = StatusChangeDetail {
            execution_arn: execution.to_owned(),
            status: "FAILED".to_owned(),
            input: Some(input.to_owned()),
            error: Some("SourceGone".to_owned()),
            cause: None,
        };
        self.notify(NotifyMessage::StatusChange(StatusChange { detail })).await
    }
}

pub(crate) fn upload(key: &str, sequencer: &str, byte_len: usize) -> Upload {
    let detail = json!({
        "bucket": {"name": "sources"},
        "object": {"key": key, "size": byte_len, "etag": "content", "version-id": sequencer, "sequencer": sequencer},
    });
    let upload = json!({"detail": detail, "execution": "a", "received_at": "2026-05-01T12:00:00Z"});
    serde_json::from_value(upload).unwrap()
}

/// S3's event of a deletion.
pub(crate) fn source_deleted(key: &str, sequencer: &str, deletion_type: &str) -> SourceDeleted {
    let object = json!({"key": key, "sequencer": sequencer});
    let detail = json!({"bucket": {"name": "sources"}, "object": object, "deletion-type": deletion_type});
    serde_json::from_value(json!({"time": "2026-05-01T12:00:00Z", "detail": detail})).unwrap()
}

/// The upload for which the last execution was started.
pub(crate) fn last_started(cloud: &InMemoryCloud) -> Option<Upload> {
    let (name, input) = cloud.executions().pop()?;
    let input: serde_json::Value = serde_json::from_str(&input).unwrap();
    let upload = json!({"detail": input["detail"], "execution": name, "received_at": input["time"]});
    Some(serde_json::from_value(upload).unwrap())
}

pub(crate) fn rendered(key: &str) -> ResizeResult {
    ResizeResult::Rendered { rendition: sample::rendition(key), render_ms: 12 }
}

pub(crate) fn corrupt(name: &str) -> ResizeResult {
    ResizeResult::Rejected { name: name.to_owned(), code: RejectionCode::Corrupt, message: "cut short".to_owned() }
}

/// The time at which notify is called: one second after the upload.
pub(crate) fn notified_at() -> Timestamp {
    serde_json::from_str("\"2026-05-01T12:00:01Z\"").unwrap()
}

/// A JPEG of 640×480 px.
pub(crate) fn chart() -> Vec<u8> {
    imaging::chart::jpeg(Size::new(640, 480), Orientation::try_from(1).unwrap())
}
