//! Records in DynamoDB: one item per source key, every write conditional.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::{
        UpdateItemError, UpdateItemOutput, builders::UpdateItemFluentBuilder,
    },
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use super::errors::classify;
use crate::{
    Failure, Record, Rendition, Status,
    ports::{Closing, Opening, Records},
};

/// The record table.
#[derive(Debug, Clone)]
pub struct RecordTable {
    pub(super) dynamodb: Client,
    pub(super) name: String,
}

pub(super) type Item = HashMap<String, AttributeValue>;

/// Attributes that a record may lack: written when it has them, removed when it has not.
const OPTIONAL: [&str; 9] = [
    "version_id",
    "format",
    "width",
    "height",
    "finished_at",
    "renditions",
    "rejection",
    "failure",
    "expires_at",
];

/// Renditions of earlier uploads that are not tagged yet; an attribute beside the record's own.
const REPLACED: &str = "replaced";

/// No upload is recorded, or only earlier ones.
const MAY_OPEN: &str = "attribute_not_exists(#key) OR #sequencer < :sequencer";
/// Still this upload, and without an outcome that another execution gave it.
const MAY_CLOSE: &str =
    "#sequencer = :sequencer AND (#status IN (:processing, :failed) OR #execution = :execution)";
/// As above, but a failure never undoes a better outcome.
const MAY_FAIL: &str = "#sequencer = :sequencer AND (#status = :processing OR (#status = :failed AND #execution = :execution))";

impl RecordTable {
    /// The table of that name.
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self { dynamodb: Client::new(config), name: name.to_owned() }
    }

    /// An update of the item of `key`, which answers with the item that stood in its way.
    fn update(&self, key: &str) -> UpdateItemFluentBuilder {
        self.dynamodb
            .update_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(key.to_owned()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// An update that writes the whole of `record`, and `also`.
    fn write(&self, record: &Record, also: &str) -> Result<UpdateItemFluentBuilder, Failure> {
        let mut item: Item = serde_dynamo::to_item(record).map_err(malformed)?;
        item.remove("key");
        let mut set: Vec<_> = item.keys().map(|name| format!("#{name} = :{name}")).collect();
        set.sort();
        let absent = OPTIONAL.iter().filter(|name| !item.contains_key(**name));
        let remove: Vec<_> = absent.clone().map(|name| format!("#{name}")).collect();
        let remove = if remove.is_empty() {
            String::new()
        } else {
            format!(" REMOVE {}", remove.join(", "))
        };
        let mut update = self
            .update(&record.key)
            .update_expression(format!("SET {}{also}{remove}", set.join(", ")));
        for name in absent {
            update = update.expression_attribute_names(format!("#{name}"), *name);
        }
        for (name, value) in item {
            update = update
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        Ok(update)
    }
}

impl Records for RecordTable {
    async fn get(&self, key: &str) -> Result<Option<Record>, Failure> {
        let request = self
            .dynamodb
            .get_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(key.to_owned()))
            .consistent_read(true);
        let answer = request.send().await.map_err(|error| classify("dynamodb:GetItem", error))?;
        match answer.item.map(stands).transpose()? {
            Some(Standing::Record(record)) => Ok(Some(*record)),
            Some(Standing::Buried) | None => Ok(None),
        }
    }

    async fn open(&self, record: &Record) -> Result<Opening, Failure> {
        let remember = format!(
            ", #{REPLACED} = list_append(if_not_exists(#{REPLACED}, :none), if_not_exists(#renditions, :none))"
        );
        let update = self
            .write(record, &remember)?
            .condition_expression(MAY_OPEN)
            .expression_attribute_names("#key", "key")
            .expression_attribute_names(format!("#{REPLACED}"), REPLACED)
            .expression_attribute_values(":none", AttributeValue::L(Vec::new()));
        match standing(update.send().await)? {
            Written::Done(_) => Ok(Opening::Opened),
            // Between the refusal and now it may have gone; a retry finds out.
            Written::Refused(None) => Err(vanished()),
            Written::Refused(Some(Standing::Record(standing)))
                if standing.sequencer == record.sequencer =>
            {
                Ok(Opening::Opened)
            }
            Written::Refused(Some(_)) => Ok(Opening::Superseded),
        }
    }

    async fn close(&self, record: &Record) -> Result<Closing, Failure> {
        let status = |status: Status| AttributeValue::S(status.as_str().to_owned());
        let may = if record.status == Status::Failed { MAY_FAIL } else { MAY_CLOSE };
        let update = self
            .write(record, "")?
            .condition_expression(may)
            .expression_attribute_values(":processing", status(Status::Processing))
            .expression_attribute_values(":failed", status(Status::Failed))
            .return_values(ReturnValue::AllNew);
        match standing(update.send().await)? {
            Written::Done(output) => {
                let replaced = output.attributes.and_then(|mut item| item.remove(REPLACED));
                let replaced =
                    replaced.map(serde_dynamo::from_attribute_value::<_, Vec<Rendition>>);
                Ok(Closing::Closed {
                    replaced: replaced.transpose().map_err(malformed)?.unwrap_or_default(),
                })
            }
            Written::Refused(Some(Standing::Record(standing))) => {
                Ok(Closing::Lost { standing: Some(standing) })
            }
            Written::Refused(Some(Standing::Buried) | None) => Ok(Closing::Lost { standing: None }),
        }
    }

    async fn forget_replaced(&self, record: &Record) -> Result<(), Failure> {
        let update = self
            .update(&record.key)
            .update_expression("REMOVE #replaced")
            .condition_expression("#sequencer = :sequencer")
            .expression_attribute_names("#replaced", REPLACED)
            .expression_attribute_names("#sequencer", "sequencer")
            .expression_attribute_values(
                ":sequencer",
                AttributeValue::S(record.sequencer.as_str().to_owned()),
            );
        // A later upload has taken over: what is to be tagged is its business now.
        standing(update.send().await).map(drop)
    }
}

/// How a conditional write ended.
enum Written {
    Done(Box<UpdateItemOutput>),
    /// The condition did not hold for what stands, if anything does.
    Refused(Option<Standing>),
}

/// What an item is.
enum Standing {
    Record(Box<Record>),
    /// What is left of a removed one: its key, its sequencer, and when that is forgotten.
    Buried,
}

fn standing<R>(
    sent: Result<UpdateItemOutput, SdkError<UpdateItemError, R>>,
) -> Result<Written, Failure>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let error = match sent {
        Ok(output) => return Ok(Written::Done(Box::new(output))),
        Err(error) => error,
    };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
            let item = refusal.item.clone().filter(|item| !item.is_empty());
            Ok(Written::Refused(item.map(stands).transpose()?))
        }
        _ => Err(classify("dynamodb:UpdateItem", error)),
    }
}

fn stands(item: Item) -> Result<Standing, Failure> {
    if !item.contains_key("status") {
        return Ok(Standing::Buried);
    }
    Ok(Standing::Record(Box::new(parse(item)?)))
}

pub(super) fn parse(item: Item) -> Result<Record, Failure> {
    serde_dynamo::from_item(item).map_err(malformed)
}

pub(super) fn malformed(error: serde_dynamo::Error) -> Failure {
    Failure::Misconfigured {
        what: "a record in the table is not of this version's shape".to_owned(),
        source: Some(error.into()),
    }
}

fn vanished() -> Failure {
    Failure::DependencyUnavailable {
        call: "dynamodb:UpdateItem",
        source: "the record vanished while it was written".into(),
    }
}
