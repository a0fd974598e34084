//! Checks that the caller has valid AWS credentials and a region.

use crate::{
    aws::{service::STS, xml},
    doctor::{
        check_result::{CheckResult, check_failure, passed},
        context::CheckContext,
    },
};

const FIX: &str = "aws sso login, or new keys; to use the session of the AWS CLI: \
    eval \"$(aws configure export-credentials --format env)\"";

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let region = context.aws.region();
    if region.is_empty() {
        return Err(check_failure("no region is set", "export AWS_REGION=eu-west-1"));
    }
    let credentials = context.aws.credentials().await;
    credentials.map_err(|error| check_failure(format!("{error:#}"), FIX))?;
    match context.aws.call_query(STS, "GetCallerIdentity", &[]).await {
        Ok(answer) => {
            let arn = xml::first_text(&answer, "Arn");
            let arn = arn.unwrap_or_else(|| "an unknown caller".to_owned());
            passed(format!("{arn} in {region}"))
        }
        Err(error) if error.code.starts_with("ExpiredToken") => {
            Err(check_failure(format!("the credentials have expired ({error})"), FIX))
        }
        Err(error) if error.code.is_empty() => {
            Err(check_failure(error.to_string(), "check the network, and that the region exists"))
        }
        Err(error) => Err(check_failure(format!("the credentials are not accepted ({error})"), FIX)),
    }
}
