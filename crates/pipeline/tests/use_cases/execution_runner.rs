//! Runs executions in memory. The retries are read from the definition of the state machine; the order of its states is
//! repeated here.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    future::Future,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use pipeline::{
    Failure, NotifyDeps, NotifyOutcome, Profiles, Retention, Sequencer, Settings, Timestamp,
    messages::{ExecutionOutcome, NotifyMessage, ResizeResult, StatusChange, StatusChangeDetail, Upload, Verdict},
    notify, resize,
    testing::InMemoryCloud,
    validate,
};
use serde_json::{Value, json};

/// The execution of one upload. It keeps the results of its states, so that a redrive continues after the last one.
#[derive(Debug, Clone)]
pub(crate) struct Execution {
    pub(crate) arn: String,
    event: Upload,
    verdict: Option<Verdict>,
    results: BTreeMap<String, ResizeResult>,
}

/// One upload: its key, its position among the uploads of the key, and its content.
#[derive(Debug, Clone)]
pub(crate) struct UploadSpec {
    pub(crate) key: &'static str,
    pub(crate) sequencer: u32,
    pub(crate) content: Content,
}

/// The content of a file. Two uploads of the same content have the same ETag.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) etag: &'static str,
    pub(crate) bytes: Arc<Vec<u8>>,
}

/// The cloud and the settings that all executions share.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionRunner {
    pub(crate) cloud: InMemoryCloud,
    pub(crate) settings: Arc<Settings>,
}

impl ExecutionRunner {
    /// Its only profile has `renditions` small renditions.
    pub(crate) fn new(renditions: u32) -> Self {
        let spec = |width| json!({"name": format!("w{width}"), "width": width, "format": "png"});
        let specs: Vec<_> = (1..=renditions).map(spec).collect();
        let profiles = json!({"web": {"accepts": ["jpeg"], "renditions": specs}}).to_string();
        let settings = Settings {
            profiles: Profiles::from_json(&profiles, "web").unwrap(),
            destination_bucket: "renditions".to_owned(),
            delivery: None,
            retention: Retention { days: 90 },
        };
        Self { cloud: InMemoryCloud::default(), settings: Arc::new(settings) }
    }

    /// Stores the source, and starts an execution with that name.
    pub(crate) fn start(&self, name: &str, upload: UploadSpec) -> Execution {
        let version = upload.version();
        self.cloud.put_source(upload.key, Some(&version), upload.content.bytes.to_vec());
        self.redeliver(name, &upload)
    }

    /// Starts an execution for the event of an upload, and stores no source: that may be deleted by now.
    pub(crate) fn redeliver(&self, name: &str, upload: &UploadSpec) -> Execution {
        Execution::new(upload.event(name))
    }

    /// Runs an execution, or continues it after a failure. An error is a failed execution.
    pub(crate) async fn run(&self, execution: &mut Execution) -> Result<(), Failure> {
        let Self { cloud, settings } = self;
        if execution.verdict.is_none() {
            let upload = execution.event.clone();
            let validate = || validate(upload.clone(), settings, cloud, cloud);
            execution.verdict = Some(with_retries("Validate Upload", validate).await?);
        }
        let (state, outcome) = match execution.verdict.clone().unwrap() {
            Verdict::Superseded { .. } | Verdict::Ignored { .. } => return Ok(()),
            Verdict::Rejected { picture, rejection } => {
                ("Notify Rejection", ExecutionOutcome::Rejected { picture, rejection })
            }
            Verdict::Accepted { picture, jobs } => {
                for job in &jobs {
                    let name = job.spec.name().to_string();
                    if let Entry::Vacant(missing) = execution.results.entry(name) {
                        let resize = || resize(job.clone(), Duration::from_secs(60), cloud, cloud);
                        missing.insert(with_retries("Resize Rendition", resize).await?);
                    }
                }
                let result =
                    |job: &pipeline::messages::ResizeJob| execution.results[&job.spec.name().to_string()].clone();
                let results = jobs.iter().map(result).collect();
                ("Notify Completion", ExecutionOutcome::Completed { picture, results })
            }
        };
        let message = NotifyMessage::Outcome(outcome);
        with_retries(state, || self.notify(message.clone())).await.map(drop)
    }

    /// Reports a failed execution to notify, as the rule does. Lambda makes three attempts; an error means that the
    /// event is a dead letter.
    pub(crate) async fn report_failure(&self, execution: &Execution) -> Result<NotifyOutcome, Failure> {
        let event = &execution.event;
        let input = json!({"detail": event.detail, "time": event.received_at});
        let detail = StatusChangeDetail {
            execution_arn: execution.arn.clone(),
            status: "FAILED".to_owned(),
            input: Some(input.to_string()),
            error: Some("Runtime.ExitError".to_owned()),
            cause: None,
        };
        let message = NotifyMessage::StatusChange(StatusChange { detail });
        let mut result = self.notify(message.clone()).await;
        for _ in 0..2 {
            if result.is_err() {
                result = self.notify(message.clone()).await;
            }
        }
        result
    }

    async fn notify(&self, message: NotifyMessage) -> Result<NotifyOutcome, Failure> {
        let Self { cloud, settings } = self;
        let deps = NotifyDeps { settings, records: cloud, renditions: cloud, events: cloud };
        notify(message, at(2), &deps).await
    }
}

impl Execution {
    /// The execution of an event.
    pub(crate) fn new(event: Upload) -> Self {
        Self { arn: event.execution.clone(), event, verdict: None, results: BTreeMap::new() }
    }
}

impl UploadSpec {
    fn event(&self, execution: &str) -> Upload {
        let Self { key, sequencer, content } = self;
        let detail = json!({
            "bucket": {"name": "sources"},
            "object": {
                "key": key,
                "size": content.bytes.len(),
                "etag": content.etag,
                "version-id": self.version(),
                "sequencer": Sequencer::new(&format!("{sequencer:04X}")),
            },
        });
        let detail = serde_json::from_value(detail).unwrap();
        Upload { detail, execution: execution.to_owned(), received_at: at(1) }
    }

    pub(crate) fn version(&self) -> String {
        format!("v{}", self.sequencer)
    }
}

/// A valid picture.
pub(crate) fn red() -> Content {
    content("red", || jpeg(64, 48))
}

/// Another valid picture.
pub(crate) fn blue() -> Content {
    content("blue", || jpeg(64, 40))
}

/// A picture with a valid header and truncated pixels.
pub(crate) fn broken() -> Content {
    let truncated = || {
        let whole = jpeg(640, 480);
        whole[..whole.len() / 2].to_vec()
    };
    content("broken", truncated)
}

/// A file that is not a picture.
pub(crate) fn text() -> Content {
    content("text", || b"Dear diary".to_vec())
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    imaging::chart::jpeg(imaging::Size::new(width, height), imaging::Orientation::UPRIGHT)
}

/// Each content is made once, because some tests run thousands of executions.
fn content(etag: &'static str, make: impl FnOnce() -> Vec<u8>) -> Content {
    static CONTENTS: Mutex<BTreeMap<&str, Arc<Vec<u8>>>> = Mutex::new(BTreeMap::new());
    let mut contents = CONTENTS.lock().unwrap();
    let bytes = contents.entry(etag).or_insert_with(|| Arc::new(make())).clone();
    Content { etag, bytes }
}

fn at(second: u8) -> Timestamp {
    serde_json::from_value(json!(format!("2026-05-01T12:00:0{second}Z"))).unwrap()
}

/// Makes as many attempts as that state of the state runner.
async fn with_retries<T, A: Future<Output = Result<T, Failure>>>(
    state: &str,
    attempt: impl Fn() -> A,
) -> Result<T, Failure> {
    let retry = &state_definition(state)["Retry"][0];
    let mut left = retry["MaxAttempts"].as_u64().unwrap();
    loop {
        match attempt().await {
            Err(failure) if left > 0 && matches(retry, &failure) => left -= 1,
            result => return result,
        }
    }
}

fn matches(retry: &Value, failure: &Failure) -> bool {
    retry["ErrorEquals"].as_array().unwrap().iter().any(|name| name == failure.name())
}

fn state_definition(name: &str) -> &'static Value {
    static DEFINITION: LazyLock<Value> = LazyLock::new(|| {
        let definition = include_str!("../../../../statemachine/image_pipeline.asl.json");
        serde_json::from_str(definition).unwrap()
    });
    let inner = &DEFINITION["States"]["Resize Renditions"]["ItemProcessor"]["States"];
    let state = DEFINITION["States"].get(name).or_else(|| inner.get(name));
    state.unwrap_or_else(|| panic!("the state machine has no state '{name}'"))
}
