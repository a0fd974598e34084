//! Options of `darkroom redrive`.

use clap::Args;

use super::stack::StackArgs;

const EXAMPLES: &str = "\
Examples:
  darkroom redrive --failed --dry-run --stack darkroom-prod    list what would be retried
  darkroom redrive --failed --stack darkroom-prod              retry every failed execution
  darkroom redrive --dead-letters --failed                     first deliver dead letters
  darkroom redrive --stalled --stack darkroom-prod             retry pictures without an outcome
  darkroom redrive uploads/cat.jpg                             retry one picture, by its key

Exit code: 0 if every retry has started, 1 if one has not, 2 if redriving could not start.";

/// Retry pictures that failed, or whose events could not be delivered.
///
/// An execution continues at the state that failed. If Step Functions cannot redrive it (after 14 days, or with
/// EXPRESS), a new execution starts with the same event. A dead letter is delivered to its function or state machine,
/// and leaves the queue once that has succeeded. Pictures that have an outcome by now, or a later upload, are left
/// alone.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[group(id = "selection", required = true, multiple = true, args = ["keys", "failed", "stalled", "dead_letters"])]
pub(crate) struct RedriveArgs {
    /// Source keys.
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Every execution that failed, timed out or was aborted.
    #[arg(long)]
    pub(crate) failed: bool,
    /// Every picture that has been processing for ten minutes or more; with EXPRESS, these are the failed ones.
    #[arg(long)]
    pub(crate) stalled: bool,
    /// Limits --failed and --stalled to the last N hours [default: 336, as long as an execution can be redriven].
    #[arg(long, value_name = "N", default_value = "336", hide_default_value = true)]
    pub(crate) hours: u32,
    /// Every message in the dead-letter queue.
    #[arg(long)]
    pub(crate) dead_letters: bool,
    /// Print what would be done, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}
