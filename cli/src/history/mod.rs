//! Reads the history of an execution: its events, and the states that they belong to.

mod reader;
mod step;

use aws_sdk_sfn::{Client, Error, types::HistoryEvent};

pub(crate) use self::{
    reader::{StepReader, read_steps},
    step::Step,
};

/// All events of an execution, in order.
///
/// # Errors
/// If the execution does not exist, or Step Functions does not answer.
pub(crate) async fn fetch_events(step_functions: &Client, execution_arn: &str) -> Result<Vec<HistoryEvent>, Error> {
    let request = step_functions.get_execution_history().execution_arn(execution_arn);
    let mut pages = request.into_paginator().items().send();
    let mut events = Vec::new();
    while let Some(event) = pages.next().await {
        events.push(event?);
    }
    Ok(events)
}

/// Whether an execution belongs to an EXPRESS workflow, which keeps no history.
pub(crate) fn is_express(execution_arn: &str) -> bool {
    execution_arn.contains(":express:")
}
