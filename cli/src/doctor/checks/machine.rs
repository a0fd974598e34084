//! The state machine is active, and its alias points at versions that exist.

use serde_json::json;

use super::super::{
    aws::STATES,
    finding::{Checked, good, skip_if_denied, trouble},
    patient::Patient,
};

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let alias = patient.output("StateMachineAliasArn")?;
    let input = json!({"stateMachineAliasArn": alias});
    let answer = match patient.aws.json(STATES, "DescribeStateMachineAlias", input).await {
        Ok(answer) => answer,
        Err(refusal) if refusal.is_missing() => {
            return Err(trouble(format!("the alias {alias} does not exist"), "make deploy"));
        }
        Err(refusal) => return skip_if_denied(refusal, "make deploy"),
    };
    let mut seen = Vec::new();
    for route in answer["routingConfiguration"].as_array().into_iter().flatten() {
        let version = route["stateMachineVersionArn"].as_str().unwrap_or("");
        let input = json!({"stateMachineArn": version});
        let described = patient.aws.json(STATES, "DescribeStateMachine", input).await;
        let machine = described.map_err(|refusal| {
            trouble(
                format!("the alias {alias} points at {version}, which can't be read: {refusal}"),
                format!(
                    "aws stepfunctions list-state-machine-versions --state-machine-arn {alias}"
                ),
            )
        })?;
        let status = machine["status"].as_str().unwrap_or("ACTIVE");
        if status != "ACTIVE" {
            return Err(trouble(format!("{version} is {status}"), "make deploy"));
        }
        let number = version.rsplit(':').next().unwrap_or("");
        seen.push(format!("version {number} at {} %", route["weight"]));
    }
    if seen.is_empty() {
        return Err(trouble(format!("the alias {alias} points at no version"), "make deploy"));
    }
    good(format!("live is {}", seen.join(", ")))
}
