//! Exit status of the command.

use std::process::ExitCode;

/// The result of a command that ran to its end.
pub(crate) enum ExitStatus {
    /// Exit code 0: the command succeeded for every file.
    AllSucceeded,
    /// Exit code 1: the command printed an error for at least one file.
    SomeFailed,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::AllSucceeded => Self::SUCCESS,
            ExitStatus::SomeFailed => Self::FAILURE,
        }
    }
}
