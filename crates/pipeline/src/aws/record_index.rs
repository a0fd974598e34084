//! The record table as a whole: lists by the index, and burials.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::AttributeValue};

use super::{
    RecordTable,
    errors::classify,
    record_table::{Item, malformed, parse},
};
use crate::{
    Failure, Record, Sequencer, Status, Timestamp,
    ports::{Burial, Catalogue, Window},
};

/// Status, and then the moment of the upload.
const INDEX: &str = "by_status";

/// Nothing later is known.
const MAY_BURY: &str = "attribute_not_exists(#key) OR #sequencer <= :sequencer";

impl Catalogue for RecordTable {
    async fn sequencer(&self, key: &str) -> Result<Option<Sequencer>, Failure> {
        let request = self
            .dynamodb
            .get_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(key.to_owned()))
            .consistent_read(true)
            .projection_expression("#sequencer")
            .expression_attribute_names("#sequencer", "sequencer");
        let answer = request.send().await.map_err(|error| classify("dynamodb:GetItem", error))?;
        let known = answer.item.and_then(|mut item| item.remove("sequencer"));
        known.map(serde_dynamo::from_attribute_value).transpose().map_err(malformed)
    }

    async fn newest(
        &self,
        status: Status,
        window: Window,
        at_least: usize,
    ) -> Result<Vec<Record>, Failure> {
        let mut records: Vec<Record> = Vec::new();
        let mut start = None;
        loop {
            let (items, next) = self.page(status, window, at_least, start).await?;
            for item in items {
                let record = parse(item)?;
                let full = records.len() >= at_least;
                if full && records.last().is_some_and(|last| last.received_at > record.received_at)
                {
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

    async fn bury(
        &self,
        key: &str,
        sequencer: &Sequencer,
        forgotten_at: Timestamp,
    ) -> Result<Burial, Failure> {
        // The whole item is replaced: without a status, it is in no index and no record.
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.name)
            .item("key", AttributeValue::S(key.to_owned()))
            .item("sequencer", AttributeValue::S(sequencer.as_str().to_owned()))
            .item("expires_at", AttributeValue::N(forgotten_at.unix_seconds().to_string()))
            .condition_expression(MAY_BURY)
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#sequencer", "sequencer")
            .expression_attribute_values(
                ":sequencer",
                AttributeValue::S(sequencer.as_str().to_owned()),
            );
        match put.send().await {
            Ok(_) => Ok(Burial::Buried),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(Burial::Newer)
            }
            Err(error) => Err(classify("dynamodb:PutItem", error)),
        }
    }
}

impl RecordTable {
    async fn page(
        &self,
        status: Status,
        window: Window,
        at_least: usize,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), Failure> {
        // One more shows whether the oldest moment is whole.
        let limit = i32::try_from(at_least.saturating_add(1)).unwrap_or(i32::MAX);
        let bound = |name: &str, value: String| (name.to_owned(), AttributeValue::S(value));
        let mut values = vec![bound(":status", status.as_str().to_owned())];
        let condition = match (window.from, window.to) {
            (None, None) => "#status = :status",
            (Some(_), None) => "#status = :status AND #received_at >= :from",
            (None, Some(_)) => "#status = :status AND #received_at <= :to",
            // DynamoDB refuses bounds in the wrong order, rather than to find nothing between them.
            (Some(from), Some(to)) if from > to => return Ok((Vec::new(), None)),
            (Some(_), Some(_)) => "#status = :status AND #received_at BETWEEN :from AND :to",
        };
        values.extend(window.from.map(|from| bound(":from", from.to_string())));
        values.extend(window.to.map(|to| bound(":to", to.to_string())));
        let mut request = self
            .dynamodb
            .query()
            .table_name(&self.name)
            .index_name(INDEX)
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(start)
            .key_condition_expression(condition)
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values.into_iter().collect()));
        if condition.contains("#received_at") {
            request = request.expression_attribute_names("#received_at", "received_at");
        }
        let answer = request.send().await.map_err(|error| classify("dynamodb:Query", error))?;
        Ok((
            answer.items.unwrap_or_default(),
            answer.last_evaluated_key.filter(|key| !key.is_empty()),
        ))
    }
}
