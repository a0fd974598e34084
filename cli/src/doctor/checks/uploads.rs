//! Uploads a picture in each possible way, waits for its outcome, and compares its renditions with the record.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata, primitives::ByteStream};
use http::{Method, Request};
use pipeline::Status;
use serde_json::json;

use super::{
    outcome::{failed_state, has_not_started, wait_for_outcome},
    rendition::download_and_compare,
    test_picture::test_picture,
};
use crate::{
    aws::http::HttpVersion,
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed, skipped},
        context::CheckContext,
    },
};

/// Puts an object into the source bucket.
///
/// # Errors
/// If S3 does not accept it.
pub(super) async fn put_source(context: &mut CheckContext<'_>, key: &str, bytes: Vec<u8>) -> Result<(), CheckFailure> {
    if !context.created.source_keys.iter().any(|known| known == key) {
        context.created.source_keys.push(key.to_owned());
    }
    let bucket = context.output("SourceBucketName")?;
    let request = context.s3().put_object().bucket(bucket).key(key);
    let sent = request.body(ByteStream::from(bytes)).send().await.map_err(Error::from);
    sent.map(drop).map_err(|error| {
        let code = error.code().unwrap_or("no answer");
        let message = error.message().unwrap_or("");
        check_failure(
            format!("S3 does not accept s3://{bucket}/{key}: {code}: {message}"),
            format!("aws s3api get-bucket-policy --bucket {bucket}; the caller needs s3:PutObject"),
        )
    })
}

/// Uploads to the source bucket. While the bucket may be too new to send events, tries again.
pub(crate) async fn check_s3(context: &mut CheckContext<'_>) -> CheckResult {
    let key = format!("uploads/{}/straight.jpg", context.run_id);
    put_source(context, &key, test_picture()).await?;
    let mut seen = wait_and_compare(context, &key).await;
    while seen.is_err()
        && context.source_bucket_may_be_too_new()
        && !context.interrupt.has_happened()
        && has_not_started(context, &key).await
    {
        put_source(context, &key, test_picture()).await?;
        seen = wait_and_compare(context, &key).await;
    }
    let seen = seen?;
    context.pipeline_works = true;
    passed(seen)
}

/// Uploads by `POST /images` over HTTP/1.1.
pub(crate) async fn check_post_http1(context: &mut CheckContext<'_>) -> CheckResult {
    check_post(context, HttpVersion::Http1).await
}

/// Uploads by `POST /images` over HTTP/2.
pub(crate) async fn check_post_http2(context: &mut CheckContext<'_>) -> CheckResult {
    check_post(context, HttpVersion::Http2).await
}

async fn check_post(context: &mut CheckContext<'_>, version: HttpVersion) -> CheckResult {
    if let Some(reason) = reason_to_skip(context) {
        return skipped(reason);
    }
    let (content, credentials) = (("image/jpeg", test_picture()), context.credentials.as_ref());
    let response = context.call_api_with(version, credentials, Method::POST, "/images", Some(content)).await;
    let response = match response {
        // The same call has succeeded over HTTP/1.1: the endpoint does not support HTTP/2, and no client will use it.
        Err(failure) if version == HttpVersion::Http2 && !context.has_failed_check => {
            return skipped(format!("no answer over HTTP/2: {}", failure.cause));
        }
        response => response?,
    };
    if response.status != 202 {
        return Err(check_failure(
            format!("POST /images answers {} instead of 202: {}", response.status, response.excerpt()),
            format!("aws logs tail /aws/apigateway/{} --since 10m", context.stack_name),
        ));
    }
    let uploaded = response.json();
    let Some(key) = uploaded["key"].as_str() else {
        let cause = format!("POST /images returns no key: {}", response.excerpt());
        return Err(check_failure(cause, "make deploy"));
    };
    context.created.source_keys.push(key.to_owned());
    passed(wait_and_compare(context, key).await?)
}

/// Uploads by `POST /uploads` and a `PUT` to the presigned URL.
pub(crate) async fn check_presigned(context: &mut CheckContext<'_>) -> CheckResult {
    if let Some(reason) = reason_to_skip(context) {
        return skipped(reason);
    }
    let bytes = test_picture();
    let wanted = json!({
        "filename": format!("{}.jpg", context.run_id),
        "content_type": "image/jpeg",
        "byte_len": bytes.len(),
    });
    let content = Some(("application/json", wanted.to_string().into_bytes()));
    let response = context.call_api(Method::POST, "/uploads", content).await?;
    let presigned = response.json();
    let (Some(key), Some(url)) = (presigned["key"].as_str(), presigned["url"].as_str()) else {
        return Err(check_failure(
            format!("POST /uploads answers {}: {}", response.status, response.excerpt()),
            context.log_command("images"),
        ));
    };
    context.created.source_keys.push(key.to_owned());
    let mut request = Request::put(url);
    for (name, value) in presigned["headers"].as_object().into_iter().flatten() {
        request = request.header(name.as_str(), value.as_str().unwrap_or_default());
    }
    let request = request.body(bytes.into()).map_err(anyhow::Error::from)?;
    let put = context.aws.http.send(HttpVersion::Http1, request).await?;
    if put.status != 200 {
        return Err(check_failure(
            format!("S3 answers {} to the presigned PUT: {}", put.status, put.excerpt()),
            "the images function's role needs s3:PutObject; see the line on the roles",
        ));
    }
    passed(wait_and_compare(context, key).await?)
}

/// Why an upload through the API cannot be tested, if it cannot.
fn reason_to_skip(context: &CheckContext<'_>) -> Option<String> {
    let types = context.parameter("AcceptedTypes");
    if context.credentials.is_none() {
        Some("there are no credentials for the API".into())
    } else if !context.pipeline_works {
        Some("no picture was completed".into())
    } else if !types.is_empty() && !types.contains("image/jpeg") {
        Some(format!("the doctor sends JPEG, and the stack accepts {types}"))
    } else {
        None
    }
}

/// Waits until a picture is completed, and compares every rendition with the record. Returns their names and sizes.
async fn wait_and_compare(context: &CheckContext<'_>, key: &str) -> Result<String, CheckFailure> {
    let record = wait_for_outcome(context, key).await?;
    if record.status == Status::Failed
        && let Some(failure) = failed_state(context, key).await
    {
        return Err(failure);
    }
    if record.status != Status::Completed {
        let rejection = record.rejection.map(|why| format!("{}: {}", why.code, why.message));
        let failure = record.failure.map(|why| format!("{}: {}", why.error, why.cause));
        let why = rejection.or(failure).unwrap_or_else(|| "unknown".to_owned());
        return Err(check_failure(
            format!("{key} is {}: {why}", record.status.as_str()),
            format!("darkroom show --stack {} '{key}'; {}", context.stack_name, context.log_command("validate")),
        ));
    }
    let record = serde_json::to_value(&record).map_err(anyhow::Error::from)?;
    let mut seen = Vec::new();
    for rendition in record["renditions"].as_array().into_iter().flatten() {
        seen.push(download_and_compare(context, rendition).await?);
    }
    if seen.is_empty() {
        let cause = format!("{key} is completed without a rendition");
        return Err(check_failure(cause, "check Profiles"));
    }
    Ok(seen.join(", "))
}
