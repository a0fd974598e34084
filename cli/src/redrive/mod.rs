//! `darkroom redrive`: what ended red, or was never delivered, is brought through.
//!
//! Dead letters first, each to whom it was for: one of them may say that an execution failed. Then
//! pictures by their key, then executions. All of it may be done twice, and by two people at once.

mod dead_letters;
mod executions;

use std::fmt;

use anyhow::Context;
use pipeline::messages::StatusChangeDetail;
use serde_json::Value;

use crate::{Outcome, args::RedriveArgs, aws::Aws, report, stack::Stack};

/// What it takes to bring one picture through.
#[derive(Debug, PartialEq)]
enum Need {
    /// Its execution goes on where it stopped.
    GoOn(StatusChangeDetail),
    /// An execution begins with this event.
    Start(Value),
    /// The notify function is given this event: an execution ended red.
    Tell(Value),
    /// The images function is given this event: a source was deleted.
    Remove(Value),
    /// It is well, for this reason.
    Nothing(String),
}

/// What was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Redriven,
    Started,
    Told,
    Removed,
    LeftAlone,
}

/// Brings through what was asked for, and says of each picture what was done.
///
/// # Errors
/// If there is no stack to work on, or it does not say what is red.
pub(crate) fn run(args: &RedriveArgs) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(redrive(args))
}

async fn redrive(args: &RedriveArgs) -> anyhow::Result<Outcome> {
    let stack = Stack::find(&args.place).await?;
    let mut tally = Tally { dry_run: args.dry_run, ..Tally::default() };
    if args.dead_letters {
        dead_letters::replay(&stack, &mut tally).await?;
    }
    for key in &args.keys {
        let need = stack.need_of_picture(key).await;
        tally.meet(key, need, &stack).await;
    }
    if args.failed {
        for execution in stack.red_executions(args.hours).await? {
            let (name, need) = stack.need_of_execution(&execution).await;
            tally.meet(&name, need, &stack).await;
        }
    }
    if args.stalled {
        for key in stack.stalled_pictures(args.hours).await? {
            let need = stack.need_of_picture(&key).await;
            tally.meet(&key, need, &stack).await;
        }
    }
    Ok(tally.sum_up())
}

/// How many pictures fared how.
#[derive(Debug, Default)]
struct Tally {
    dry_run: bool,
    brought_through: usize,
    left_alone: usize,
    failed: usize,
}

impl Tally {
    /// Does what one picture needs, unless this is a dry run, and says so in a line; whether it is
    /// off everybody's mind.
    async fn meet(&mut self, name: &str, need: anyhow::Result<Need>, stack: &Stack) -> bool {
        let met = match need {
            Ok(Need::Nothing(reason)) => {
                report::say(format_args!("{name}: left alone, {reason}"));
                self.left_alone += 1;
                return !self.dry_run;
            }
            Ok(need) if self.dry_run => {
                report::say(format_args!("{name}: {need}"));
                self.brought_through += 1;
                return false;
            }
            Ok(need) => stack.meet(need).await,
            Err(error) => Err(error),
        };
        match &met {
            Ok(done) => {
                report::say(format_args!("{name}: {done}"));
                self.brought_through += 1;
            }
            Err(error) => {
                report::complain(format_args!("{name}: {error:#}"));
                self.failed += 1;
            }
        }
        met.is_ok()
    }

    fn sum_up(&self) -> Outcome {
        let Self { brought_through, left_alone, failed, .. } = self;
        let on_their_way = if self.dry_run { "to be redriven" } else { "on their way" };
        report::say(format_args!(
            "{brought_through} {on_their_way}, {left_alone} left alone, {failed} failed"
        ));
        if *failed == 0 { Outcome::Good } else { Outcome::SomeBad }
    }
}

impl Stack {
    async fn meet(&self, need: Need) -> anyhow::Result<Done> {
        match need {
            Need::GoOn(execution) => self.go_on(&execution).await,
            Need::Start(event) => self.start(&event.to_string()).await,
            Need::Tell(event) => {
                self.invoke(&self.notify_function, &event).await.map(|()| Done::Told)
            }
            Need::Remove(event) => {
                self.invoke(&self.images_function, &event).await.map(|()| Done::Removed)
            }
            Need::Nothing(_) => Ok(Done::LeftAlone),
        }
    }

    /// Gives a function the event that Lambda gave up on, and waits for its answer.
    async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<()> {
        let aws = Aws::new(self.sdk.clone())?;
        let answer = aws.invoke(function, event).await;
        let answer = answer.with_context(|| format!("invoking {function}"))?;
        if answer.headers.contains_key("x-amz-function-error") {
            anyhow::bail!("{function} failed on it again: {}", answer.text());
        }
        Ok(())
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GoOn(execution) => {
                let error = execution.error.as_deref().unwrap_or(&execution.status);
                write!(f, "would be redriven, it ended in {error}")
            }
            Self::Start(_) => f.write_str("would be started, it has no execution that could go on"),
            Self::Tell(_) => f.write_str("would be told as failed, which it is"),
            Self::Remove(_) => f.write_str("would be removed, its source is deleted"),
            Self::Nothing(reason) => f.write_str(reason),
        }
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redriven => "redriven",
            Self::Started => "started",
            Self::Told => "told",
            Self::Removed => "removed",
            Self::LeftAlone => "left alone",
        })
    }
}
