//! Checks that `GET /images/{key}` shows a picture, and that without a CDN its links can be read without credentials.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use super::rendition::compare;
use crate::{
    aws::http::{HttpResponse, HttpVersion},
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed, skipped},
        context::CheckContext,
    },
};

/// The renditions of the first picture, as the API shows them. `None` if no picture was completed.
pub(super) async fn renditions_from_api(context: &CheckContext<'_>) -> Result<Option<Vec<Value>>, CheckFailure> {
    let first = context.created.source_keys.first();
    let Some(key) = first.filter(|_| context.pipeline_works) else { return Ok(None) };
    let path = format!("/images/{key}");
    let response = context.call_api(Method::GET, &path, None).await?;
    if response.status != 200 {
        return Err(check_failure(
            format!("GET {path} answers {}: {}", response.status, response.excerpt()),
            context.log_command("images"),
        ));
    }
    Ok(Some(response.json()["renditions"].as_array().cloned().unwrap_or_default()))
}

/// Sends a GET without credentials.
///
/// # Errors
/// If no response comes. An error status is not an error.
pub(super) async fn fetch(context: &CheckContext<'_>, url: &str) -> Result<HttpResponse, CheckFailure> {
    let request = Request::get(url).body(Bytes::new()).map_err(anyhow::Error::from)?;
    Ok(context.aws.http.send(HttpVersion::Http1, request).await?)
}

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    if context.credentials.is_none() {
        return skipped("there are no credentials for the API");
    }
    let Some(renditions) = renditions_from_api(context).await? else {
        return skipped("no picture was completed");
    };
    let count = renditions.len();
    if context.parameter("Delivery") == "CloudFront" {
        return passed(format!("{count} links to the CDN, which the next check fetches"));
    }
    for rendition in &renditions {
        let response = fetch(context, rendition["url"].as_str().unwrap_or_default()).await?;
        if response.status != 200 {
            return Err(check_failure(
                format!(
                    "the link to the rendition {} answers {}: {}",
                    rendition["name"],
                    response.status,
                    response.excerpt()
                ),
                "the images function's role needs s3:GetObject on the renditions; see the line on the roles",
            ));
        }
        compare(rendition, &response.body)?;
    }
    passed(format!("{count} presigned links, each returns its rendition"))
}
