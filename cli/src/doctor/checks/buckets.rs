//! Both buckets exist, the source is versioned, and its events go to EventBridge.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata, types::BucketVersioningStatus};

use super::super::{
    finding::{Checked, Trouble, good, trouble},
    patient::Patient,
};

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let s3 = patient.s3();
    let source = patient.output("SourceBucketName")?;
    let destination = patient.output("DestinationBucketName")?;
    for bucket in [source, destination] {
        let answer = s3.get_bucket_location().bucket(bucket).send().await;
        answer.map_err(|error| refused(bucket, &error.into()))?;
    }

    let versioning = s3.get_bucket_versioning().bucket(source).send().await;
    let versioning = versioning.map_err(|error| refused(source, &error.into()))?;
    if versioning.status() != Some(&BucketVersioningStatus::Enabled) {
        return Err(trouble(
            format!(
                "versioning of {source} is switched off: an upload may change while it is read"
            ),
            format!(
                "aws s3api put-bucket-versioning --bucket {source} --versioning-configuration Status=Enabled"
            ),
        ));
    }

    let notification = s3.get_bucket_notification_configuration().bucket(source).send().await;
    let notification = notification.map_err(|error| refused(source, &error.into()))?;
    if notification.event_bridge_configuration().is_none() {
        return Err(trouble(
            format!("{source} sends no events to EventBridge: no upload starts an execution"),
            format!(
                "aws s3api put-bucket-notification-configuration --bucket {source} --notification-configuration '{{\"EventBridgeConfiguration\": {{}}}}'"
            ),
        ));
    }
    good("both exist; the source is versioned, and EventBridge gets its events")
}

fn refused(bucket: &str, error: &Error) -> Trouble {
    let code = error.code().unwrap_or("no answer");
    let message = error.message().unwrap_or("S3 was not reached");
    let fix = match code {
        "NoSuchBucket" => "make deploy: the bucket was deleted outside the stack".to_owned(),
        _ => format!("aws s3api get-bucket-policy --bucket {bucket}"),
    };
    trouble(format!("{bucket}: {code}: {message}"), fix)
}
