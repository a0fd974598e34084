//! The use case behind `Notify Completion` and `Notify Rejection`, and behind the rule that
//! watches for executions that ended red: close the record, tag what it replaced, tell the world.
//!
//! In this order, each step safe to repeat: an invocation that dies half-way is retried whole.

use serde::{Deserialize, Serialize};

use crate::{
    Failure, Timestamp,
    messages::{
        Destination, ImageEvent, NotifyMessage, Outcome, Picture, Resized, StatusChangeDetail,
    },
    ports::{Closing, Events, Opening, Records, Renditions},
    record::{Ending, FailureNote, Record, Rendition, Status},
    rules::Rules,
};

/// What notify works with.
#[derive(Debug)]
pub struct Desk<'a, R, O, E> {
    /// What the deployment has set.
    pub rules: &'a Rules,
    /// Where the record is closed.
    pub records: &'a R,
    /// Where replaced renditions are tagged.
    pub renditions: &'a O,
    /// Where the world is told.
    pub events: &'a E,
}

/// What notify did; an operator reads it in the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Notice {
    /// The record has this outcome, and the world was told.
    Published {
        /// The source key.
        key: String,
        /// The outcome.
        status: Status,
    },
    /// Another execution's outcome stands: nothing was told, and what this one wrote is tagged.
    Superseded {
        /// The source key.
        key: String,
    },
    /// An execution failed that was for no picture: somebody started it by hand.
    Ignored {
        /// The execution's ARN.
        execution: String,
    },
}

/// Closes a picture's record and publishes its outcome, once.
///
/// # Errors
/// When a port fails.
pub async fn notify<R: Records, O: Renditions, E: Events>(
    message: NotifyMessage,
    now: Timestamp,
    desk: &Desk<'_, R, O, E>,
) -> Result<Notice, Failure> {
    match message {
        NotifyMessage::Outcome(Outcome::Rejected { picture, rejection }) => {
            desk.conclude(picture, Ending::Rejected(rejection), Vec::new(), now).await
        }
        NotifyMessage::Outcome(Outcome::Completed { picture, results }) => {
            let rejection = results.iter().find_map(Resized::rejection);
            let written = rendered(results);
            let ending = match rejection {
                Some(rejection) => Ending::Rejected(rejection),
                None => Ending::Completed(written.clone()),
            };
            desk.conclude(picture, ending, written, now).await
        }
        NotifyMessage::StatusChange(change) => desk.fail(change.detail, now).await,
    }
}

impl<R: Records, O: Renditions, E: Events> Desk<'_, R, O, E> {
    /// An execution ended red. It may have died before it opened the record, so that is done first.
    async fn fail(&self, change: StatusChangeDetail, now: Timestamp) -> Result<Notice, Failure> {
        let Some(upload) = change.upload() else {
            tracing::warn!("the execution's input is no upload");
            return Ok(Notice::Ignored { execution: change.execution_arn });
        };
        let profile = self.rules.profiles.for_key(&upload.detail.object.key).0;
        let picture = Picture::of(upload, profile);
        let record = Record::opened(&picture, self.rules.retention);
        if self.records.open(&record).await? == Opening::Superseded {
            return Ok(Notice::Superseded { key: picture.key });
        }
        let note = FailureNote {
            error: change.error.unwrap_or(change.status),
            cause: change.cause.unwrap_or_default(),
        };
        self.conclude(picture, Ending::Failed(note), Vec::new(), now).await
    }

    /// Close, tag, tell.
    async fn conclude(
        &self,
        picture: Picture,
        ending: Ending,
        written: Vec<Rendition>,
        now: Timestamp,
    ) -> Result<Notice, Failure> {
        let (key, bucket) = (picture.key.clone(), picture.bucket.clone());
        let record = Record::opened(&picture, self.rules.retention).closed(ending, now);
        match self.records.close(&record).await? {
            Closing::Closed { replaced } => {
                let orphans = written.iter().chain(&replaced);
                self.tag(orphans.filter(|rendition| !lists(&record, rendition))).await?;
                if !replaced.is_empty() {
                    self.records.forget_replaced(&record).await?;
                }
                let status = record.status;
                let destination_bucket = self.rules.destination_bucket.clone();
                self.events.publish(&ImageEvent { bucket, destination_bucket, record }).await?;
                Ok(Notice::Published { key, status })
            }
            Closing::Lost { standing } => {
                let standing = standing.as_deref();
                self.tag(written.iter().filter(|made| !claims(standing, &record, made))).await?;
                Ok(Notice::Superseded { key })
            }
        }
    }

    async fn tag(&self, renditions: impl Iterator<Item = &Rendition>) -> Result<(), Failure> {
        for rendition in renditions {
            let (bucket, key) = (self.rules.destination_bucket.clone(), rendition.key.clone());
            self.renditions.tag_superseded(&Destination { bucket, key }).await?;
        }
        Ok(())
    }
}

/// Whether the record that stands has, or is about to write, this very rendition.
fn claims(standing: Option<&Record>, lost: &Record, rendition: &Rendition) -> bool {
    standing.is_some_and(|standing| match standing.status {
        // The same content makes the same keys, and a tag could land on what it has just written.
        Status::Processing | Status::Failed => standing.etag == lost.etag,
        Status::Completed | Status::Rejected => lists(standing, rendition),
    })
}

fn lists(record: &Record, rendition: &Rendition) -> bool {
    record.renditions.iter().any(|listed| listed.key == rendition.key)
}

fn rendered(results: Vec<Resized>) -> Vec<Rendition> {
    let rendition = |result| match result {
        Resized::Rendered { rendition, .. } => Some(rendition),
        Resized::Corrupt { .. } => None,
    };
    results.into_iter().filter_map(rendition).collect()
}
