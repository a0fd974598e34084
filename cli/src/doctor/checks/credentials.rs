//! Whose credentials these are, and for which region.

use super::super::{
    aws::{STS, xml},
    finding::{Checked, good, trouble},
    patient::Patient,
};

const FIX: &str = "aws sso login, or new keys; an AWS CLI session is handed over by: \
    eval \"$(aws configure export-credentials --format env)\"";

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let region = patient.aws.region();
    if region.is_empty() {
        return Err(trouble("no region is set", "export AWS_REGION=eu-west-1"));
    }
    let credentials = patient.aws.credentials().await;
    credentials.map_err(|error| trouble(format!("{error:#}"), FIX))?;
    match patient.aws.query(STS, "GetCallerIdentity", &[]).await {
        Ok(answer) => {
            let arn = xml::texts(&answer, "Arn").into_iter().next();
            let arn = arn.unwrap_or_else(|| "an unknown caller".to_owned());
            good(format!("{arn} in {region}"))
        }
        Err(refusal) if refusal.code.starts_with("ExpiredToken") => {
            Err(trouble(format!("the credentials have expired ({refusal})"), FIX))
        }
        Err(refusal) if refusal.code.is_empty() => {
            Err(trouble(refusal.to_string(), "check the network, and that the region exists"))
        }
        Err(refusal) => Err(trouble(format!("the credentials are not accepted ({refusal})"), FIX)),
    }
}
