//! Checks that the state machine is active, and that its alias points to versions that exist.

use serde_json::json;

use crate::{
    aws::service::STEP_FUNCTIONS,
    doctor::{
        check_result::{CheckResult, check_failure, passed, skip_if_denied},
        context::CheckContext,
    },
};

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let alias = context.output("StateMachineAliasArn")?;
    let input = json!({"stateMachineAliasArn": alias});
    let described = context.aws.call_json(STEP_FUNCTIONS, "DescribeStateMachineAlias", input).await;
    let described = match described {
        Ok(described) => described,
        Err(error) if error.is_not_found() => {
            return Err(check_failure(format!("the alias {alias} does not exist"), "make deploy"));
        }
        Err(error) => return skip_if_denied(&error, "make deploy"),
    };
    let mut seen = Vec::new();
    for route in described["routingConfiguration"].as_array().into_iter().flatten() {
        let version = route["stateMachineVersionArn"].as_str().unwrap_or("");
        let input = json!({"stateMachineArn": version});
        let machine = context.aws.call_json(STEP_FUNCTIONS, "DescribeStateMachine", input).await;
        let machine = machine.map_err(|error| {
            check_failure(
                format!("the alias {alias} points to {version}, which cannot be read: {error}"),
                format!("aws stepfunctions list-state-machine-versions --state-machine-arn {alias}"),
            )
        })?;
        let status = machine["status"].as_str().unwrap_or("ACTIVE");
        if status != "ACTIVE" {
            return Err(check_failure(format!("{version} is {status}"), "make deploy"));
        }
        let number = version.rsplit(':').next().unwrap_or("");
        seen.push(format!("version {number} at {} %", route["weight"]));
    }
    if seen.is_empty() {
        return Err(check_failure(format!("the alias {alias} points to no version"), "make deploy"));
    }
    passed(format!("live is {}", seen.join(", ")))
}
