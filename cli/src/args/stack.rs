//! Options that select the stack to work on.

use std::path::PathBuf;

use clap::Args;

/// The stack to work on: a CloudFormation stack in AWS, or the local cloud.
#[derive(Debug, Args)]
pub(crate) struct StackArgs {
    /// A CloudFormation stack, instead of the local cloud.
    #[arg(long, value_name = "NAME", env = "DARKROOM_STACK")]
    pub(crate) stack: Option<String>,
    /// File in which the local cloud wrote the outputs of its stack.
    #[arg(long, value_name = "FILE", default_value = ".local/outputs.json")]
    pub(crate) outputs: PathBuf,
}
