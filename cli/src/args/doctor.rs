//! Options of `darkroom doctor`.

use std::time::Duration;

use clap::Args;

use super::{parse::parse_seconds, stack::StackArgs};

const EXAMPLES: &str = "\
Examples:
  darkroom doctor --stack darkroom-dev               a stack in AWS, with your credentials
  darkroom doctor                                    the local cloud that `make up` started
  darkroom doctor --stack darkroom-dev --json        for programs; accounts and access keys are masked

Exit code: 0 if no check failed, 1 if a check failed, 2 if the stack could not be examined.";

/// Examine a deployed stack: report what does not work, why, and how to fix it.
///
/// The first line with a ✗ is the cause: the lines below it may be its consequences. The command uploads pictures of a
/// few kilobytes in every way, follows them, measures their renditions, and deletes them. It creates a temporary rule
/// and queue to receive their events and, with Authorization=Cognito, a temporary user to call the API. It deletes them
/// at the end.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// An API key, if you may not read the key of the stack.
    #[arg(long, value_name = "KEY", env = "DARKROOM_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// An ID token of the user pool, if the pool does not belong to the stack.
    #[arg(long, value_name = "TOKEN", env = "DARKROOM_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Stop waiting for the outcome of a picture after this many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    pub(crate) timeout: Duration,
    /// Print one JSON object per line instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
