//! Performs the action for one picture.

use anyhow::{Context, bail};
use aws_sdk_sfn::error::ProvideErrorMetadata;
use pipeline::{messages::StatusChangeDetail, ports::Records};
use serde_json::{Value, json};

use super::{
    action::Action,
    executions::{NOT_REDRIVABLE, is_final},
};
use crate::{aws::AwsClient, stack::Stack};

/// Performs an action, and waits until it has succeeded. Returns what was done, in a word for the output.
///
/// # Errors
/// If AWS does not answer, or a function fails.
pub(super) async fn perform(stack: &Stack, action: Action) -> anyhow::Result<&'static str> {
    match action {
        Action::Redrive(execution) => redrive_or_start(stack, &execution).await,
        Action::Start(event) => start_execution(stack, &event.to_string()).await,
        Action::Notify(event) => notify(stack, &event).await,
        Action::Remove(event) => {
            invoke(stack, &stack.images_function, &event).await?;
            Ok("removed")
        }
        Action::LeaveAlone(_) => Ok("left alone"),
    }
}

/// Redrives an execution, or starts another if it cannot be redriven.
async fn redrive_or_start(stack: &Stack, execution: &StatusChangeDetail) -> anyhow::Result<&'static str> {
    let arn = &execution.execution_arn;
    let redriven = stack.step_functions.redrive_execution().execution_arn(arn).send().await;
    match redriven {
        Ok(_) => return Ok("redriven"),
        Err(error) if error.code().is_some_and(|code| NOT_REDRIVABLE.contains(&code)) => {}
        Err(error) => {
            return Err(aws_sdk_sfn::Error::from(error)).context("redriving its execution");
        }
    }
    let upload = execution.upload().context("its input is not an upload")?;
    let record = stack.records.get(&upload.detail.object.key).await?;
    if record.is_some_and(|record| is_final(record.status)) {
        // The execution failed after it had closed its record. Only notify can publish the event that is missing.
        let event = json!({
            "detail-type": "Step Functions Execution Status Change",
            "source": "aws.states",
            "detail": execution,
        });
        return notify(stack, &event).await;
    }
    start_execution(stack, execution.input.as_deref().unwrap_or_default()).await
}

async fn start_execution(stack: &Stack, input: &str) -> anyhow::Result<&'static str> {
    let machine = &stack.state_machine_alias_arn;
    let request = stack.step_functions.start_execution().state_machine_arn(machine);
    let started = request.input(input).send().await;
    started.map_err(aws_sdk_sfn::Error::from).context("starting an execution")?;
    Ok("started")
}

async fn notify(stack: &Stack, event: &Value) -> anyhow::Result<&'static str> {
    invoke(stack, &stack.notify_function, event).await?;
    Ok("notified")
}

/// Invokes a function with the event of an earlier invocation that failed, and waits for its answer.
async fn invoke(stack: &Stack, function: &str, event: &Value) -> anyhow::Result<()> {
    let aws = AwsClient::new(stack.sdk.clone())?;
    let response = aws.invoke_function(function, event).await;
    let response = response.with_context(|| format!("invoking {function}"))?;
    if response.headers.contains_key("x-amz-function-error") {
        bail!("{function} failed on it again: {}", response.excerpt());
    }
    Ok(())
}
