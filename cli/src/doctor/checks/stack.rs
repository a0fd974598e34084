//! Checks the state of the stack, and reads its outputs, parameters and resources for the checks below.

use crate::{
    aws::{AwsError, cloudformation},
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed},
        context::CheckContext,
    },
};

/// The outputs that the checks below need.
const REQUIRED_OUTPUTS: [&str; 12] = [
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

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let (name, region) = (context.stack_name.clone(), context.aws.region());
    let failure = |error: AwsError| -> CheckFailure {
        let fix = format!("aws cloudformation list-stacks --region {region}");
        check_failure(error.to_string(), fix)
    };
    let stack = cloudformation::describe_stack(&context.aws, &name).await.map_err(failure)?;
    context.stack_created_at = stack.created_at;
    context.outputs = stack.outputs;
    context.parameters = stack.parameters;
    for output in REQUIRED_OUTPUTS {
        context.output(output)?;
    }
    let resources = cloudformation::list_resources(&context.aws, &name).await;
    context.resources = resources.map_err(failure)?;

    let status = stack.status;
    let is_complete = status.ends_with("_COMPLETE") && !status.contains("ROLLBACK");
    if !is_complete && status != "UPDATE_ROLLBACK_COMPLETE" {
        return Err(check_failure(
            format!("the stack is in {status}"),
            format!("aws cloudformation describe-stack-events --stack-name {name} --max-items 30"),
        ));
    }
    let parameter = |name: &str| format!("{name}={}", context.parameter(name));
    let parameters = ["Authorization", "Intake", "WorkflowType", "Delivery"].map(parameter).join(" ");
    passed(format!("{status}, {} resources, {parameters}", context.resources.len()))
}
