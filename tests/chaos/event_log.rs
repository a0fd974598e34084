//! What the world was told, and what could not be delivered, as it comes.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_sqs::types::Message;
use end_to_end::{Cloud, Ear};
use pipeline::Status;
use serde_json::Value;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::story::PREFIXES;

/// What is known of all uploads.
#[derive(Debug)]
pub(crate) struct Ledger {
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
    entries: Arc<Mutex<Entries>>,
    bell: watch::Receiver<()>,
    listening: [JoinHandle<()>; 2],
}

#[derive(Debug, Default)]
struct Entries {
    events: Vec<Value>,
    letters: Vec<Message>,
}

/// How an upload stands, as far as the world knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// An event told of this outcome.
    Told(Status),
    /// What was to happen with it could not be delivered.
    DeadLetter,
}

const LISTEN_SECONDS: i32 = 2;
/// Dead letters stay hidden from everybody else while the ledger has them.
const HIDDEN_SECONDS: i32 = 43_200;

impl Ledger {
    /// Keeps it from now on.
    pub(crate) async fn keep(cloud: &Cloud) -> Self {
        let prefixes = PREFIXES.map(|prefix| serde_json::json!({ "prefix": prefix }));
        let ear = Ear::on_any(cloud, prefixes.into_iter().collect()).await;
        let entries = Arc::<Mutex<Entries>>::default();
        let (ring, bell) = watch::channel(());
        let (kept, rung) = (entries.clone(), ring.clone());
        let events = tokio::spawn(async move {
            loop {
                let heard = ear.hears_within(LISTEN_SECONDS).await;
                kept.lock().expect("nobody panics with it").events.extend(heard);
                rung.send_replace(());
            }
        });
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk);
        let queue_url = cloud.output("DeadLetterQueueUrl").to_owned();
        let receive = sqs.receive_message().queue_url(&queue_url).max_number_of_messages(10);
        let receive = receive.wait_time_seconds(LISTEN_SECONDS).visibility_timeout(HIDDEN_SECONDS);
        let kept = entries.clone();
        let letters = tokio::spawn(async move {
            loop {
                let received = receive.clone().send().await.expect("the queue answers");
                let letters = received.messages.unwrap_or_default();
                kept.lock().expect("nobody panics with it").letters.extend(letters);
                ring.send_replace(());
            }
        });
        Self { sqs, queue_url, entries, bell, listening: [events, letters] }
    }

    /// How an upload stands, once it does.
    pub(crate) async fn standing(&self, version: &str, patience: Duration) -> Option<Standing> {
        self.wait(patience, || self.outcome(version).or_else(|| self.undelivered(version))).await
    }

    /// The outcome of an upload other than a failure, once it is told.
    pub(crate) async fn good_outcome(&self, version: &str, patience: Duration) -> Option<Standing> {
        let good = || self.outcome(version).filter(|told| *told != Standing::Told(Status::Failed));
        self.wait(patience, good).await
    }

    async fn wait<T>(&self, patience: Duration, found: impl Fn() -> Option<T>) -> Option<T> {
        let mut bell = self.bell.clone();
        let waiting = async {
            loop {
                bell.mark_unchanged();
                if let Some(found) = found() {
                    return found;
                }
                bell.changed().await.expect("the ledger is kept to the end");
            }
        };
        timeout(patience, waiting).await.ok()
    }

    /// The latest outcome that was told of an upload.
    fn outcome(&self, version: &str) -> Option<Standing> {
        let entries = self.entries.lock().expect("nobody panics with it");
        let mut about = entries.events.iter().rev().filter(|event| is_about(event, version));
        about.find_map(|event| Some(Standing::Told(status(event)?)))
    }

    fn undelivered(&self, version: &str) -> Option<Standing> {
        self.is_undelivered(version).then_some(Standing::DeadLetter)
    }

    /// Whether a dead letter has this word in it, a key or a version.
    pub(crate) fn is_undelivered(&self, word: &str) -> bool {
        let entries = self.entries.lock().expect("nobody panics with it");
        entries.letters.iter().any(|letter| letter.body().is_some_and(|body| body.contains(word)))
    }

    /// Asks each time that something may have been heard, until it is so.
    pub(crate) async fn until(
        &self,
        patience: Duration,
        is_so: impl AsyncFn() -> bool,
    ) -> Option<()> {
        let mut bell = self.bell.clone();
        let asking = async {
            while !is_so().await {
                bell.changed().await.expect("the ledger is kept to the end");
            }
        };
        timeout(patience, asking).await.ok()
    }

    /// The ids of the events about an upload: those of its outcome, those of its failures.
    pub(crate) fn told(&self, version: &str) -> (Vec<String>, BTreeSet<String>) {
        let entries = self.entries.lock().expect("nobody panics with it");
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

    /// From now on dead letters are others' business; how many there were.
    pub(crate) async fn give_letters_back(&self) -> usize {
        self.listening[1].abort();
        let letters = std::mem::take(&mut self.entries.lock().expect("nobody panics").letters);
        for letter in &letters {
            let show = self.sqs.change_message_visibility().queue_url(&self.queue_url);
            let show = show.set_receipt_handle(letter.receipt_handle.clone()).visibility_timeout(0);
            show.send().await.expect("a dead letter can be shown again");
        }
        letters.len()
    }

    /// From now on nothing is heard.
    pub(crate) fn close(&self) {
        for listening in &self.listening {
            listening.abort();
        }
    }
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
