//! A cloud in memory with the pipeline's use cases around it, for stories to be told in.

use imaging::{Format, Orientation, RejectionCode, Size};
use pipeline::{
    Desk, Failure, Notice, Picture, Profiles, Record, Rendition, Retention, Rules, Sequencer,
    Timestamp,
    messages::{
        NotifyMessage, Outcome, Resized, StatusChange, StatusChangeDetail, Upload, Verdict,
    },
    notify,
    ports::Records,
    testing::Cloud,
    validate,
};
use serde_json::json;

pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) rules: Rules,
}

impl World {
    pub(crate) fn new() -> Self {
        let rules = Rules {
            profiles: Profiles::built_in("web").unwrap(),
            destination_bucket: "renditions".to_owned(),
            delivery: None,
            retention: Retention { days: 90 },
        };
        Self { cloud: Cloud::default(), rules }
    }

    /// Validates an upload of `bytes`.
    pub(crate) async fn upload(&self, key: &str, sequencer: &str, bytes: Vec<u8>) -> Verdict {
        self.try_upload(key, sequencer, bytes).await.unwrap()
    }

    pub(crate) async fn try_upload(
        &self,
        key: &str,
        sequencer: &str,
        bytes: Vec<u8>,
    ) -> Result<Verdict, Failure> {
        let upload = upload(key, sequencer, bytes.len());
        self.cloud.put_source(key, Some(sequencer), bytes);
        validate(upload, &self.rules, &self.cloud, &self.cloud).await
    }

    /// A picture whose record an execution has opened.
    pub(crate) async fn opened(&self, key: &str, sequencer: &str, execution: &str) -> Picture {
        self.opened_with(key, sequencer, execution, "content").await
    }

    pub(crate) async fn opened_with(
        &self,
        key: &str,
        sequencer: &str,
        execution: &str,
        etag: &str,
    ) -> Picture {
        let picture = picture(key, sequencer, execution, etag);
        self.cloud.open(&Record::opened(&picture, self.rules.retention)).await.unwrap();
        picture
    }

    pub(crate) async fn notify(&self, message: NotifyMessage) -> Result<Notice, Failure> {
        let cloud = &self.cloud;
        let desk = Desk { rules: &self.rules, records: cloud, renditions: cloud, events: cloud };
        notify(message, moment(), &desk).await
    }

    /// Every job of that picture ran; what they rendered lies in the cloud.
    pub(crate) async fn completed(
        &self,
        picture: Picture,
        results: Vec<Resized>,
    ) -> Result<Notice, Failure> {
        for result in &results {
            if let Resized::Rendered { rendition, .. } = result {
                self.put(&rendition.key).await;
            }
        }
        self.notify(NotifyMessage::Outcome(Outcome::Completed { picture, results })).await
    }

    async fn put(&self, key: &str) {
        if self.cloud.rendition(key).is_none() {
            let (bucket, key) = (self.rules.destination_bucket.clone(), key.to_owned());
            let rendition = pipeline::ports::NewRendition {
                destination: pipeline::messages::Destination { bucket, key },
                content_type: "image/webp",
                source_version: String::new(),
                spec: String::new(),
            };
            pipeline::ports::Renditions::put(&self.cloud, rendition, Box::new(&b""[..]))
                .await
                .unwrap();
        }
    }

    /// The execution of that upload ended red.
    pub(crate) async fn failed(
        &self,
        key: &str,
        sequencer: &str,
        execution: &str,
    ) -> Result<Notice, Failure> {
        let detail = json!({
            "bucket": {"name": "sources"},
            "object": {"key": key, "size": 1, "etag": "content", "version-id": sequencer, "sequencer": sequencer},
        });
        let input = json!({"detail": detail, "time": "2026-05-01T12:00:00Z"});
        self.status_change(execution, &input.to_string()).await
    }

    pub(crate) async fn status_change(
        &self,
        execution: &str,
        input: &str,
    ) -> Result<Notice, Failure> {
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

pub(crate) fn picture(key: &str, sequencer: &str, execution: &str, etag: &str) -> Picture {
    Picture {
        bucket: "sources".to_owned(),
        key: key.to_owned(),
        version_id: Some(sequencer.to_owned()),
        etag: etag.to_owned(),
        byte_len: 1,
        sequencer: Sequencer::new(sequencer),
        execution: execution.to_owned(),
        received_at: serde_json::from_str("\"2026-05-01T12:00:00Z\"").unwrap(),
        profile: "web".to_owned(),
        format: Some(Format::Jpeg),
        width: Some(4000),
        height: Some(3000),
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

pub(crate) fn rendered(key: &str) -> Resized {
    let rendition = Rendition {
        name: "thumbnail".to_owned(),
        key: key.to_owned(),
        format: Format::Webp,
        width: 300,
        height: 225,
        byte_len: 9_000,
        limited_by: None,
        url: None,
    };
    Resized::Rendered { rendition, render_ms: 12 }
}

pub(crate) fn corrupt(name: &str) -> Resized {
    Resized::Rejected {
        name: name.to_owned(),
        code: RejectionCode::Corrupt,
        message: "cut short".to_owned(),
    }
}

pub(crate) fn moment() -> Timestamp {
    serde_json::from_str("\"2026-05-01T12:00:01Z\"").unwrap()
}

/// A JPEG of 640×480 px.
pub(crate) fn chart() -> Vec<u8> {
    imaging::chart::jpeg(Size::new(640, 480), Orientation::try_from(1).unwrap())
}
