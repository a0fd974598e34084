//! The record table exists, and its index is active.

use serde_json::{Value, json};

use super::super::{
    aws::DYNAMODB,
    finding::{Checked, Trouble, good, skip_if_denied, trouble},
    patient::Patient,
};

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let name = patient.output("RecordTableName")?;
    let asked = patient.aws.json(DYNAMODB, "DescribeTable", json!({"TableName": name})).await;
    let table = match asked {
        Ok(answer) => answer["Table"].clone(),
        Err(refusal) if refusal.is_missing() => {
            return Err(trouble(
                format!("the table {name} does not exist: every execution fails"),
                format!(
                    "aws dynamodb list-backups --backup-type ALL --table-name {name}; then aws dynamodb \
                     restore-table-from-backup --target-table-name {name} --backup-arn …"
                ),
            ));
        }
        Err(refusal) => return skip_if_denied(refusal, "try again"),
    };
    let status = table["TableStatus"].as_str().unwrap_or("unknown");
    if !matches!(status, "ACTIVE" | "UPDATING") {
        return Err(trouble(format!("the table {name} is {status}"), "wait, and run it again"));
    }
    let indexes = table["GlobalSecondaryIndexes"].as_array();
    let mut indexes = indexes.into_iter().flatten();
    let index = indexes.find(|index| index["IndexName"] == "by_status");
    let index = index.and_then(|index| index["IndexStatus"].as_str().or(Some("ACTIVE")));
    match index {
        Some(status) if status == "ACTIVE" => good(format!("{status}, index by_status ACTIVE")),
        other => Err(trouble(
            format!(
                "the index by_status of {name} is {}: GET /images can't list",
                other.unwrap_or("not there")
            ),
            format!(
                "aws dynamodb describe-table --table-name {name} --query Table.GlobalSecondaryIndexes"
            ),
        )),
    }
}

/// Whether the table holds an item of that key, also one that says that the picture was deleted.
pub(super) async fn holds(patient: &Patient<'_>, key: &str) -> Result<bool, Trouble> {
    let input = json!({
        "TableName": patient.output("RecordTableName")?,
        "Key": {"key": {"S": key}},
        "ConsistentRead": true,
    });
    let answer = patient.aws.json(DYNAMODB, "GetItem", input).await?;
    Ok(answer.get("Item").is_some_and(Value::is_object))
}

/// Deletes the item of a key.
pub(super) async fn forget(patient: &Patient<'_>, key: &str) -> Result<(), Trouble> {
    let input = json!({
        "TableName": patient.output("RecordTableName")?,
        "Key": {"key": {"S": key}},
    });
    patient.aws.json(DYNAMODB, "DeleteItem", input).await?;
    Ok(())
}
