//! `darkroom show`: one execution, as an operator reads it in the console.

mod console;
mod page;
mod steps;

use anyhow::{Context, bail};
use aws_sdk_sfn::{
    Error, operation::describe_execution::DescribeExecutionOutput, types::HistoryEvent,
};
use pipeline::ports::Records;

use self::{page::Page, steps::steps};
use crate::{Outcome, args::ShowArgs, stack::Stack};

/// Prints an execution; opens it in the console, too, if that was asked for.
///
/// # Errors
/// If there is no such picture or execution, or AWS does not answer.
pub(crate) fn run(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(show(args))
}

async fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let stack = Stack::find(&args.place).await?;
    let arn = arn_of(&args.what, &stack).await?;
    let link = console::link(&arn)?;
    if arn.contains(":express:") {
        if args.open {
            open(&link)?;
        }
        bail!(
            "an express execution keeps no history: the saved query 'one execution' finds it in its log, and so does the console: {link}"
        );
    }
    let execution = described(&arn, &stack).await.with_context(|| format!("looking up {arn}"))?;
    let steps = steps(&history(&arn, &stack).await?);
    let console = (!stack.local).then_some(link);
    print!(
        "{}",
        Page { execution: &execution, console: console.as_deref(), steps: &steps, full: args.full }
    );
    match console {
        Some(link) if args.open => open(&link)?,
        None if args.open => bail!("the local cloud has no console to open"),
        _ => {}
    }
    Ok(Outcome::Good)
}

/// An ARN is taken as it is; else it is a source key, whose record names its latest execution, or
/// an execution's name.
async fn arn_of(what: &str, stack: &Stack) -> anyhow::Result<String> {
    if what.starts_with("arn:") {
        return Ok(what.to_owned());
    }
    if let Some(record) = stack.records.get(what).await? {
        return Ok(record.execution);
    }
    let named = stack.state_machine.replacen(":stateMachine:", ":execution:", 1) + ":" + what;
    match described(&named, stack).await {
        Ok(_) => Ok(named),
        Err(Error::ExecutionDoesNotExist(_) | Error::InvalidArn(_)) => bail!(
            "'{what}' is no key that {} has a record of, and no execution of {}: a key is written as in S3",
            stack.record_table,
            stack.state_machine,
        ),
        Err(error) => Err(error).with_context(|| format!("looking up {named}")),
    }
}

async fn described(arn: &str, stack: &Stack) -> Result<DescribeExecutionOutput, Error> {
    let request = stack.step_functions.describe_execution().execution_arn(arn);
    Ok(request.send().await?)
}

async fn history(arn: &str, stack: &Stack) -> Result<Vec<HistoryEvent>, Error> {
    let request = stack.step_functions.get_execution_history().execution_arn(arn);
    let mut pages = request.into_paginator().items().send();
    let mut events = Vec::new();
    while let Some(event) = pages.next().await {
        events.push(event?);
    }
    Ok(events)
}

fn open(link: &str) -> anyhow::Result<()> {
    open::that_detached(link).with_context(|| format!("no browser opens {link}"))
}
