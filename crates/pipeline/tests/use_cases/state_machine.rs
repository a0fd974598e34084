//! The state machine in memory, as far as it decides who tries again: its retries are read from
//! its own file, the order of its states is told here.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    future::Future,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use pipeline::{
    Desk, Failure, Notice, Profiles, Retention, Rules, Sequencer, Timestamp,
    messages::{
        NotifyMessage, Outcome, Resized, StatusChange, StatusChangeDetail, Upload, Verdict,
    },
    notify, resize,
    testing::Cloud,
    validate,
};
use serde_json::{Value, json};

/// What happens to one upload, from its event to its end. It keeps what its states came to, so
/// that a redrive goes on where it stopped.
#[derive(Debug, Clone)]
pub(crate) struct Execution {
    pub(crate) arn: String,
    pub(crate) upload: UploadOf,
    verdict: Option<Verdict>,
    results: BTreeMap<String, Resized>,
}

/// An upload: which, and of what.
#[derive(Debug, Clone)]
pub(crate) struct UploadOf {
    pub(crate) key: &'static str,
    pub(crate) sequencer: u32,
    pub(crate) content: Content,
}

/// A content by name; two uploads of the same have the same ETag.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) etag: &'static str,
    pub(crate) bytes: Arc<Vec<u8>>,
}

/// What runs the executions: the cloud that they share, and what was deployed.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) cloud: Cloud,
    pub(crate) rules: Arc<Rules>,
}

impl Machine {
    /// One whose only profile makes `renditions` small pictures.
    pub(crate) fn new(renditions: u32) -> Self {
        let spec = |width| json!({"name": format!("w{width}"), "width": width, "format": "png"});
        let specs: Vec<_> = (1..=renditions).map(spec).collect();
        let profiles = json!({"web": {"accepts": ["jpeg"], "renditions": specs}}).to_string();
        let rules = Rules {
            profiles: Profiles::from_json(&profiles, "web").unwrap(),
            destination_bucket: "renditions".to_owned(),
            delivery: None,
            retention: Retention { days: 90 },
        };
        Self { cloud: Cloud::default(), rules: Arc::new(rules) }
    }

    /// The source lies in its bucket, and its event has started an execution of that name.
    pub(crate) fn start(&self, name: &str, upload: UploadOf) -> Execution {
        let version = upload.version();
        self.cloud.put_source(upload.key, Some(&version), upload.content.bytes.to_vec());
        let arn = name.to_owned();
        Execution { arn, upload, verdict: None, results: BTreeMap::new() }
    }

    /// Runs an execution from where it stands. An error ends it red.
    pub(crate) async fn run(&self, execution: &mut Execution) -> Result<(), Failure> {
        let Self { cloud, rules } = self;
        if execution.verdict.is_none() {
            let upload = execution.event();
            let validate = || validate(upload.clone(), rules, cloud, cloud);
            execution.verdict = Some(retried("Validate Upload", validate).await?);
        }
        let (state, outcome) = match execution.verdict.clone().unwrap() {
            Verdict::Superseded { .. } => return Ok(()),
            Verdict::Rejected { picture, rejection } => {
                ("Notify Rejection", Outcome::Rejected { picture, rejection })
            }
            Verdict::Accepted { picture, jobs } => {
                for job in &jobs {
                    let name = job.spec.name().to_string();
                    if let Entry::Vacant(missing) = execution.results.entry(name) {
                        let resize = || resize(job.clone(), Duration::from_secs(60), cloud, cloud);
                        missing.insert(retried("Resize Rendition", resize).await?);
                    }
                }
                let result = |job: &pipeline::messages::ResizeJob| {
                    execution.results[&job.spec.name().to_string()].clone()
                };
                let results = jobs.iter().map(result).collect();
                ("Notify Completion", Outcome::Completed { picture, results })
            }
        };
        let message = NotifyMessage::Outcome(outcome);
        retried(state, || self.notify(message.clone())).await.map(drop)
    }

    /// Tells notify that an execution ended red, as the rule does: Lambda tries three times, and
    /// the error is what goes to the dead-letter queue.
    pub(crate) async fn tell_failed(&self, execution: &Execution) -> Result<Notice, Failure> {
        let event = execution.event();
        let input = json!({"detail": event.detail, "time": event.received_at});
        let detail = StatusChangeDetail {
            execution_arn: execution.arn.clone(),
            status: "FAILED".to_owned(),
            input: Some(input.to_string()),
            error: Some("Runtime.ExitError".to_owned()),
            cause: None,
        };
        let message = NotifyMessage::StatusChange(StatusChange { detail });
        let mut told = self.notify(message.clone()).await;
        for _ in 0..2 {
            if told.is_err() {
                told = self.notify(message.clone()).await;
            }
        }
        told
    }

    async fn notify(&self, message: NotifyMessage) -> Result<Notice, Failure> {
        let Self { cloud, rules } = self;
        let desk = Desk { rules, records: cloud, renditions: cloud, events: cloud };
        notify(message, at(2), &desk).await
    }
}

impl Execution {
    fn event(&self) -> Upload {
        let UploadOf { key, sequencer, content } = &self.upload;
        let detail = json!({
            "bucket": {"name": "sources"},
            "object": {
                "key": key,
                "size": content.bytes.len(),
                "etag": content.etag,
                "version-id": self.upload.version(),
                "sequencer": Sequencer::new(&format!("{sequencer:04X}")),
            },
        });
        let detail = serde_json::from_value(detail).unwrap();
        Upload { detail, execution: self.arn.clone(), received_at: at(1) }
    }
}

impl UploadOf {
    pub(crate) fn version(&self) -> String {
        format!("v{}", self.sequencer)
    }
}

/// A picture.
pub(crate) fn red() -> Content {
    content("red", || jpeg(64, 48))
}

/// Another.
pub(crate) fn blue() -> Content {
    content("blue", || jpeg(64, 40))
}

/// A picture whose header is well, and whose pixels end too soon.
pub(crate) fn broken() -> Content {
    let cut = || {
        let whole = jpeg(640, 480);
        whole[..whole.len() / 2].to_vec()
    };
    content("broken", cut)
}

/// No picture.
pub(crate) fn text() -> Content {
    content("text", || b"Dear diary".to_vec())
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    imaging::chart::jpeg(imaging::Size::new(width, height), imaging::Orientation::UPRIGHT)
}

/// Made once: a race is run some thousand times.
fn content(etag: &'static str, make: impl FnOnce() -> Vec<u8>) -> Content {
    static MADE: Mutex<BTreeMap<&str, Arc<Vec<u8>>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    let bytes = made.entry(etag).or_insert_with(|| Arc::new(make())).clone();
    Content { etag, bytes }
}

fn at(second: u8) -> Timestamp {
    serde_json::from_value(json!(format!("2026-05-01T12:00:0{second}Z"))).unwrap()
}

/// Tries as often as that state of the state machine does.
async fn retried<T, A: Future<Output = Result<T, Failure>>>(
    state: &str,
    attempt: impl Fn() -> A,
) -> Result<T, Failure> {
    let retry = &state_of_the_machine(state)["Retry"][0];
    let mut left = retry["MaxAttempts"].as_u64().unwrap();
    loop {
        match attempt().await {
            Err(failure) if left > 0 && matches(retry, &failure) => left -= 1,
            ended => return ended,
        }
    }
}

fn matches(retry: &Value, failure: &Failure) -> bool {
    retry["ErrorEquals"].as_array().unwrap().iter().any(|name| name == failure.name())
}

fn state_of_the_machine(name: &str) -> &'static Value {
    static MACHINE: LazyLock<Value> = LazyLock::new(|| {
        let machine = include_str!("../../../../statemachine/image_pipeline.asl.json");
        serde_json::from_str(machine).unwrap()
    });
    let inner = &MACHINE["States"]["Resize Renditions"]["ItemProcessor"]["States"];
    let state = MACHINE["States"].get(name).or_else(|| inner.get(name));
    state.unwrap_or_else(|| panic!("the state machine has no state '{name}'"))
}
