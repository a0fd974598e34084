//! The stack: its state, outputs, parameters and resources. Later checks read them.

use super::super::{
    finding::{Checked, Trouble, good, trouble},
    patient::Patient,
};
use crate::aws::{Refusal, stacks};

/// What later checks can't do without.
const NEEDED: [&str; 12] = [
    "ApiId",
    "ApiStage",
    "DeadLetterQueueUrl",
    "DestinationBucketName",
    "EventBusName",
    "ImagesFunctionName",
    "NotifyFunctionName",
    "RecordTableName",
    "ResizeFunctionName",
    "SourceBucketName",
    "StateMachineAliasArn",
    "ValidateFunctionName",
];

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let (name, region) = (patient.stack.clone(), patient.aws.region());
    let refused = |refusal: Refusal| -> Trouble {
        trouble(refusal.to_string(), format!("aws cloudformation list-stacks --region {region}"))
    };
    let stack = stacks::describe(&patient.aws, &name).await.map_err(refused)?;
    patient.made_at = stack.made_at;
    patient.outputs = stack.outputs;
    patient.parameters = stack.parameters;
    for output in NEEDED {
        patient.output(output)?;
    }

    patient.resources = stacks::resources(&patient.aws, &name).await.map_err(refused)?;

    let status = stack.status;
    let is_settled = status.ends_with("_COMPLETE") && !status.contains("ROLLBACK");
    if !is_settled && status != "UPDATE_ROLLBACK_COMPLETE" {
        return Err(trouble(
            format!("the stack is in {status}"),
            format!("aws cloudformation describe-stack-events --stack-name {name} --max-items 30"),
        ));
    }
    let said = |name: &str| format!("{name}={}", patient.parameter(name));
    let said = ["Authorization", "Intake", "WorkflowType", "Delivery"].map(said).join(" ");
    good(format!("{status}, {} resources, {said}", patient.resources.len()))
}
