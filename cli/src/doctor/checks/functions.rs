//! The functions are active, and their last update went well.

use serde_json::Value;

use super::super::{
    aws::LAMBDA,
    finding::{Checked, good, skip_if_denied, trouble},
    patient::Patient,
};

const FUNCTIONS: [&str; 4] =
    ["ValidateFunctionName", "ResizeFunctionName", "NotifyFunctionName", "ImagesFunctionName"];

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let mut seen = Vec::new();
    for output in FUNCTIONS {
        let name = patient.output(output)?;
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let answer = match patient.aws.get(LAMBDA, "GetFunctionConfiguration", &path).await {
            Ok(answer) => answer,
            Err(refusal) => return skip_if_denied(refusal, "make deploy"),
        };
        let function: Value = serde_json::from_str(&answer).unwrap_or_default();
        let state = function["State"].as_str().unwrap_or("Active");
        let update = function["LastUpdateStatus"].as_str().unwrap_or("Successful");
        if state == "Failed" || update == "Failed" {
            let reason =
                function["StateReason"].as_str().or(function["LastUpdateStatusReason"].as_str());
            return Err(trouble(
                format!("{name}: state {state}, last update {update}: {}", reason.unwrap_or("")),
                "make deploy",
            ));
        }
        seen.push(format!("{} {state}", output.trim_end_matches("FunctionName").to_lowercase()));
    }
    good(seen.join(", "))
}
