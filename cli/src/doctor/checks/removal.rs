//! Everything that the doctor made is deleted, and that it is gone is checked.
//!
//! One picture is deleted straight in S3, whose event must take its renditions and its record along; the others by
//! `DELETE /images/{key}?purge=true`. After that, what is left of any is deleted until nothing comes back: a late event may still
//! write a record.

use std::time::{Duration, Instant};

use aws_sdk_s3::{Client, types::ObjectIdentifier};
use http::Method;
use imaging::rendition_prefix;
use serde_json::json;

use super::{
    super::{
        aws::{COGNITO, EVENTS, Refusal, SQS, STATES},
        finding::{Checked, Trouble, good, trouble},
        http::Version,
        patient::{Admission, Patient},
    },
    follow::execution_of,
    table,
};

const PAUSE: Duration = Duration::from_millis(400);
/// How long a deletion in S3 may take to reach renditions and record.
const EVENT_WITHIN: Duration = Duration::from_secs(20);
/// Nothing may come back for so long. The events of deletions arrive within a second, and each has the images function
/// note the deletion in the table; where no picture was completed, that function has to start first.
const QUIET: Duration = Duration::from_secs(3);
const QUIET_AFTER_TROUBLE: Duration = Duration::from_secs(8);
const WITHIN: Duration = Duration::from_secs(45);

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let removed = pictures(patient).await;
    let listener = listener(patient).await;
    let user = user(patient).await;
    let mut seen = vec![removed?];
    seen.extend(listener?);
    seen.extend(user?);
    good(seen.join("; "))
}

async fn pictures(patient: &Patient<'_>) -> Result<String, Trouble> {
    let keys = &patient.leftovers.keys;
    if keys.is_empty() {
        return Ok("no picture was uploaded".into());
    }
    if !patient.pipeline_works {
        stop_executions(patient).await;
    }
    let by_event = match keys.first() {
        Some(key) if patient.pipeline_works => remove_in_s3(patient, key).await,
        _ => Ok(()),
    };
    let mut by_api = Ok(());
    if patient.access.is_some() {
        for key in keys.iter().skip(1) {
            let path = format!("/images/{key}?purge=true");
            let answer = patient
                .call(Version::Http1, Method::DELETE, &path, None, Admission::Admitted)
                .await;
            match answer {
                Ok(answer) if answer.status == 204 => {}
                Ok(answer) => {
                    by_api = Err(trouble(
                        format!("DELETE {path} answers {}: {}", answer.status, answer.text()),
                        format!("aws logs tail /aws/lambda/{}-images --since 10m", patient.stack),
                    ));
                }
                Err(trouble) => by_api = Err(trouble),
            }
        }
    }
    let quiet = if patient.pipeline_works { QUIET } else { QUIET_AFTER_TROUBLE };
    let (start, mut last_found) = (Instant::now(), Instant::now());
    while start.elapsed() < WITHIN {
        for key in keys {
            if sweep(patient, key).await? {
                last_found = Instant::now();
            }
        }
        if last_found.elapsed() > quiet {
            by_event?;
            by_api?;
            return Ok(format!("{} pictures with versions, renditions and records", keys.len()));
        }
        // Not a pause that an interrupt cuts short: this runs after one, too.
        tokio::time::sleep(PAUSE).await;
    }
    Err(trouble(
        format!("something of {} comes back again and again", keys.join(", ")),
        "aws s3 rm --recursive s3://SOURCE_BUCKET_NAME/uploads/doctor-…",
    ))
}

/// Deletes a picture as any writer of the bucket would, and waits until its record and its renditions follow.
async fn remove_in_s3(patient: &Patient<'_>, key: &str) -> Result<(), Trouble> {
    use pipeline::ports::Records;

    let s3 = patient.s3();
    let (source, destination) =
        (patient.output("SourceBucketName")?, patient.output("DestinationBucketName")?);
    let deleted = s3.delete_object().bucket(source).key(key).send().await;
    deleted.map_err(anyhow::Error::from)?;
    let (records, prefix) = (patient.records()?, rendition_prefix(key));
    let start = Instant::now();
    while start.elapsed() < EVENT_WITHIN {
        let list = s3.list_objects_v2().bucket(destination).prefix(&prefix).send().await;
        let left = list.map_err(anyhow::Error::from)?.key_count().unwrap_or(0);
        let record = records.get(key).await.map_err(anyhow::Error::from)?;
        if left == 0 && record.is_none() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(trouble(
        format!(
            "{key} was deleted in S3, and after {} s its renditions or its record are still there",
            EVENT_WITHIN.as_secs()
        ),
        format!(
            "see the line on the rules; aws logs tail /aws/lambda/{}-images --since 10m",
            patient.stack
        ),
    ))
}

/// Deletes what is left of a picture; whether there was anything.
async fn sweep(patient: &Patient<'_>, key: &str) -> Result<bool, Trouble> {
    let s3 = patient.s3();
    let source = patient.output("SourceBucketName")?;
    let destination = patient.output("DestinationBucketName")?;
    let mut found = remove_versions(&s3, source, key).await?;
    let prefix = rendition_prefix(key);
    let list = s3.list_objects_v2().bucket(destination).prefix(&prefix).send().await;
    for object in list.map_err(anyhow::Error::from)?.contents() {
        let request = s3.delete_object().bucket(destination).set_key(object.key.clone());
        request.send().await.map_err(anyhow::Error::from)?;
        found = true;
    }
    // The table may be what is missing.
    let holds = match table::holds(patient, key).await {
        Err(_) if !patient.pipeline_works => false,
        holds => holds?,
    };
    if holds {
        table::forget(patient, key).await?;
    }
    Ok(found || holds)
}

async fn remove_versions(s3: &Client, bucket: &str, key: &str) -> Result<bool, Trouble> {
    let list = s3.list_object_versions().bucket(bucket).prefix(key).send().await;
    let list = list.map_err(anyhow::Error::from)?;
    let versions = list.versions().iter().map(|one| (one.key(), one.version_id()));
    let markers = list.delete_markers().iter().map(|one| (one.key(), one.version_id()));
    let mut found = false;
    for (name, version) in versions.chain(markers).filter(|(name, _)| *name == Some(key)) {
        let object = ObjectIdentifier::builder().key(name.unwrap_or_default());
        let object = object.set_version_id(version.map(str::to_owned)).build();
        let object = object.map_err(anyhow::Error::from)?;
        let request = s3.delete_object().bucket(bucket).key(object.key());
        let request = request.set_version_id(object.version_id);
        request.send().await.map_err(anyhow::Error::from)?;
        found = true;
    }
    Ok(found)
}

/// Where a picture came to no end, its execution would go on trying.
async fn stop_executions(patient: &Patient<'_>) {
    for key in &patient.leftovers.keys {
        if let Some(execution) = execution_of(patient, key).await {
            let input = json!({"executionArn": execution, "error": "Doctor", "cause": "its picture is deleted"});
            patient.aws.json(STATES, "StopExecution", input).await.ok();
        }
    }
}

async fn listener(patient: &Patient<'_>) -> Result<Option<String>, Trouble> {
    let Some(listener) = &patient.leftovers.listener else { return Ok(None) };
    let (name, bus) = (&listener.name, &listener.bus);
    let fix = format!(
        "aws events remove-targets --rule {name} --ids doctor; aws events delete-rule --name {name}"
    );
    let gone = |result: Result<serde_json::Value, Refusal>, fix: &str| match result {
        Err(refusal) if !refusal.is_missing() && !refusal.is_denied() => {
            Err(trouble(refusal.to_string(), fix.to_owned()))
        }
        _ => Ok(()),
    };
    let targets = json!({"Rule": name, "EventBusName": bus, "Ids": ["doctor"]});
    gone(patient.aws.json(EVENTS, "RemoveTargets", targets).await, &fix)?;
    let rule = json!({"Name": name, "EventBusName": bus});
    gone(patient.aws.json(EVENTS, "DeleteRule", rule).await, &fix)?;
    let url = match patient.aws.json(SQS, "GetQueueUrl", json!({"QueueName": name})).await {
        Ok(answer) => answer["QueueUrl"].clone(),
        Err(_) => return Ok(None),
    };
    let fix = format!("aws sqs delete-queue --queue-url {url}");
    gone(patient.aws.json(SQS, "DeleteQueue", json!({"QueueUrl": url})).await, &fix)?;
    Ok(Some("the rule and the queue".into()))
}

async fn user(patient: &Patient<'_>) -> Result<Option<String>, Trouble> {
    let Some(user) = &patient.leftovers.user else { return Ok(None) };
    let input = json!({"UserPoolId": user.pool, "Username": user.name});
    match patient.aws.json(COGNITO, "AdminDeleteUser", input).await {
        Ok(_) => Ok(Some("the user".into())),
        Err(refusal) if refusal.is_missing() || refusal.is_denied() => Ok(None),
        Err(refusal) => Err(trouble(
            refusal.to_string(),
            format!(
                "aws cognito-idp admin-delete-user --user-pool-id {} --username {}",
                user.pool, user.name
            ),
        )),
    }
}
