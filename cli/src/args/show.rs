//! Options of `darkroom show`.

use clap::Args;

use super::stack::StackArgs;

const EXAMPLES: &str = "\
Examples:
  darkroom show uploads/photo.jpg                    the picture's latest execution, on the local cloud
  darkroom show --stack darkroom-prod --open 'uploads/my photo.jpg'
  darkroom show --stack darkroom-prod --full 0d1f3f57-4f8e-4f8b-9d62-1f2d6a3f0b11

Exit code: 0 if the execution was shown, however it ended; 2 if it was not found.";

/// Show an execution as the console does: states, times, failed attempts, inputs, outputs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowArgs {
    /// The key of a picture in S3, or the name or ARN of an execution.
    #[arg(value_name = "KEY")]
    pub(crate) key_or_execution: String,
    /// Also print the input and output of each state.
    #[arg(long)]
    pub(crate) full: bool,
    /// Open the execution in the AWS console, in a browser.
    #[arg(long)]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}
