//! The stack: its state, outputs, parameters and resources. Later checks read them.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_cloudformation::{Client, Error, error::ProvideErrorMetadata};

use super::super::{
    finding::{Checked, Trouble, good, trouble},
    patient::{Patient, Resource},
};

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
    let client = Client::new(&patient.aws.sdk);
    let answer = client.describe_stacks().stack_name(&name).send().await;
    let refused = |error: Error| -> Trouble {
        let cause = format!(
            "{}: {}",
            error.code().unwrap_or("no answer"),
            error.message().unwrap_or("CloudFormation was not reached"),
        );
        trouble(cause, format!("aws cloudformation list-stacks --region {region}"))
    };
    let answer = answer.map_err(|error| refused(error.into()))?;
    let Some(stack) = answer.stacks().first() else {
        return Err(trouble(format!("{region} has no stack {name}"), "make deploy STAGE=dev"));
    };

    let made_at = stack.creation_time().and_then(|time| u64::try_from(time.secs()).ok());
    patient.made_at = made_at.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    let outputs = stack.outputs().iter();
    patient.outputs = outputs
        .filter_map(|output| Some((output.output_key()?.into(), output.output_value()?.into())))
        .collect();
    let parameters = stack.parameters().iter();
    patient.parameters = parameters
        .filter_map(|one| Some((one.parameter_key()?.into(), one.parameter_value()?.into())))
        .collect();
    for output in NEEDED {
        patient.output(output)?;
    }

    let mut pages = client.list_stack_resources().stack_name(&name).into_paginator().items().send();
    while let Some(resource) = pages.next().await {
        let resource = resource.map_err(|error| refused(error.into()))?;
        patient.resources.push(Resource {
            logical_id: resource.logical_resource_id.unwrap_or_default(),
            kind: resource.resource_type.unwrap_or_default(),
            physical_id: resource.physical_resource_id.unwrap_or_default(),
        });
    }

    let status = stack.stack_status().map_or("unknown", |status| status.as_str());
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
