//! Checks the CDN, if the stack has one: its settings, and that it delivers a rendition.

use bytes::Bytes;
use http::{Request, header::HOST};
use serde_json::{Value, json};

use super::{
    rendition::compare,
    rendition_links::{fetch, renditions_from_api},
};
use crate::{
    aws::{
        http::{HttpResponse, HttpVersion},
        service::CLOUDFRONT,
        xml,
    },
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed, skip_if_denied, skipped},
        context::CheckContext,
    },
};

/// Checks that the distribution is enabled, and that it may read the destination bucket.
pub(crate) async fn check_settings(context: &mut CheckContext<'_>) -> CheckResult {
    if context.parameter("Delivery") != "CloudFront" {
        return skipped("the stack has no CDN (Delivery=None)");
    }
    let id = context.output("DistributionId")?;
    let path = format!("/2020-05-31/distribution/{id}");
    let distribution = match context.aws.get(CLOUDFRONT, "GetDistribution", &path).await {
        Ok(response) => response.text(),
        Err(error) => return skip_if_denied(&error, "make deploy"),
    };
    let status = xml::first_text(&distribution, "Status");
    let status = status.unwrap_or_else(|| "unknown".to_owned());
    let enabled = xml::element_texts(&distribution, "Enabled");
    if !enabled.iter().any(|enabled| enabled == "true") {
        return Err(check_failure(
            format!("the distribution {id} is disabled"),
            "make deploy; or enable it in the console of CloudFront",
        ));
    }
    let access_control = xml::element_texts(&distribution, "OriginAccessControlId");
    if access_control.first().is_none_or(|id| id.is_empty()) {
        return Err(check_failure(
            format!("the distribution {id} has no origin access control: S3 refuses its requests"),
            "make deploy",
        ));
    }
    check_bucket_policy(context, id).await?;
    passed(format!("{id} is {status}, and may read the bucket"))
}

/// Checks that the policy of the destination bucket allows the distribution to read.
async fn check_bucket_policy(context: &CheckContext<'_>, id: &str) -> Result<(), CheckFailure> {
    let bucket = context.output("DestinationBucketName")?;
    let response = context.s3().get_bucket_policy().bucket(bucket).send().await;
    let policy = response.ok().and_then(|response| response.policy).unwrap_or_default();
    let mut policy: Value = serde_json::from_str(&policy).unwrap_or(json!({"Statement": []}));
    let statements = policy["Statement"].as_array();
    let is_allowed = statements.into_iter().flatten().any(|statement| {
        statement["Effect"] == "Allow"
            && statement["Principal"].to_string().contains("cloudfront.amazonaws.com")
            && statement["Action"].to_string().contains("s3:GetObject")
            && statement["Condition"].to_string().contains(&format!("distribution/{id}"))
    });
    if is_allowed {
        return Ok(());
    }
    let machine = context.output("StateMachineArn")?;
    let account = machine.split(':').nth(4).unwrap_or_default();
    let partition = machine.split(':').nth(1).unwrap_or("aws");
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements.push(json!({
            "Sid": "LetTheDistributionRead",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": format!("arn:{partition}:s3:::{bucket}/*"),
            "Condition": {"StringEquals": {
                "aws:SourceArn": format!("arn:{partition}:cloudfront::{account}:distribution/{id}"),
            }},
        }));
    }
    Err(check_failure(
        format!("the policy of {bucket} does not let the distribution {id} read: the CDN answers 403"),
        format!("aws s3api put-bucket-policy --bucket {bucket} --policy '{policy}'"),
    ))
}

/// Fetches a rendition through the CDN, and compares it with its record.
pub(crate) async fn check_delivery(context: &mut CheckContext<'_>) -> CheckResult {
    if context.parameter("Delivery") != "CloudFront" {
        return skipped("the stack has no CDN (Delivery=None)");
    }
    if !context.parameter("DeliveryPublicKeyA").is_empty() || !context.parameter("DeliveryPublicKeyB").is_empty() {
        return skipped("it requires signed URLs, and only you have the private key");
    }
    if context.credentials.is_none() {
        return skipped("there are no credentials for the API, which returns the links");
    }
    let Some(renditions) = renditions_from_api(context).await? else {
        return skipped("no picture was completed");
    };
    let Some(rendition) = renditions.first() else { return skipped("there is no rendition") };
    let url = rendition["url"].as_str().unwrap_or_default();
    let response = match context.aws.local_endpoint() {
        Some(endpoint) => fetch_from_local_cloud(context, endpoint, url).await?,
        None => fetch(context, url).await?,
    };
    if response.status != 200 {
        let id = context.output("DistributionId")?;
        return Err(check_failure(
            format!("{url} answers {}: {}", response.status, response.excerpt()),
            format!(
                "aws cloudfront get-distribution --id {id} (InProgress: wait); a domain of your own must point to it"
            ),
        ));
    }
    compare(rendition, &response.body)?;
    passed(format!("{} bytes of the rendition {}", response.body.len(), rendition["name"]))
}

/// Fetches a URL of a distribution from the local cloud.
///
/// The local cloud serves all distributions at its own address, to requests whose `Host` is
/// `<label>.cloudfront.localhost`. It has no TLS: a header says that the request came by HTTPS.
async fn fetch_from_local_cloud(
    context: &CheckContext<'_>,
    endpoint: &str,
    url: &str,
) -> Result<HttpResponse, CheckFailure> {
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let host = context.output("DeliveryDomain")?.replace(".cloudfront.net", ".cloudfront.localhost");
    let request = Request::get(format!("{endpoint}/{path}"))
        .header(HOST, host)
        .header("x-forwarded-proto", "https")
        .body(Bytes::new())
        .map_err(anyhow::Error::from)?;
    Ok(context.aws.http.send(HttpVersion::Http1, request).await?)
}
