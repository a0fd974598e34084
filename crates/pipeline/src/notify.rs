//! The use case behind `Notify Completion` and `Notify Rejection`, and behind the rule that
//! watches for executions that ended red: close the record, tag what it replaced, tell the world.
//!
//! In this order, each step safe to repeat: an invocation that dies half-way is retried whole.

use imaging::RejectionCode;
use serde::{Deserialize, Serialize};

use crate::{
    Ending, Failure, FailureNote, Picture, Record, Rendition, Rules, Sequencer, Status, Timestamp,
    messages::{Destination, ImageEvent, NotifyMessage, Outcome, Resized, StatusChangeDetail},
    ports::{Closing, Events, Records, Renditions},
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
        /// Why it was refused, if it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rejection: Option<RejectionCode>,
        /// From the upload to its record being closed, in milliseconds.
        #[serde(default)]
        after_ms: u64,
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

impl Notice {
    /// That the world was told of a record that is closed.
    fn published(record: &Record) -> Self {
        let finished_at = record.finished_at.unwrap_or(record.received_at);
        Self::Published {
            key: record.key.clone(),
            status: record.status,
            rejection: record.rejection.as_ref().map(|rejection| rejection.code),
            after_ms: finished_at.milliseconds_since(record.received_at),
        }
    }
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
    /// An execution ended red. It may have died before it opened the record, so that is done first;
    /// or after it had closed it, and then what is left to do is done here.
    async fn fail(&self, change: StatusChangeDetail, now: Timestamp) -> Result<Notice, Failure> {
        let Some(upload) = change.upload() else {
            tracing::warn!("the execution's input is no upload");
            return Ok(Notice::Ignored { execution: change.execution_arn });
        };
        let note = FailureNote {
            error: change.error.unwrap_or(change.status),
            cause: change.cause.unwrap_or_default(),
        };
        let profile = self.rules.profiles.for_key(&upload.detail.object.key).0;
        let picture = Picture::of(upload, profile);
        let open = Record::opened(&picture, self.rules.retention);
        self.records.open(&open).await?;
        let failed = open.closed(Ending::Failed(note), now);
        match self.records.close(&failed).await? {
            Closing::Lost { standing: Some(own) } if is_by(&failed, &own) => {
                self.settle(*own, picture.bucket, Vec::new()).await
            }
            closing => self.follow(closing, failed, picture.bucket, Vec::new()).await,
        }
    }

    async fn conclude(
        &self,
        picture: Picture,
        ending: Ending,
        written: Vec<Rendition>,
        now: Timestamp,
    ) -> Result<Notice, Failure> {
        let record = Record::opened(&picture, self.rules.retention).closed(ending, now);
        self.settle(record, picture.bucket, written).await
    }

    /// Close, tag, tell.
    async fn settle(
        &self,
        record: Record,
        bucket: String,
        written: Vec<Rendition>,
    ) -> Result<Notice, Failure> {
        let closing = self.records.close(&record).await?;
        self.follow(closing, record, bucket, written).await
    }

    async fn follow(
        &self,
        closing: Closing,
        record: Record,
        bucket: String,
        written: Vec<Rendition>,
    ) -> Result<Notice, Failure> {
        match closing {
            Closing::Closed { replaced } => {
                // What failed can be redriven, and then list what is replaced now.
                if record.status != Status::Failed {
                    self.tidy(&record, written, replaced).await?;
                }
                let notice = Notice::published(&record);
                self.events.publish(&self.event(record, bucket)).await?;
                Ok(notice)
            }
            Closing::Lost { standing } => {
                self.give_way(&record, standing.as_deref(), written).await?;
                Ok(Notice::Superseded { key: record.key })
            }
        }
    }

    /// What the world is told: the record, and where to fetch what it lists.
    fn event(&self, mut record: Record, bucket: String) -> ImageEvent {
        if let Some(domain) = &self.rules.delivery {
            for rendition in &mut record.renditions {
                rendition.url = Some(domain.url(&rendition.key));
            }
        }
        ImageEvent::of(record, bucket, self.rules.destination_bucket.clone())
    }

    /// Tags what was written or replaced and is not listed.
    async fn tidy(
        &self,
        record: &Record,
        written: Vec<Rendition>,
        replaced: Vec<Rendition>,
    ) -> Result<(), Failure> {
        let pending = !replaced.is_empty();
        let orphans = written.into_iter().filter(|rendition| !lists(record, rendition));
        // Of what is replaced, even what is listed again: the upload in between may have tagged it.
        let doubtful: Vec<_> = orphans.chain(replaced).collect();
        self.mark(&record.key, Some(record), &doubtful).await?;
        if pending {
            self.records.forget_replaced(record).await?;
        }
        Ok(())
    }

    /// Tags what was written, unless the record that stands has a use for it.
    async fn give_way(
        &self,
        lost: &Record,
        standing: Option<&Record>,
        written: Vec<Rendition>,
    ) -> Result<(), Failure> {
        let mut doubtful = written;
        if let Some(later) = standing.filter(|standing| standing.sequencer > lost.sequencer) {
            // An attempt of this execution may have died after it had tagged what is listed by now.
            doubtful.extend(later.renditions.iter().cloned());
        } else {
            doubtful.retain(|rendition| !self.claims(standing, rendition));
        }
        self.mark(&lost.key, standing, &doubtful).await
    }

    /// Tags each rendition for removal, or takes the tag away, as the record has it that stands;
    /// and again, if another upload has changed the record meanwhile, which may have tagged others.
    async fn mark(
        &self,
        key: &str,
        standing: Option<&Record>,
        renditions: &[Rendition],
    ) -> Result<(), Failure> {
        let mut standing = standing.cloned();
        while !renditions.is_empty() {
            for rendition in renditions {
                let bucket = self.rules.destination_bucket.clone();
                let destination = Destination { bucket, key: rendition.key.clone() };
                if self.claims(standing.as_ref(), rendition) {
                    self.renditions.untag_superseded(&destination).await?;
                } else {
                    self.renditions.tag_superseded(&destination).await?;
                }
            }
            let now = self.records.get(key).await?;
            if state(now.as_ref()) == state(standing.as_ref()) {
                break;
            }
            standing = now;
        }
        Ok(())
    }

    /// Whether the record that stands has, or may be about to write, this very rendition.
    fn claims(&self, standing: Option<&Record>, rendition: &Rendition) -> bool {
        standing.is_some_and(|standing| match standing.status {
            Status::Processing | Status::Failed => self.rules.may_write(standing, &rendition.key),
            Status::Completed | Status::Rejected => lists(standing, rendition),
        })
    }
}

/// Whether `standing` is the outcome that the same execution gave the same upload before.
fn is_by(failed: &Record, standing: &Record) -> bool {
    standing.execution == failed.execution && standing.sequencer == failed.sequencer
}

/// What a record claims depends on these alone.
fn state(record: Option<&Record>) -> Option<(&Sequencer, Status)> {
    record.map(|record| (&record.sequencer, record.status))
}

fn lists(record: &Record, rendition: &Rendition) -> bool {
    record.renditions.iter().any(|listed| listed.key == rendition.key)
}

fn rendered(results: Vec<Resized>) -> Vec<Rendition> {
    let rendition = |result| match result {
        Resized::Rendered { rendition, .. } => Some(rendition),
        Resized::Rejected { .. } => None,
    };
    results.into_iter().filter_map(rendition).collect()
}
