//! The use case behind `Notify Completion`, `Notify Rejection` and the rule for failed executions.
//!
//! It closes the record, tags the renditions that the record no longer needs, and publishes the outcome. Each step is
//! idempotent: if one fails, the whole invocation is retried.

use imaging::RejectionCode;
use serde::{Deserialize, Serialize};

use crate::{
    FailureNote, Record, RecordOutcome, Rendition, Result, Sequencer, Settings, Status, Timestamp,
    messages::{Destination, ExecutionOutcome, ImageEvent, NotifyMessage, ResizeResult, StatusChangeDetail},
    ports::{CloseResult, Events, Records, Renditions},
};

/// What notify works with.
#[derive(Debug)]
pub struct NotifyDeps<'a, R, O, E> {
    /// The settings of the deployment.
    pub settings: &'a Settings,
    /// The records, to close one.
    pub records: &'a R,
    /// The renditions, to tag them.
    pub renditions: &'a O,
    /// The events, to publish one.
    pub events: &'a E,
}

/// What notify did. Step Functions shows it as the output of the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum NotifyOutcome {
    /// The record was closed and its event published.
    Published {
        /// The source key.
        key: String,
        /// The outcome.
        status: Status,
        /// Why the picture was refused; only if rejected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rejection: Option<RejectionCode>,
        /// Time from the upload to the closing of the record, in milliseconds.
        #[serde(default)]
        after_ms: u64,
    },
    /// Another execution's outcome is recorded. Nothing was published, and this execution's renditions were tagged.
    Superseded {
        /// The source key.
        key: String,
    },
    /// The failed execution was not for an upload: somebody has started it by hand.
    Ignored {
        /// ARN of the execution.
        execution: String,
    },
}

impl NotifyOutcome {
    fn published(record: &Record) -> Self {
        let received_at = record.upload.received_at;
        let finished_at = record.finished_at.unwrap_or(received_at);
        Self::Published {
            key: record.key.clone(),
            status: record.status,
            rejection: record.rejection.as_ref().map(|rejection| rejection.code),
            after_ms: finished_at.milliseconds_since(received_at),
        }
    }
}

/// Closes the record of a picture and publishes its outcome.
///
/// # Errors
/// If a port fails.
pub async fn notify<R: Records, O: Renditions, E: Events>(
    message: NotifyMessage,
    now: Timestamp,
    deps: &NotifyDeps<'_, R, O, E>,
) -> Result<NotifyOutcome> {
    let (picture, outcome, written) = match message {
        NotifyMessage::Outcome(ExecutionOutcome::Rejected { picture, rejection }) => {
            (picture, RecordOutcome::Rejected(rejection), Vec::new())
        }
        NotifyMessage::Outcome(ExecutionOutcome::Completed { picture, results }) => {
            // One rejected job rejects the picture: a picture has all of its renditions or none.
            let rejection = results.iter().find_map(ResizeResult::rejection);
            let written = written_renditions(results);
            let outcome = match rejection {
                Some(rejection) => RecordOutcome::Rejected(rejection),
                None => RecordOutcome::Completed(written.clone()),
            };
            (picture, outcome, written)
        }
        NotifyMessage::StatusChange(change) => {
            return deps.close_failed(change.detail, now).await;
        }
    };
    let record = Record::processing(&picture, deps.settings.retention).with_outcome(outcome, now);
    deps.close_and_publish(record, picture.bucket, written).await
}

impl<R: Records, O: Renditions, E: Events> NotifyDeps<'_, R, O, E> {
    /// Closes the record of a failed execution.
    ///
    /// The execution may have failed before its record was opened, so that is done first. If it has failed after the
    /// record was closed, the remaining steps are done here.
    async fn close_failed(&self, change: StatusChangeDetail, now: Timestamp) -> Result<NotifyOutcome> {
        let Some(upload) = change.upload() else {
            tracing::warn!("the input of the failed execution is not an upload");
            return Ok(NotifyOutcome::Ignored { execution: change.execution_arn });
        };
        let note =
            FailureNote { error: change.error.unwrap_or(change.status), cause: change.cause.unwrap_or_default() };
        // The input names no profile: the key does.
        let (profile, _) = self.settings.profiles.for_key(&upload.detail.object.key);
        let picture = upload.into_picture(profile);
        let open = Record::processing(&picture, self.settings.retention);
        self.records.open(&open).await?;
        let failed = open.with_outcome(RecordOutcome::Failed(note), now);
        match self.records.close(&failed).await? {
            // Closed before it failed: the outcome stays, and may not be published yet.
            CloseResult::Refused { current: Some(own) } if is_same_execution(&failed, &own) => {
                self.close_and_publish(*own, picture.bucket, Vec::new()).await
            }
            result => self.tag_and_publish(result, failed, picture.bucket, Vec::new()).await,
        }
    }

    /// Closes the record, and then tags and publishes. `written` are the renditions of this execution.
    async fn close_and_publish(
        &self,
        record: Record,
        bucket: String,
        written: Vec<Rendition>,
    ) -> Result<NotifyOutcome> {
        let result = self.records.close(&record).await?;
        self.tag_and_publish(result, record, bucket, written).await
    }

    /// The steps after the record was closed, or after closing it was refused.
    async fn tag_and_publish(
        &self,
        result: CloseResult,
        record: Record,
        bucket: String,
        written: Vec<Rendition>,
    ) -> Result<NotifyOutcome> {
        match result {
            CloseResult::Closed { replaced } => {
                // A redrive of a failed execution may list the replaced renditions again.
                if record.status != Status::Failed {
                    self.tag_unlisted(&record, written, replaced).await?;
                }
                // Published last: a subscriber finds the closed record and the renditions.
                let outcome = NotifyOutcome::published(&record);
                self.events.publish(&self.event(record, bucket)).await?;
                Ok(outcome)
            }
            CloseResult::Refused { current } => {
                self.tag_after_refusal(&record, current.as_deref(), written).await?;
                Ok(NotifyOutcome::Superseded { key: record.key })
            }
        }
    }

    /// The event of a closed record, with the public URLs of its renditions.
    fn event(&self, mut record: Record, bucket: String) -> ImageEvent {
        if let Some(domain) = &self.settings.delivery {
            for rendition in &mut record.renditions {
                rendition.url = Some(domain.url(&rendition.key));
            }
        }
        ImageEvent::new(record, bucket, self.settings.destination_bucket.clone())
    }

    /// Tags the renditions that were written or replaced and that the closed record does not list.
    async fn tag_unlisted(&self, record: &Record, written: Vec<Rendition>, replaced: Vec<Rendition>) -> Result<()> {
        let has_replaced = !replaced.is_empty();
        let orphans = written.into_iter().filter(|rendition| !lists(record, rendition));
        // All replaced renditions, also those that are listed again: an upload in between may have tagged them.
        let unsure: Vec<_> = orphans.chain(replaced).collect();
        self.update_tags(&record.key, Some(record), &unsure).await?;
        if has_replaced {
            self.records.forget_replaced(record).await?;
        }
        Ok(())
    }

    /// Tags the renditions that were written, unless the current record needs them.
    async fn tag_after_refusal(
        &self,
        refused: &Record,
        current: Option<&Record>,
        written: Vec<Rendition>,
    ) -> Result<()> {
        let mut unsure = written;
        let refused_sequencer = &refused.upload.sequencer;
        if let Some(later) = current.filter(|it| it.upload.sequencer > *refused_sequencer) {
            // An earlier attempt of this execution may have tagged renditions that the later record lists by now.
            unsure.extend(later.renditions.iter().cloned());
        } else {
            unsure.retain(|rendition| !self.needs(current, rendition));
        }
        self.update_tags(&refused.key, current, &unsure).await
    }

    /// Tags each rendition as superseded or removes the tag, depending on whether the current record needs it.
    ///
    /// Another upload may change the record in the meantime, and tag or untag the same renditions. Therefore the record
    /// is read again afterwards, and the tags are set again if it has changed.
    async fn update_tags(&self, key: &str, current: Option<&Record>, renditions: &[Rendition]) -> Result<()> {
        let mut current = current.cloned();
        while !renditions.is_empty() {
            for rendition in renditions {
                let bucket = self.settings.destination_bucket.clone();
                let destination = Destination { bucket, key: rendition.key.clone() };
                if self.needs(current.as_ref(), rendition) {
                    self.renditions.untag_superseded(&destination).await?;
                } else {
                    self.renditions.tag_superseded(&destination).await?;
                }
            }
            let latest = self.records.get(key).await?;
            if state(latest.as_ref()) == state(current.as_ref()) {
                break;
            }
            current = latest;
        }
        Ok(())
    }

    /// Whether the record lists this rendition, or its execution may still write it.
    fn needs(&self, record: Option<&Record>, rendition: &Rendition) -> bool {
        record.is_some_and(|record| match record.status {
            Status::Processing | Status::Failed => self.settings.execution_may_write(record, &rendition.key),
            Status::Completed | Status::Rejected => lists(record, rendition),
        })
    }
}

/// Whether both records are of the same upload, closed by the same execution.
fn is_same_execution(failed: &Record, current: &Record) -> bool {
    current.upload.execution == failed.upload.execution && current.upload.sequencer == failed.upload.sequencer
}

/// The part of a record that decides which renditions it needs.
fn state(record: Option<&Record>) -> Option<(&Sequencer, Status)> {
    record.map(|record| (&record.upload.sequencer, record.status))
}

fn lists(record: &Record, rendition: &Rendition) -> bool {
    record.renditions.iter().any(|listed| listed.key == rendition.key)
}

fn written_renditions(results: Vec<ResizeResult>) -> Vec<Rendition> {
    let rendition = |result| match result {
        ResizeResult::Rendered { rendition, .. } => Some(rendition),
        ResizeResult::Rejected { .. } => None,
    };
    results.into_iter().filter_map(rendition).collect()
}
