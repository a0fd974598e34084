//! Deletes everything that the doctor created, and checks that it is gone.
//!
//! One picture is deleted in S3: the event of the deletion must delete its renditions and its record. The others are
//! deleted by `DELETE /images/{key}?purge=true`. Then the rest of each picture is deleted until nothing comes back: a
//! late event may still write a record.

use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use http::Method;
use imaging::rendition_prefix;
use pipeline::ports::Records;
use serde_json::{Value, json};

use super::{outcome::find_execution, record_table};
use crate::{
    aws::{
        AwsError,
        service::{COGNITO, EVENTBRIDGE, SQS, STEP_FUNCTIONS},
    },
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed},
        context::CheckContext,
    },
};

// These waits do not end at an interrupt: the cleanup runs after an interrupt, too.
const POLL_INTERVAL: Duration = Duration::from_millis(400);
/// How long a deletion in S3 may take to delete the renditions and the record.
const DELETION_EVENT_TIMEOUT: Duration = Duration::from_secs(20);
// Nothing may come back for this long. The event of a deletion arrives within a second, and the images function then
// writes a tombstone. If no picture was completed, that function has to start first.
const QUIET_PERIOD: Duration = Duration::from_secs(3);
// An event on which a function failed is delivered again: on the local cloud within 3 s. On AWS it takes minutes; a
// tombstone that is written then stays.
const QUIET_PERIOD_AFTER_FAILURE: Duration = Duration::from_secs(8);
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(45);

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let pictures = delete_pictures(context).await;
    let listener = delete_listener(context).await;
    let user = delete_user(context).await;
    let mut deleted = vec![pictures?];
    deleted.extend(listener?);
    deleted.extend(user?);
    passed(deleted.join("; "))
}

async fn delete_pictures(context: &CheckContext<'_>) -> Result<String, CheckFailure> {
    let keys = &context.created.source_keys;
    let Some(first) = keys.first() else { return Ok("no picture was uploaded".into()) };
    let by_event = if context.pipeline_works {
        delete_by_event(context, first).await
    } else {
        stop_executions(context).await;
        Ok(())
    };
    let by_api = delete_by_api(context, &keys[1..]).await;
    let quiet_period =
        if context.pipeline_works && by_event.is_ok() { QUIET_PERIOD } else { QUIET_PERIOD_AFTER_FAILURE };
    delete_until_quiet(context, quiet_period).await?;
    by_event?;
    by_api?;
    Ok(format!("{} pictures with versions, renditions and records", keys.len()))
}

/// Deletes a picture in S3, and waits until its record and its renditions are deleted.
async fn delete_by_event(context: &CheckContext<'_>, key: &str) -> Result<(), CheckFailure> {
    let s3 = context.s3();
    let source = context.output("SourceBucketName")?;
    let destination = context.output("DestinationBucketName")?;
    let deleted = s3.delete_object().bucket(source).key(key).send().await;
    deleted.map_err(anyhow::Error::from)?;
    let (records, prefix) = (context.records()?, rendition_prefix(key));
    let start = Instant::now();
    while start.elapsed() < DELETION_EVENT_TIMEOUT {
        let list = s3.list_objects_v2().bucket(destination).prefix(&prefix).send().await;
        let renditions = list.map_err(anyhow::Error::from)?.key_count().unwrap_or(0);
        let record = records.get(key).await.map_err(anyhow::Error::from)?;
        if renditions == 0 && record.is_none() {
            return Ok(());
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    let seconds = DELETION_EVENT_TIMEOUT.as_secs();
    Err(check_failure(
        format!("{key} was deleted in S3, but its renditions or its record still exist after {seconds} s"),
        format!("see the line on the rules; {}", context.log_command("images")),
    ))
}

/// Deletes pictures by the API, all of them also after an error. Returns the last error.
async fn delete_by_api(context: &CheckContext<'_>, keys: &[String]) -> Result<(), CheckFailure> {
    let mut result = Ok(());
    for key in keys.iter().filter(|_| context.credentials.is_some()) {
        let path = format!("/images/{key}?purge=true");
        match context.call_api(Method::DELETE, &path, None).await {
            Ok(response) if response.status == 204 => {}
            Ok(response) => {
                result = Err(check_failure(
                    format!("DELETE {path} answers {}: {}", response.status, response.excerpt()),
                    context.log_command("images"),
                ));
            }
            Err(failure) => result = Err(failure),
        }
    }
    result
}

/// Deletes the rest of each picture, until nothing has come back for the quiet period.
async fn delete_until_quiet(context: &CheckContext<'_>, quiet_period: Duration) -> Result<(), CheckFailure> {
    let keys = &context.created.source_keys;
    let (start, mut last_found) = (Instant::now(), Instant::now());
    while start.elapsed() < CLEANUP_TIMEOUT {
        for key in keys {
            if delete_rest(context, key).await? {
                last_found = Instant::now();
            }
        }
        if last_found.elapsed() > quiet_period {
            return Ok(());
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Err(check_failure(
        format!("parts of {} come back again and again", keys.join(", ")),
        "aws s3 rm --recursive s3://SOURCE_BUCKET_NAME/uploads/doctor-…",
    ))
}

/// Deletes the versions, renditions and record of a picture. Returns whether there were any.
async fn delete_rest(context: &CheckContext<'_>, key: &str) -> Result<bool, CheckFailure> {
    let s3 = context.s3();
    let source = context.output("SourceBucketName")?;
    let destination = context.output("DestinationBucketName")?;
    let mut found = delete_versions(&s3, source, key).await?;
    let prefix = rendition_prefix(key);
    let list = s3.list_objects_v2().bucket(destination).prefix(&prefix).send().await;
    for object in list.map_err(anyhow::Error::from)?.contents() {
        let request = s3.delete_object().bucket(destination).set_key(object.key.clone());
        request.send().await.map_err(anyhow::Error::from)?;
        found = true;
    }
    let has_item = match record_table::has_item(context, key).await {
        // The pipeline may have failed because the table does not exist.
        Err(_) if !context.pipeline_works => false,
        has_item => has_item?,
    };
    if has_item {
        record_table::delete_item(context, key).await?;
    }
    Ok(found || has_item)
}

/// Deletes all versions and delete markers of a key. Returns whether there were any.
async fn delete_versions(s3: &Client, bucket: &str, key: &str) -> Result<bool, CheckFailure> {
    let list = s3.list_object_versions().bucket(bucket).prefix(key).send().await;
    let list = list.map_err(anyhow::Error::from)?;
    let versions = list.versions().iter().map(|it| (it.key(), it.version_id()));
    let markers = list.delete_markers().iter().map(|it| (it.key(), it.version_id()));
    let mut found = false;
    for (_, version) in versions.chain(markers).filter(|(name, _)| *name == Some(key)) {
        let request = s3.delete_object().bucket(bucket).key(key);
        let request = request.set_version_id(version.map(str::to_owned));
        request.send().await.map_err(anyhow::Error::from)?;
        found = true;
    }
    Ok(found)
}

/// Stops the executions of all pictures. An execution that cannot succeed would retry for a long time.
async fn stop_executions(context: &CheckContext<'_>) {
    for key in &context.created.source_keys {
        if let Some(execution) = find_execution(context, key).await {
            let input = json!({"executionArn": execution, "error": "Doctor", "cause": "its picture is deleted"});
            context.aws.call_json(STEP_FUNCTIONS, "StopExecution", input).await.ok();
        }
    }
}

async fn delete_listener(context: &CheckContext<'_>) -> Result<Option<String>, CheckFailure> {
    let Some(listener) = &context.created.event_listener else { return Ok(None) };
    let (name, bus) = (&listener.name, &listener.bus);
    let fix = format!("aws events remove-targets --rule {name} --ids doctor; aws events delete-rule --name {name}");
    let targets = json!({"Rule": name, "EventBusName": bus, "Ids": ["doctor"]});
    ignore_missing(context.aws.call_json(EVENTBRIDGE, "RemoveTargets", targets).await, &fix)?;
    let rule = json!({"Name": name, "EventBusName": bus});
    ignore_missing(context.aws.call_json(EVENTBRIDGE, "DeleteRule", rule).await, &fix)?;
    let url = match context.aws.call_json(SQS, "GetQueueUrl", json!({"QueueName": name})).await {
        Ok(answer) => answer["QueueUrl"].clone(),
        Err(_) => return Ok(None),
    };
    let fix = format!("aws sqs delete-queue --queue-url {url}");
    let deleted = context.aws.call_json(SQS, "DeleteQueue", json!({"QueueUrl": url})).await;
    ignore_missing(deleted, &fix)?;
    Ok(Some("the rule and the queue".into()))
}

async fn delete_user(context: &CheckContext<'_>) -> Result<Option<String>, CheckFailure> {
    let Some(user) = &context.created.user else { return Ok(None) };
    let (pool, name) = (&user.pool, &user.name);
    let input = json!({"UserPoolId": pool, "Username": name});
    let deleted = context.aws.call_json(COGNITO, "AdminDeleteUser", input).await;
    let fix = format!("aws cognito-idp admin-delete-user --user-pool-id {pool} --username {name}");
    Ok(ignore_missing(deleted, &fix)?.map(|_| "the user".into()))
}

/// `None` if the resource does not exist, or the caller was not allowed to create it.
fn ignore_missing(result: Result<Value, AwsError>, fix: &str) -> Result<Option<Value>, CheckFailure> {
    match result {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_not_found() || error.is_access_denied() => Ok(None),
        Err(error) => Err(check_failure(error.to_string(), fix)),
    }
}
