//! `darkroom redrive`: retries what failed or was never delivered.
//!
//! Dead letters come first: one of them may report that an execution failed. Pictures by key and failed executions
//! follow. All of it may run twice, and two people may run it at the same time.

mod action;
mod dead_letters;
mod executions;
mod perform;
mod summary;

use std::process::ExitCode;

use self::summary::Summary;
use crate::{args::RedriveArgs, stack::Stack};

/// Retries what the options select, and prints for each picture what was done.
///
/// # Errors
/// If the stack is not found, or does not list what failed.
pub(crate) async fn run(args: &RedriveArgs) -> anyhow::Result<ExitCode> {
    let stack = Stack::find(&args.stack).await?;
    let mut summary = Summary::new(args.dry_run);
    if args.dead_letters {
        dead_letters::deliver_all(&stack, &mut summary).await?;
    }
    for key in &args.keys {
        let action = executions::action_for_key(&stack, key).await;
        summary.perform_and_print(key, action, &stack).await;
    }
    if args.failed {
        for execution in executions::list_failed(&stack, args.hours).await? {
            let (name, action) = executions::action_for_execution(&stack, &execution).await;
            summary.perform_and_print(&name, action, &stack).await;
        }
    }
    if args.stalled {
        for key in executions::list_stalled_keys(&stack, args.hours).await? {
            let action = executions::action_for_key(&stack, &key).await;
            summary.perform_and_print(&key, action, &stack).await;
        }
    }
    Ok(summary.print())
}
