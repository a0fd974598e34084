//! `darkroom show`: one execution, as an operator reads it in the console.

mod console;
mod page;
mod steps;

use anyhow::{Context, bail};
use aws_sdk_sfn::{
    Error, operation::describe_execution::DescribeExecutionOutput, types::HistoryEvent,
};
use pipeline::{Record, ports::Records};

use self::{page::Page, steps::steps};
use crate::{Outcome, args::ShowArgs, report, stack::Stack};

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
    let found = find(&args.what, &stack).await?;
    let arn = found.arn.clone();
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
    report::say(Page {
        execution: &execution,
        console: console.as_deref(),
        verdict: found.record.as_ref().and_then(verdict),
        steps: &steps,
        full: args.full,
    });
    match console {
        Some(link) if args.open => open(&link)?,
        None if args.open => bail!("the local cloud has no console to open"),
        _ => {}
    }
    Ok(Outcome::Good)
}

/// An execution, and the record of its picture where that is how it was found.
struct Found {
    arn: String,
    record: Option<Record>,
}

/// An ARN is taken as it is; else it is a source key, whose record names its latest execution, or an execution's name.
/// A file name is tried as `darkroom upload` would have called it.
async fn find(what: &str, stack: &Stack) -> anyhow::Result<Found> {
    if what.starts_with("arn:") {
        return Ok(Found { arn: what.to_owned(), record: None });
    }
    for key in [what.to_owned(), format!("uploads/{what}")] {
        if let Some(record) = stack.records.get(&key).await? {
            return Ok(Found { arn: record.execution.clone(), record: Some(record) });
        }
    }
    let named = stack.state_machine.replacen(":stateMachine:", ":execution:", 1) + ":" + what;
    match described(&named, stack).await {
        Ok(_) => Ok(Found { arn: named, record: None }),
        Err(Error::ExecutionDoesNotExist(_) | Error::InvalidArn(_)) => bail!(
            "there is no record of a key '{what}' or 'uploads/{what}', and no execution of that name.\n\
             A key is written as in S3. The record appears when the execution has validated the upload: if you have \
             just uploaded it, try again in a moment; if not, look for its event with `darkroom redrive --dead-letters \
             --dry-run`"
        ),
        Err(error) => Err(error).with_context(|| format!("looking up {named}")),
    }
}

/// Why the picture has no renditions, if it has none.
fn verdict(record: &Record) -> Option<String> {
    let rejected = record.rejection.as_ref();
    let rejected = rejected.map(|why| format!("rejected, {}: {}", why.code, why.message));
    let failed = || record.failure.as_ref().map(|why| format!("failed, {}", why.error));
    rejected.or_else(failed)
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
