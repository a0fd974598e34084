//! Checks that the functions are active, and that their last update succeeded.

use crate::{
    aws::service::LAMBDA,
    doctor::{
        check_result::{CheckResult, check_failure, passed, skip_if_denied},
        context::CheckContext,
    },
};

const FUNCTION_OUTPUTS: [&str; 4] =
    ["ValidateFunctionName", "ResizeFunctionName", "NotifyFunctionName", "ImagesFunctionName"];

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let mut seen = Vec::new();
    for output in FUNCTION_OUTPUTS {
        let name = context.output(output)?;
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let function = match context.aws.get(LAMBDA, "GetFunctionConfiguration", &path).await {
            Ok(response) => response.json(),
            Err(error) => return skip_if_denied(&error, "make deploy"),
        };
        let state = function["State"].as_str().unwrap_or("Active");
        let update = function["LastUpdateStatus"].as_str().unwrap_or("Successful");
        if state == "Failed" || update == "Failed" {
            let reason = function["StateReason"].as_str().or(function["LastUpdateStatusReason"].as_str());
            return Err(check_failure(
                format!("{name}: state {state}, last update {update}: {}", reason.unwrap_or("")),
                "make deploy",
            ));
        }
        seen.push(format!("{} {state}", output.trim_end_matches("FunctionName").to_lowercase()));
    }
    passed(seen.join(", "))
}
