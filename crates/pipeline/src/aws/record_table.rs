//! Records in DynamoDB: one item per source key. Every write has a condition.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::{UpdateItemError, UpdateItemOutput, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use super::{
    errors::classify,
    record_item::{StoredItem, malformed, parse_item, parse_record, write_record},
};
use crate::{
    Failure, Record, Rendition, Result, Sequencer, Status, Timestamp,
    ports::{CloseResult, OpenResult, Records, SupersedeResult, TimeRange, TombstoneResult},
};

/// The record table.
#[derive(Debug, Clone)]
pub struct RecordTable {
    pub(super) dynamodb: Client,
    pub(super) name: String,
}

/// Attribute with the renditions of earlier uploads that are not tagged yet. It is not a field of the record.
const REPLACED: &str = "replaced";

/// Attribute with the sequencer of the last deletion that kept the record. It is not a field of the record.
pub(super) const SUPERSEDED_TO: &str = "superseded_to";

/// No upload is recorded, or only earlier ones, and no later deletion.
const MAY_OPEN: &str = "attribute_not_exists(#key) OR (#sequencer < :sequencer \
    AND (attribute_not_exists(#superseded_to) OR #superseded_to < :sequencer))";
/// There is a record, and nothing later is known.
const MAY_SUPERSEDE: &str = "attribute_exists(#status) AND #sequencer <= :sequencer \
    AND (attribute_not_exists(#superseded_to) OR #superseded_to <= :sequencer)";
/// The record is of this upload, and has no outcome of another execution.
const MAY_CLOSE: &str = "#sequencer = :sequencer AND (#status IN (:processing, :failed) OR #execution = :execution)";
/// As [`MAY_CLOSE`], but a failure never replaces another outcome.
const MAY_FAIL: &str = "#sequencer = :sequencer AND \
    (#status = :processing OR (#status = :failed AND #execution = :execution))";

impl RecordTable {
    /// The table with that name.
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self { dynamodb: Client::new(config), name: name.to_owned() }
    }

    /// An update of the item of `key`. If its condition fails, the answer has the current item.
    fn update(&self, key: &str) -> UpdateItemFluentBuilder {
        self.dynamodb
            .update_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(key.to_owned()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

impl Records for RecordTable {
    async fn get(&self, key: &str) -> Result<Option<Record>> {
        let request = self
            .dynamodb
            .get_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(key.to_owned()))
            // Notify reads the record again to see the writes of other executions.
            .consistent_read(true);
        let answer = request.send().await.map_err(|error| classify("dynamodb:GetItem", error))?;
        match answer.item.map(parse_item).transpose()? {
            Some(StoredItem::Record(record)) => Ok(Some(*record)),
            Some(StoredItem::Tombstone) | None => Ok(None),
        }
    }

    async fn open(&self, record: &Record) -> Result<OpenResult> {
        // A key may be uploaded again before the renditions of its last upload were tagged: both lists are kept.
        let remember_replaced = format!(
            ", #{REPLACED} = list_append(if_not_exists(#{REPLACED}, :none), if_not_exists(#renditions, :none))"
        );
        let update = write_record(self.update(&record.key), record, &remember_replaced)?
            .condition_expression(MAY_OPEN)
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#superseded_to", SUPERSEDED_TO)
            .expression_attribute_names(format!("#{REPLACED}"), REPLACED)
            .expression_attribute_values(":none", AttributeValue::L(Vec::new()));
        match write_result(update.send().await)? {
            WriteResult::Written(_) => Ok(OpenResult::Opened),
            // The item was deleted after the condition failed. The retry of the invocation writes it.
            WriteResult::Refused(None) => Err(vanished()),
            WriteResult::Refused(Some(StoredItem::Record(current)))
                // A repeated event, or a retry after a lost answer.
                if current.upload.sequencer == record.upload.sequencer =>
            {
                Ok(OpenResult::Opened)
            }
            WriteResult::Refused(Some(_)) => Ok(OpenResult::Superseded),
        }
    }

    async fn close(&self, record: &Record) -> Result<CloseResult> {
        let status = |status: Status| AttributeValue::S(status.as_str().to_owned());
        let condition = if record.status == Status::Failed { MAY_FAIL } else { MAY_CLOSE };
        let update = write_record(self.update(&record.key), record, "")?
            .condition_expression(condition)
            .expression_attribute_values(":processing", status(Status::Processing))
            .expression_attribute_values(":failed", status(Status::Failed))
            // The answer has the replaced renditions, which are not part of `record`.
            .return_values(ReturnValue::AllNew);
        match write_result(update.send().await)? {
            WriteResult::Written(output) => {
                let replaced = output.attributes.and_then(|mut item| item.remove(REPLACED));
                let replaced = replaced.map(serde_dynamo::from_attribute_value::<_, Vec<Rendition>>);
                let replaced = replaced.transpose().map_err(malformed)?.unwrap_or_default();
                Ok(CloseResult::Closed { replaced })
            }
            WriteResult::Refused(Some(StoredItem::Record(current))) => {
                Ok(CloseResult::Refused { current: Some(current) })
            }
            WriteResult::Refused(Some(StoredItem::Tombstone) | None) => Ok(CloseResult::Refused { current: None }),
        }
    }

    async fn forget_replaced(&self, record: &Record) -> Result<()> {
        let sequencer = AttributeValue::S(record.upload.sequencer.as_str().to_owned());
        let update = self
            .update(&record.key)
            .update_expression("REMOVE #replaced")
            .condition_expression("#sequencer = :sequencer")
            .expression_attribute_names("#replaced", REPLACED)
            .expression_attribute_names("#sequencer", "sequencer")
            .expression_attribute_values(":sequencer", sequencer);
        // If the condition fails, a later upload is recorded, and its execution tags the replaced renditions.
        write_result(update.send().await).map(drop)
    }

    async fn supersede_events(&self, key: &str, sequencer: &Sequencer) -> Result<SupersedeResult> {
        let update = self
            .update(key)
            .update_expression("SET #superseded_to = :sequencer")
            .condition_expression(MAY_SUPERSEDE)
            .expression_attribute_names("#superseded_to", SUPERSEDED_TO)
            .expression_attribute_names("#sequencer", "sequencer")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":sequencer", AttributeValue::S(sequencer.as_str().to_owned()))
            .return_values(ReturnValue::AllNew);
        match write_result(update.send().await)? {
            WriteResult::Written(output) => {
                let record = parse_record(output.attributes.unwrap_or_default())?;
                Ok(SupersedeResult::Recorded(Box::new(record)))
            }
            WriteResult::Refused(Some(StoredItem::Record(_))) => Ok(SupersedeResult::Superseded),
            WriteResult::Refused(Some(StoredItem::Tombstone) | None) => Ok(SupersedeResult::NotRecorded),
        }
    }

    async fn last_sequencer(&self, key: &str) -> Result<Option<Sequencer>> {
        self.get_sequencer(key).await
    }

    async fn list_newest(&self, status: Status, received: TimeRange, at_least: usize) -> Result<Vec<Record>> {
        self.query_newest(status, received, at_least).await
    }

    async fn write_tombstone(
        &self,
        key: &str,
        sequencer: &Sequencer,
        expires_at: Timestamp,
    ) -> Result<TombstoneResult> {
        self.put_tombstone(key, sequencer, expires_at).await
    }
}

/// Result of a conditional write.
enum WriteResult {
    Written(Box<UpdateItemOutput>),
    /// The condition failed; with the current item, if there is one.
    Refused(Option<StoredItem>),
}

fn write_result<R>(sent: Result<UpdateItemOutput, SdkError<UpdateItemError, R>>) -> Result<WriteResult>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let error = match sent {
        Ok(output) => return Ok(WriteResult::Written(Box::new(output))),
        Err(error) => error,
    };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
            let item = refusal.item.clone().filter(|item| !item.is_empty());
            Ok(WriteResult::Refused(item.map(parse_item).transpose()?))
        }
        _ => Err(classify("dynamodb:UpdateItem", error)),
    }
}

fn vanished() -> Failure {
    Failure::DependencyUnavailable {
        call: "dynamodb:UpdateItem",
        source: "the record was deleted during the write".into(),
    }
}
