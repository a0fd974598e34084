//! Prints a line for each picture, and counts the results.

use std::process::ExitCode;

use super::{action::Action, perform::perform};
use crate::{stack::Stack, terminal};

/// How many pictures had which result.
#[derive(Debug, Default)]
pub(super) struct Summary {
    dry_run: bool,
    retried: usize,
    left_alone: usize,
    failed: usize,
}

impl Summary {
    pub(super) fn new(dry_run: bool) -> Self {
        Self { dry_run, ..Self::default() }
    }

    /// Performs an action, unless this is a dry run, and prints the result. Returns whether nothing is left to do.
    pub(super) async fn perform_and_print(
        &mut self,
        name: &str,
        action: anyhow::Result<Action>,
        stack: &Stack,
    ) -> bool {
        let result = match action {
            Ok(Action::LeaveAlone(reason)) => {
                terminal::print(format_args!("{name}: left alone, {reason}"));
                self.left_alone += 1;
                return !self.dry_run;
            }
            Ok(action) if self.dry_run => {
                terminal::print(format_args!("{name}: {action}"));
                self.retried += 1;
                return false;
            }
            Ok(action) => perform(stack, action).await,
            Err(error) => Err(error),
        };
        match &result {
            Ok(done) => {
                terminal::print(format_args!("{name}: {done}"));
                self.retried += 1;
            }
            Err(error) => {
                terminal::print_error(format_args!("{name}: {error:#}"));
                self.failed += 1;
            }
        }
        result.is_ok()
    }

    /// Prints the counts. Returns the exit code.
    pub(super) fn print(&self) -> ExitCode {
        let Self { retried, left_alone, failed, .. } = self;
        let verb = if self.dry_run { "to be retried" } else { "retried" };
        terminal::print(format_args!("{retried} {verb}, {left_alone} left alone, {failed} failed"));
        if *failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
