//! Checks that the record table exists, and that its index is active. Reads and deletes single items.

use serde_json::{Value, json};

use crate::{
    aws::service::DYNAMODB,
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed, skip_if_denied},
        context::CheckContext,
    },
};

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let name = context.output("RecordTableName")?;
    let input = json!({"TableName": name});
    let table = match context.aws.call_json(DYNAMODB, "DescribeTable", input).await {
        Ok(answer) => answer["Table"].clone(),
        Err(error) if error.is_not_found() => {
            return Err(check_failure(
                format!("the table {name} does not exist: every execution fails"),
                format!(
                    "aws dynamodb list-backups --backup-type ALL --table-name {name}; then aws dynamodb \
                     restore-table-from-backup --target-table-name {name} --backup-arn …"
                ),
            ));
        }
        Err(error) => return skip_if_denied(&error, "try again"),
    };
    let status = table["TableStatus"].as_str().unwrap_or("unknown");
    if !matches!(status, "ACTIVE" | "UPDATING") {
        return Err(check_failure(format!("the table {name} is {status}"), "wait, and run it again"));
    }
    let indexes = table["GlobalSecondaryIndexes"].as_array();
    let index = indexes.into_iter().flatten().find(|index| index["IndexName"] == "by_status");
    let index = index.and_then(|index| index["IndexStatus"].as_str().or(Some("ACTIVE")));
    match index {
        Some(status) if status == "ACTIVE" => passed(format!("{status}, index by_status ACTIVE")),
        other => Err(check_failure(
            format!("the index by_status of {name} is {}: GET /images cannot list", other.unwrap_or("missing")),
            format!("aws dynamodb describe-table --table-name {name} --query Table.GlobalSecondaryIndexes"),
        )),
    }
}

/// Whether the table holds an item with this key: a record, or a tombstone of a deleted picture.
pub(super) async fn has_item(context: &CheckContext<'_>, key: &str) -> Result<bool, CheckFailure> {
    let input = json!({
        "TableName": context.output("RecordTableName")?,
        "Key": {"key": {"S": key}},
        "ConsistentRead": true,
    });
    let answer = context.aws.call_json(DYNAMODB, "GetItem", input).await?;
    Ok(answer.get("Item").is_some_and(Value::is_object))
}

/// Deletes the item with this key.
pub(super) async fn delete_item(context: &CheckContext<'_>, key: &str) -> Result<(), CheckFailure> {
    let input = json!({
        "TableName": context.output("RecordTableName")?,
        "Key": {"key": {"S": key}},
    });
    context.aws.call_json(DYNAMODB, "DeleteItem", input).await?;
    Ok(())
}
