//! `GET /images/{key}` shows a picture, and without a CDN its links are good for anybody.

use http::{Method, Request};
use serde_json::Value;

use super::{
    super::{
        finding::{Checked, Trouble, good, skipped, trouble},
        http::{Answer, Version},
        patient::{Admission, Patient},
    },
    measure::compare,
};

/// The renditions of the first picture, as the API shows them; nothing if no picture was completed.
pub(super) async fn shown(patient: &Patient<'_>) -> Result<Option<Vec<Value>>, Trouble> {
    let Some(key) = patient.leftovers.keys.first().filter(|_| patient.pipeline_works) else {
        return Ok(None);
    };
    let path = format!("/images/{key}");
    let answer =
        patient.call(Version::Http1, Method::GET, &path, None, Admission::Admitted).await?;
    if answer.status != 200 {
        return Err(trouble(
            format!("GET {path} answers {}: {}", answer.status, answer.text()),
            format!("aws logs tail /aws/lambda/{}-images --since 10m", patient.stack),
        ));
    }
    Ok(Some(answer.json()["renditions"].as_array().cloned().unwrap_or_default()))
}

pub(super) async fn fetch(patient: &Patient<'_>, url: &str) -> Result<Answer, Trouble> {
    let request = Request::get(url).body(bytes::Bytes::new()).map_err(anyhow::Error::from)?;
    Ok(patient.aws.http.send(Version::Http1, request).await?)
}

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    if patient.access.is_none() {
        return skipped("there are no credentials for the API");
    }
    let Some(renditions) = shown(patient).await? else {
        return skipped("no picture was completed");
    };
    let count = renditions.len();
    if patient.parameter("Delivery") == "CloudFront" {
        return good(format!("{count} links to the CDN, which the next line fetches"));
    }
    for rendition in &renditions {
        let url = rendition["url"].as_str().unwrap_or_default();
        let answer = fetch(patient, url).await?;
        if answer.status != 200 {
            return Err(trouble(
                format!(
                    "the link to the rendition {} answers {}: {}",
                    rendition["name"],
                    answer.status,
                    answer.text()
                ),
                "the images function's role needs s3:GetObject on the renditions; see the line on the roles",
            ));
        }
        compare(rendition, &answer.body)?;
    }
    good(format!("{count} presigned links, each gives its rendition"))
}
