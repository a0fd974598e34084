//! Queries of the record table by status and time, and its tombstones.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValue},
};

use super::{
    RecordTable,
    errors::classify,
    record_item::{Item, StoredItem, malformed, parse_item, parse_record},
    record_table::SUPERSEDED_TO,
};
use crate::{
    Record, Result, Sequencer, Status, Timestamp,
    ports::{TimeRange, TombstoneResult},
};

/// The index by status and then by time of upload.
const INDEX: &str = "by_status";

/// No later sequencer is known.
const MAY_WRITE_TOMBSTONE: &str = "attribute_not_exists(#key) OR (#sequencer <= :sequencer \
    AND (attribute_not_exists(#superseded_to) OR #superseded_to <= :sequencer))";

impl RecordTable {
    pub(super) async fn get_sequencer(&self, key: &str) -> Result<Option<Sequencer>> {
        let request = self
            .dynamodb
            .get_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(key.to_owned()))
            // A removal must not miss the record of a running execution.
            .consistent_read(true)
            .projection_expression("#sequencer, #superseded_to")
            .expression_attribute_names("#sequencer", "sequencer")
            .expression_attribute_names("#superseded_to", SUPERSEDED_TO);
        let answer = request.send().await.map_err(|error| classify("dynamodb:GetItem", error))?;
        let known: Vec<Sequencer> = answer
            .item
            .into_iter()
            .flat_map(HashMap::into_values)
            .map(serde_dynamo::from_attribute_value)
            .collect::<Result<_, _>>()
            .map_err(malformed)?;
        Ok(known.into_iter().max())
    }

    /// Reads pages until it has `at_least` records and then a record of an older time.
    pub(super) async fn query_newest(
        &self,
        status: Status,
        received: TimeRange,
        at_least: usize,
    ) -> Result<Vec<Record>> {
        let mut records: Vec<Record> = Vec::new();
        let mut start = None;
        loop {
            let (items, next) = self.query_page(status, received, at_least, start).await?;
            for item in items {
                let record = parse_record(item)?;
                let enough = records.len() >= at_least;
                let received_at = record.upload.received_at;
                if enough && records.last().is_some_and(|it| it.upload.received_at > received_at) {
                    return Ok(records);
                }
                records.push(record);
            }
            match next {
                Some(next) => start = Some(next),
                None => return Ok(records),
            }
        }
    }

    pub(super) async fn put_tombstone(
        &self,
        key: &str,
        sequencer: &Sequencer,
        expires_at: Timestamp,
    ) -> Result<TombstoneResult> {
        let sequencer = AttributeValue::S(sequencer.as_str().to_owned());
        // Replaces the whole item. Without a status, the item is in no index and is not a record.
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.name)
            .item("key", AttributeValue::S(key.to_owned()))
            .item("sequencer", sequencer.clone())
            .item("expires_at", AttributeValue::N(expires_at.unix_seconds().to_string()))
            .condition_expression(MAY_WRITE_TOMBSTONE)
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#sequencer", "sequencer")
            .expression_attribute_names("#superseded_to", SUPERSEDED_TO)
            .expression_attribute_values(":sequencer", sequencer)
            .return_values(ReturnValue::AllOld);
        match put.send().await {
            Ok(output) => match output.attributes.map(parse_item).transpose()? {
                Some(StoredItem::Record(record)) => Ok(TombstoneResult::Written { renditions: record.renditions }),
                Some(StoredItem::Tombstone) | None => Ok(TombstoneResult::Written { renditions: Vec::new() }),
            },
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(TombstoneResult::Superseded)
            }
            Err(error) => Err(classify("dynamodb:PutItem", error)),
        }
    }

    async fn query_page(
        &self,
        status: Status,
        received: TimeRange,
        at_least: usize,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>)> {
        // One more shows whether all records of the oldest time were read.
        let limit = i32::try_from(at_least.saturating_add(1)).unwrap_or(i32::MAX);
        let value = |name: &str, text: String| (name.to_owned(), AttributeValue::S(text));
        let mut values = vec![value(":status", status.as_str().to_owned())];
        let condition = match (received.from, received.to) {
            (None, None) => "#status = :status",
            (Some(_), None) => "#status = :status AND #received_at >= :from",
            (None, Some(_)) => "#status = :status AND #received_at <= :to",
            // DynamoDB refuses BETWEEN if the bounds are in the wrong order.
            (Some(from), Some(to)) if from > to => return Ok((Vec::new(), None)),
            (Some(_), Some(_)) => "#status = :status AND #received_at BETWEEN :from AND :to",
        };
        values.extend(received.from.map(|from| value(":from", from.to_string())));
        values.extend(received.to.map(|to| value(":to", to.to_string())));
        let mut request = self
            .dynamodb
            .query()
            .table_name(&self.name)
            .index_name(INDEX)
            // Newest first.
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(start)
            .key_condition_expression(condition)
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values.into_iter().collect()));
        // DynamoDB refuses names that the expression does not use.
        if condition.contains("#received_at") {
            request = request.expression_attribute_names("#received_at", "received_at");
        }
        let answer = request.send().await.map_err(|error| classify("dynamodb:Query", error))?;
        // An empty key means the same as none: the last page.
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), next))
    }
}
