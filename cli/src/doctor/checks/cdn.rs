//! The CDN, where there is one: its settings, and a rendition through it.

use bytes::Bytes;
use http::{Request, header::HOST};
use serde_json::{Value, json};

use super::{
    super::{
        aws::{CLOUDFRONT, xml},
        finding::{Checked, Trouble, good, skip_if_denied, skipped, trouble},
        http::{Answer, Version},
        patient::Patient,
    },
    links::{fetch, shown},
    measure::compare,
};

pub(in super::super) async fn set_up(patient: &mut Patient<'_>) -> Checked {
    if patient.parameter("Delivery") != "CloudFront" {
        return skipped("the stack has none (Delivery=None)");
    }
    let id = patient.output("DistributionId")?;
    let path = format!("/2020-05-31/distribution/{id}");
    let answer = match patient.aws.get(CLOUDFRONT, "GetDistribution", &path).await {
        Ok(answer) => answer,
        Err(refusal) => return skip_if_denied(refusal, "make deploy"),
    };
    let status = xml::texts(&answer, "Status").into_iter().next();
    let status = status.unwrap_or_else(|| "unknown".to_owned());
    if !xml::texts(&answer, "Enabled").iter().any(|enabled| enabled == "true") {
        return Err(trouble(
            format!("the distribution {id} is switched off"),
            "make deploy; or switch it on in the console of CloudFront",
        ));
    }
    let access = xml::texts(&answer, "OriginAccessControlId");
    if access.first().is_none_or(|id| id.is_empty()) {
        return Err(trouble(
            format!(
                "the distribution {id} has no origin access control: S3 refuses what it asks for"
            ),
            "make deploy",
        ));
    }
    bucket_lets_it_read(patient, id).await?;
    good(format!("{id} is {status}, and the bucket lets it read"))
}

/// The destination bucket's policy allows the distribution what it needs.
async fn bucket_lets_it_read(patient: &Patient<'_>, id: &str) -> Result<(), Trouble> {
    let bucket = patient.output("DestinationBucketName")?;
    let answer = patient.s3().get_bucket_policy().bucket(bucket).send().await;
    let policy = answer.ok().and_then(|answer| answer.policy).unwrap_or_default();
    let mut policy: Value = serde_json::from_str(&policy).unwrap_or(json!({"Statement": []}));
    let statements = policy["Statement"].as_array();
    let allows = statements.into_iter().flatten().any(|statement| {
        statement["Effect"] == "Allow"
            && statement["Principal"].to_string().contains("cloudfront.amazonaws.com")
            && statement["Action"].to_string().contains("s3:GetObject")
            && statement["Condition"].to_string().contains(&format!("distribution/{id}"))
    });
    if allows {
        return Ok(());
    }
    let machine = patient.output("StateMachineArn")?;
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
    Err(trouble(
        format!(
            "the policy of {bucket} does not let the distribution {id} read: the CDN answers 403"
        ),
        format!("aws s3api put-bucket-policy --bucket {bucket} --policy '{policy}'"),
    ))
}

pub(in super::super) async fn delivers(patient: &mut Patient<'_>) -> Checked {
    if patient.parameter("Delivery") != "CloudFront" {
        return skipped("the stack has none (Delivery=None)");
    }
    if !patient.parameter("DeliveryPublicKeyA").is_empty()
        || !patient.parameter("DeliveryPublicKeyB").is_empty()
    {
        return skipped("it wants signed URLs, and you have the private key");
    }
    if patient.access.is_none() {
        return skipped("there are no credentials for the API, which names the links");
    }
    let Some(renditions) = shown(patient).await? else {
        return skipped("no picture was completed");
    };
    let Some(rendition) = renditions.first() else { return skipped("there is no rendition") };
    let url = rendition["url"].as_str().unwrap_or_default();
    let answer = match patient.aws.local() {
        Some(endpoint) => fetch_here(patient, endpoint, url).await?,
        None => fetch(patient, url).await?,
    };
    if answer.status != 200 {
        let id = patient.output("DistributionId")?;
        return Err(trouble(
            format!("{url} answers {}: {}", answer.status, answer.text()),
            format!(
                "aws cloudfront get-distribution --id {id} (InProgress: wait); a domain of your own must point to it"
            ),
        ));
    }
    compare(rendition, &answer.body)?;
    good(format!("{} bytes of the rendition {}", answer.body.len(), rendition["name"]))
}

/// The local cloud serves a distribution at its own address, to requests whose Host is `<label>.cloudfront.localhost`;
/// the TLS in front of it is a header's word.
async fn fetch_here(patient: &Patient<'_>, endpoint: &str, url: &str) -> Result<Answer, Trouble> {
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let host =
        patient.output("DeliveryDomain")?.replace(".cloudfront.net", ".cloudfront.localhost");
    let request = Request::get(format!("{endpoint}/{path}"))
        .header(HOST, host)
        .header("x-forwarded-proto", "https")
        .body(Bytes::new())
        .map_err(anyhow::Error::from)?;
    Ok(patient.aws.http.send(Version::Http1, request).await?)
}
