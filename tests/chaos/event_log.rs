//! Records the events that are published and the messages of the dead-letter queue, as they arrive.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws_sdk_sqs::types::Message;
use end_to_end::{DeployedStack, EventListener};
use pipeline::Status;
use serde_json::Value;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::upload_kinds::KEY_PREFIXES;

/// All events and dead letters since its start.
#[derive(Debug)]
pub(crate) struct EventLog {
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
    entries: Arc<Mutex<Entries>>,
    changed: watch::Receiver<()>,
    event_task: JoinHandle<()>,
    dead_letter_task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Entries {
    events: Vec<Value>,
    dead_letters: Vec<Message>,
}

/// What became of an upload, as far as clients and operators can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadResult {
    /// An event with this status was published.
    Published(Status),
    /// Its event, or that of its failed execution, is in the dead-letter queue.
    DeadLetter,
}

const POLL_SECONDS: i32 = 2;
/// The longest visibility timeout of SQS, 12 hours: no other reader gets a dead letter that the log has.
const HIDDEN_SECONDS: i32 = 43_200;

impl EventLog {
    /// Starts to record.
    pub(crate) async fn start(stack: &DeployedStack) -> Self {
        let prefixes = KEY_PREFIXES.map(|prefix| serde_json::json!({ "prefix": prefix }));
        let listener = EventListener::for_key_patterns(stack, prefixes.into_iter().collect()).await;
        let entries = Arc::<Mutex<Entries>>::default();
        let (notify, changed) = watch::channel(());
        let event_task = tokio::spawn({
            let (entries, notify) = (entries.clone(), notify.clone());
            async move {
                loop {
                    let events = listener.receive_within(POLL_SECONDS).await;
                    lock(&entries).events.extend(events);
                    notify.send_replace(());
                }
            }
        });
        let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
        let queue_url = stack.output("DeadLetterQueueUrl").to_owned();
        let receive = sqs.receive_message().queue_url(&queue_url).max_number_of_messages(10);
        let receive = receive.wait_time_seconds(POLL_SECONDS).visibility_timeout(HIDDEN_SECONDS);
        let dead_letter_task = tokio::spawn({
            let entries = entries.clone();
            async move {
                loop {
                    let received = receive.clone().send().await.expect("the queue answers");
                    let dead_letters = received.messages.unwrap_or_default();
                    lock(&entries).dead_letters.extend(dead_letters);
                    notify.send_replace(());
                }
            }
        });
        Self { sqs, queue_url, entries, changed, event_task, dead_letter_task }
    }

    /// Waits for the first result of an upload, identified by its version ID. `None` after `patience`.
    pub(crate) async fn wait_for_result(&self, version: &str, patience: Duration) -> Option<UploadResult> {
        let result = || {
            let dead_letter = || self.has_dead_letter(version).then_some(UploadResult::DeadLetter);
            self.published_result(version).or_else(dead_letter)
        };
        self.wait_for(patience, result).await
    }

    /// Waits until an event about the upload has another status than `failed`. `None` after `patience`.
    pub(crate) async fn wait_for_success(&self, version: &str, patience: Duration) -> Option<UploadResult> {
        let failed = UploadResult::Published(Status::Failed);
        let success = || self.published_result(version).filter(|result| *result != failed);
        self.wait_for(patience, success).await
    }

    async fn wait_for<T>(&self, patience: Duration, find: impl Fn() -> Option<T>) -> Option<T> {
        let mut changed = self.changed.clone();
        let waiting = async {
            loop {
                changed.mark_unchanged();
                if let Some(found) = find() {
                    return found;
                }
                changed.changed().await.expect("the log records until the program ends");
            }
        };
        timeout(patience, waiting).await.ok()
    }

    /// Waits until `condition` holds, checking it at each new entry. `None` after `patience`.
    pub(crate) async fn wait_until(&self, patience: Duration, condition: impl AsyncFn() -> bool) -> Option<()> {
        let mut changed = self.changed.clone();
        let waiting = async {
            while !condition().await {
                changed.changed().await.expect("the log records until the program ends");
            }
        };
        timeout(patience, waiting).await.ok()
    }

    /// The status in the latest event about an upload.
    fn published_result(&self, version: &str) -> Option<UploadResult> {
        let entries = lock(&self.entries);
        let mut about = entries.events.iter().rev().filter(|event| is_about(event, version));
        about.find_map(|event| Some(UploadResult::Published(status(event)?)))
    }

    /// Whether a dead letter contains `word`, such as a key or a version ID.
    pub(crate) fn has_dead_letter(&self, word: &str) -> bool {
        let entries = lock(&self.entries);
        let mut bodies = entries.dead_letters.iter().filter_map(Message::body);
        bodies.any(|body| body.contains(word))
    }

    /// The IDs of the events about an upload: one per event of an outcome, and the set of those of failures.
    pub(crate) fn published_ids(&self, version: &str) -> (Vec<String>, BTreeSet<String>) {
        let entries = lock(&self.entries);
        let (mut outcomes, mut failures) = (Vec::new(), BTreeSet::new());
        for event in entries.events.iter().filter(|event| is_about(event, version)) {
            let id = event["detail"]["id"].as_str().unwrap_or_default().to_owned();
            if status(event) == Some(Status::Failed) {
                failures.insert(id);
            } else {
                outcomes.push(id);
            }
        }
        (outcomes, failures)
    }

    /// Stops reading dead letters, and makes them visible to other readers. Returns their number.
    pub(crate) async fn release_dead_letters(&self) -> usize {
        self.dead_letter_task.abort();
        let dead_letters = std::mem::take(&mut lock(&self.entries).dead_letters);
        for message in &dead_letters {
            let show = self.sqs.change_message_visibility().queue_url(&self.queue_url);
            let handle = message.receipt_handle.clone();
            let show = show.set_receipt_handle(handle).visibility_timeout(0);
            show.send().await.expect("a dead letter can be made visible");
        }
        dead_letters.len()
    }

    /// Stops recording.
    pub(crate) fn stop(&self) {
        self.event_task.abort();
        self.dead_letter_task.abort();
    }
}

fn lock(entries: &Mutex<Entries>) -> MutexGuard<'_, Entries> {
    entries.lock().expect("no holder of the lock panics")
}

fn is_about(event: &Value, version: &str) -> bool {
    event["detail"]["version_id"].as_str() == Some(version)
}

fn status(event: &Value) -> Option<Status> {
    match event["detail-type"].as_str()? {
        "Image Completed" => Some(Status::Completed),
        "Image Rejected" => Some(Status::Rejected),
        "Image Failed" => Some(Status::Failed),
        _ => None,
    }
}
