//! `darkroom show`: prints one execution, as the console shows it.

mod console;
mod report;

use std::process::ExitCode;

use anyhow::{Context, bail};
use aws_sdk_sfn::{Error, operation::describe_execution::DescribeExecutionOutput};
use pipeline::{Record, ports::Records};
use serde_json::Value;

use self::report::ExecutionReport;
use crate::{advice::advice, args::ShowArgs, history, stack::Stack, terminal};

/// Prints an execution. With `--open`, also opens it in the console.
///
/// # Errors
/// If there is no such picture or execution, or AWS does not answer.
pub(crate) async fn run(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let stack = Stack::find(&args.stack).await?;
    let (arn, record) = find_execution(&args.key_or_execution, &stack).await?;
    let link = console::execution_link(&arn)?;
    if history::is_express(&arn) {
        if args.open {
            open_in_browser(&link)?;
        }
        bail!(
            "an express execution keeps no history: find it in its log with the saved query 'one execution', or in the \
             console: {link}"
        );
    }
    let execution = describe(&arn, &stack).await.with_context(|| format!("looking up {arn}"))?;
    let events = history::fetch_events(&stack.step_functions, &arn).await?;
    let console = (!stack.is_local).then_some(link);
    terminal::print(ExecutionReport {
        execution: &execution,
        console: console.as_deref(),
        picture: record.as_ref().and_then(rejection_or_failure),
        steps: &history::read_steps(&events),
        full: args.full,
    });
    match console {
        Some(link) if args.open => open_in_browser(&link)?,
        None if args.open => bail!("the local cloud has no console to open"),
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Finds an execution by its ARN, by a source key (its latest execution), or by its name. Returns its ARN, and the record
/// that it has closed, if that is still the current one.
///
/// A key is also tried with the prefix `uploads/`, as `darkroom upload` names its keys.
async fn find_execution(key_or_execution: &str, stack: &Stack) -> anyhow::Result<(String, Option<Record>)> {
    let what = key_or_execution;
    if what.starts_with("arn:") {
        let execution = describe(what, stack).await.with_context(|| format!("looking up {what}"))?;
        return Ok((what.to_owned(), record_of(&execution, stack).await?));
    }
    for key in [what.to_owned(), format!("uploads/{what}")] {
        if let Some(record) = stack.records.get(&key).await? {
            return Ok((record.upload.execution.clone(), Some(record)));
        }
    }
    let arn = stack.state_machine_arn.replacen(":stateMachine:", ":execution:", 1) + ":" + what;
    match describe(&arn, stack).await {
        Ok(execution) => {
            let record = record_of(&execution, stack).await?;
            Ok((arn, record))
        }
        Err(Error::ExecutionDoesNotExist(_) | Error::InvalidArn(_)) => bail!(
            "there is no record of a key '{what}' or 'uploads/{what}', and no execution with that name.\n\
             Write the key as in S3. The record appears once the execution has validated the upload: if you have just \
             uploaded the picture, try again in a moment. If not, look for its event with `darkroom redrive \
             --dead-letters --dry-run`"
        ),
        Err(error) => Err(error).with_context(|| format!("looking up {arn}")),
    }
}

/// The record that an execution has opened; none if another execution has the record now.
async fn record_of(execution: &DescribeExecutionOutput, stack: &Stack) -> anyhow::Result<Option<Record>> {
    let input = execution.input.as_deref().and_then(|input| serde_json::from_str::<Value>(input).ok());
    // A pipe sends a list of one event.
    let event = input.map(|input| input.get(0).cloned().unwrap_or(input));
    let Some(key) = event.as_ref().and_then(|event| event["detail"]["object"]["key"].as_str()) else {
        return Ok(None);
    };
    let record = stack.records.get(key).await?;
    Ok(record.filter(|record| record.upload.execution == execution.execution_arn))
}

/// Why the picture was rejected or failed, if it was.
fn rejection_or_failure(record: &Record) -> Option<String> {
    let rejected = record.rejection.as_ref();
    let rejected = rejected.map(|why| format!("rejected: {} ({}); {}", why.message, why.code, advice(why.code)));
    let failed = || record.failure.as_ref().map(|why| format!("failed, {}", why.error));
    rejected.or_else(failed)
}

async fn describe(arn: &str, stack: &Stack) -> Result<DescribeExecutionOutput, Error> {
    let request = stack.step_functions.describe_execution().execution_arn(arn);
    Ok(request.send().await?)
}

fn open_in_browser(link: &str) -> anyhow::Result<()> {
    open::that_detached(link).with_context(|| format!("no browser opens {link}"))
}
