//! Checks that both buckets exist, and that the source bucket has versioning and sends events to EventBridge.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata, types::BucketVersioningStatus};

use crate::doctor::{
    check_result::{CheckFailure, CheckResult, check_failure, passed},
    context::CheckContext,
};

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let s3 = context.s3();
    let source = context.output("SourceBucketName")?;
    let destination = context.output("DestinationBucketName")?;
    for bucket in [source, destination] {
        let response = s3.get_bucket_location().bucket(bucket).send().await;
        response.map_err(|error| s3_failure(bucket, &error.into()))?;
    }

    let versioning = s3.get_bucket_versioning().bucket(source).send().await;
    let versioning = versioning.map_err(|error| s3_failure(source, &error.into()))?;
    if versioning.status() != Some(&BucketVersioningStatus::Enabled) {
        return Err(check_failure(
            format!("versioning of {source} is off: an upload may change while it is read"),
            format!("aws s3api put-bucket-versioning --bucket {source} --versioning-configuration Status=Enabled"),
        ));
    }

    let notification = s3.get_bucket_notification_configuration().bucket(source).send().await;
    let notification = notification.map_err(|error| s3_failure(source, &error.into()))?;
    if notification.event_bridge_configuration().is_none() {
        return Err(check_failure(
            format!("{source} sends no events to EventBridge: no upload starts an execution"),
            format!(
                "aws s3api put-bucket-notification-configuration --bucket {source} --notification-configuration '{{\"EventBridgeConfiguration\": {{}}}}'"
            ),
        ));
    }
    passed("both exist; the source is versioned, and sends its events to EventBridge")
}

fn s3_failure(bucket: &str, error: &Error) -> CheckFailure {
    let code = error.code().unwrap_or("no answer");
    let message = error.message().unwrap_or("S3 was not reached");
    let fix = match code {
        "NoSuchBucket" => "make deploy: the bucket was deleted outside the stack".to_owned(),
        _ => format!("aws s3api get-bucket-policy --bucket {bucket}"),
    };
    check_failure(format!("{bucket}: {code}: {message}"), fix)
}
