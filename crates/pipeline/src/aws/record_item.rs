//! Records as items of DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::{operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue};

use crate::{Failure, Record, Result};

pub(super) type Item = HashMap<String, AttributeValue>;

/// Attributes that a record may lack. An update removes those that the new record lacks.
const OPTIONAL: [&str; 10] = [
    "version_id",
    "format",
    "width",
    "height",
    "finished_at",
    "renditions",
    "damaged",
    "rejection",
    "failure",
    "expires_at",
];

/// What the item of a key is.
pub(super) enum StoredItem {
    /// A record.
    Record(Box<Record>),
    /// The key and the sequencer of a deleted record, and when they may be forgotten.
    Tombstone,
}

/// Tells records from tombstones, which have no status.
pub(super) fn parse_item(item: Item) -> Result<StoredItem> {
    if item.contains_key("status") {
        parse_record(item).map(|record| StoredItem::Record(Box::new(record)))
    } else {
        Ok(StoredItem::Tombstone)
    }
}

pub(super) fn parse_record(item: Item) -> Result<Record> {
    serde_dynamo::from_item(item).map_err(malformed)
}

pub(super) fn malformed(error: serde_dynamo::Error) -> Failure {
    Failure::Misconfigured {
        what: "an item of the record table does not parse as a record".to_owned(),
        source: Some(error.into()),
    }
}

/// Completes `update`: it writes every attribute of `record` and removes those that it lacks. `also_set` is appended to
/// the SET clause.
pub(super) fn write_record(
    mut update: UpdateItemFluentBuilder,
    record: &Record,
    also_set: &str,
) -> Result<UpdateItemFluentBuilder> {
    let mut item: Item = serde_dynamo::to_item(record).map_err(malformed)?;
    // The key of an item cannot be updated.
    item.remove("key");
    let mut set: Vec<_> = item.keys().map(|name| format!("#{name} = :{name}")).collect();
    // The same expression each time: the items of a hash map are in no order.
    set.sort();
    // Every name has a placeholder, because some of them are reserved words of DynamoDB.
    let mut expression = format!("SET {}{also_set}", set.join(", "));
    let absent: Vec<_> = OPTIONAL.into_iter().filter(|name| !item.contains_key(*name)).collect();
    for (index, name) in absent.iter().enumerate() {
        expression.push_str(if index == 0 { " REMOVE " } else { ", " });
        expression.push_str(&format!("#{name}"));
        update = update.expression_attribute_names(format!("#{name}"), *name);
    }
    for (name, value) in item {
        update = update
            .expression_attribute_names(format!("#{name}"), &name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    Ok(update.update_expression(expression))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{FailureNote, RejectionNote, Rendition, Sequencer, Status, UploadFacts};

    /// A new field of [`Record`] does not compile here until it is added, and an optional one must be added to
    /// [`OPTIONAL`] as well: otherwise an update would leave its old value in the table.
    #[test]
    fn every_optional_field_of_a_record_is_removed_when_it_is_absent() {
        let time = "2026-05-01T12:00:00Z".parse().unwrap();
        let full = Record {
            key: "cat.jpg".to_owned(),
            status: Status::Completed,
            upload: UploadFacts {
                sequencer: Sequencer::new("01"),
                version_id: Some("v1".to_owned()),
                etag: "e".to_owned(),
                byte_len: 1,
                format: Some(imaging::Format::Jpeg),
                width: Some(1),
                height: Some(1),
                profile: "web".to_owned(),
                execution: "a".to_owned(),
                received_at: time,
            },
            finished_at: Some(time),
            renditions: vec![rendition()],
            damaged: rendition().damaged,
            rejection: Some(RejectionNote { code: imaging::RejectionCode::Corrupt, message: "cut".to_owned() }),
            failure: Some(FailureNote { error: "e".to_owned(), cause: "c".to_owned() }),
            expires_at: Some(1),
        };
        assert!(!format!("{full:?}").contains("None"), "every optional field has a value: {full:?}");

        let mut optional: Vec<_> = attributes(&full).into_iter().filter(can_be_absent).collect();
        let mut expected = OPTIONAL.map(str::to_owned).to_vec();
        optional.sort();
        expected.sort();
        assert_eq!(optional, expected);
    }

    /// Whether a record parses without that attribute.
    fn can_be_absent(name: &String) -> bool {
        let mut record = json!({
            "key": "cat.jpg", "status": "processing", "sequencer": "01", "etag": "e", "byte_len": 1,
            "profile": "web", "execution": "a", "received_at": "2026-05-01T12:00:00Z",
        });
        record.as_object_mut().unwrap().remove(name);
        serde_json::from_value::<Record>(record).is_ok()
    }

    fn attributes(record: &Record) -> Vec<String> {
        let Value::Object(members) = json!(record) else { panic!("a record is an object") };
        members.into_iter().map(|(name, _)| name).collect()
    }

    fn rendition() -> Rendition {
        Rendition {
            name: "thumbnail".to_owned(),
            key: "cat.jpg/thumbnail".to_owned(),
            format: imaging::Format::Webp,
            width: 1,
            height: 1,
            byte_len: 1,
            limited_by: Some(imaging::LimitedBy::Format),
            tone_mapped: Some(imaging::HdrTransfer::Pq),
            damaged: Some(imaging::Damage { reason: "cut".to_owned(), decoded: imaging::DecodedPart::of(83, 100) }),
            url: Some("https://pictures.example".to_owned()),
        }
    }
}
