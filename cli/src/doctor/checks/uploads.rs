//! A picture by each way into the source bucket, followed to its outcome, its renditions fetched and measured.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata, primitives::ByteStream};
use http::{Method, Request};
use imaging::{Orientation, Size, chart};
use serde_json::{Value, json};

use super::{
    super::{
        finding::{Checked, Trouble, good, skipped, trouble},
        http::Version,
        patient::{Admission, Patient},
    },
    follow::{failed_state, nothing_has_begun, outcome},
    measure::measure,
};

/// A few kilobytes, of a size that no profile's box has.
pub(super) fn picture() -> Vec<u8> {
    let upright = Orientation::try_from(1).expect("1 is an orientation");
    chart::jpeg(Size::new(360, 240), upright)
}

/// Puts bytes into the source bucket; its version.
pub(super) async fn put(
    patient: &mut Patient<'_>,
    key: &str,
    bytes: Vec<u8>,
) -> Result<Option<String>, Trouble> {
    if !patient.leftovers.keys.iter().any(|known| known == key) {
        patient.leftovers.keys.push(key.to_owned());
    }
    let bucket = patient.output("SourceBucketName")?;
    let request = patient.s3().put_object().bucket(bucket).key(key);
    let sent = request.body(ByteStream::from(bytes)).send().await.map_err(Error::from);
    let sent = sent.map_err(|error| {
        let code = error.code().unwrap_or("no answer");
        trouble(
            format!(
                "S3 does not take s3://{bucket}/{key}: {code}: {}",
                error.message().unwrap_or("")
            ),
            format!("aws s3api get-bucket-policy --bucket {bucket}; the caller needs s3:PutObject"),
        )
    })?;
    Ok(sent.version_id)
}

pub(in super::super) async fn straight(patient: &mut Patient<'_>) -> Checked {
    let key = format!("uploads/{}/straight.jpg", patient.run);
    put(patient, &key, picture()).await?;
    let mut seen = follow_and_measure(patient, &key).await;
    while seen.is_err()
        && patient.may_be_too_new()
        && !patient.interrupt.has_happened()
        && nothing_has_begun(patient, &key).await
    {
        put(patient, &key, picture()).await?;
        seen = follow_and_measure(patient, &key).await;
    }
    let seen = seen?;
    patient.pipeline_works = true;
    good(seen)
}

pub(in super::super) async fn post_http1(patient: &mut Patient<'_>) -> Checked {
    post(patient, Version::Http1).await
}

pub(in super::super) async fn post_http2(patient: &mut Patient<'_>) -> Checked {
    post(patient, Version::Http2).await
}

async fn post(patient: &mut Patient<'_>, version: Version) -> Checked {
    if let Some(reason) = why_not(patient) {
        return skipped(reason);
    }
    let content = Some(("image/jpeg", picture()));
    let answer = patient.call(version, Method::POST, "/images", content, Admission::Admitted).await;
    let answer = match answer {
        // The same has just worked over HTTP/1.1: the endpoint does not speak HTTP/2, and clients will not, either.
        Err(trouble) if version == Version::Http2 && !patient.has_trouble => {
            return skipped(format!("no answer over HTTP/2: {}", trouble.cause));
        }
        answer => answer?,
    };
    if answer.status != 202 {
        return Err(trouble(
            format!("POST /images answers {} instead of 202: {}", answer.status, answer.text()),
            format!("aws logs tail /aws/apigateway/{} --since 10m", patient.stack),
        ));
    }
    let uploaded = answer.json();
    let Some(key) = uploaded["key"].as_str() else {
        return Err(trouble(
            format!("POST /images names no key: {}", answer.text()),
            "make deploy",
        ));
    };
    patient.leftovers.keys.push(key.to_owned());
    good(follow_and_measure(patient, key).await?)
}

pub(in super::super) async fn presigned(patient: &mut Patient<'_>) -> Checked {
    if let Some(reason) = why_not(patient) {
        return skipped(reason);
    }
    let bytes = picture();
    let wanted = json!({
        "filename": format!("{}.jpg", patient.run),
        "content_type": "image/jpeg",
        "byte_len": bytes.len(),
    });
    let content = Some(("application/json", wanted.to_string().into_bytes()));
    let answer = patient
        .call(Version::Http1, Method::POST, "/uploads", content, Admission::Admitted)
        .await?;
    let prepared = answer.json();
    let (Some(key), Some(url)) = (prepared["key"].as_str(), prepared["url"].as_str()) else {
        return Err(trouble(
            format!("POST /uploads answers {}: {}", answer.status, answer.text()),
            format!("aws logs tail /aws/lambda/{}-images --since 10m", patient.stack),
        ));
    };
    patient.leftovers.keys.push(key.to_owned());
    let mut request = Request::put(url);
    for (name, value) in prepared["headers"].as_object().into_iter().flatten() {
        request = request.header(name.as_str(), value.as_str().unwrap_or_default());
    }
    let request = request.body(bytes.into()).map_err(anyhow::Error::from)?;
    let put = patient.aws.http.send(Version::Http1, request).await?;
    if put.status != 200 {
        return Err(trouble(
            format!("S3 answers {} to the presigned PUT: {}", put.status, put.text()),
            "the images function's role needs s3:PutObject; see the line on the roles",
        ));
    }
    good(follow_and_measure(patient, key).await?)
}

/// Why an upload through the API can't be tried.
fn why_not(patient: &Patient<'_>) -> Option<String> {
    let types = patient.parameter("AcceptedTypes");
    if patient.access.is_none() {
        Some("there are no credentials for the API".into())
    } else if !patient.pipeline_works {
        Some("the pipeline did not complete the picture above".into())
    } else if !types.is_empty() && !types.contains("image/jpeg") {
        Some(format!("the doctor sends JPEG, and the stack takes {types}"))
    } else {
        None
    }
}

/// Waits for `completed`, and measures every rendition.
async fn follow_and_measure(patient: &Patient<'_>, key: &str) -> Result<String, Trouble> {
    let record = outcome(patient, key).await?;
    let record = serde_json::to_value(&record).map_err(anyhow::Error::from)?;
    let status = record["status"].as_str().unwrap_or_default();
    if status != "completed" {
        if status == "failed"
            && let Some(trouble) = failed_state(patient, key).await
        {
            return Err(trouble);
        }
        let why: &Value = &record[if status == "failed" { "failure" } else { "rejection" }];
        let of = |name: &str, or: &str| {
            why[name].as_str().or(why[or].as_str()).unwrap_or("unknown").to_owned()
        };
        return Err(trouble(
            format!("{key} is {status}: {}: {}", of("error", "code"), of("cause", "message")),
            format!(
                "darkroom show --stack {} '{key}'; aws logs tail /aws/lambda/{0}-validate",
                patient.stack
            ),
        ));
    }
    let mut seen = Vec::new();
    for rendition in record["renditions"].as_array().into_iter().flatten() {
        seen.push(measure(patient, rendition).await?);
    }
    if seen.is_empty() {
        return Err(trouble(format!("{key} is completed without a rendition"), "check Profiles"));
    }
    Ok(seen.join(", "))
}
