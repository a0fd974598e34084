//! What an operator does after an alarm: `darkroom redrive`.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use clap::Args;
use tokio::task;

use crate::trial::{Environment, PATIENCE, Trial};

/// Options for the commands that an operator runs.
#[derive(Debug, Args)]
pub(crate) struct Operator {
    /// The darkroom command
    #[arg(long, value_name = "FILE", env = "CHAOS_DARKROOM")]
    darkroom: PathBuf,
    /// The outputs of the stack
    #[arg(long, value_name = "FILE", env = "DARKROOM_OUTPUTS")]
    outputs: PathBuf,
    /// The shell command that restarts the local cloud
    #[arg(long, value_name = "COMMAND", env = "CHAOS_RESTART")]
    restart: String,
}

impl Operator {
    /// Stops all faults, redrives once, and waits for the outcomes.
    pub(crate) async fn redrive_all(&self, environment: &Environment, trials: &[Trial<'_>]) {
        environment.wait_until_idle().await;
        environment.proxy.stop_injecting();
        let dead_letters = environment.event_log.release_dead_letters().await;
        println!("no more faults are injected; there are {dead_letters} dead letters");
        self.redrive().await;
        for trial in trials.iter().filter(|trial| !trial.needed_no_redrive()) {
            let version = &trial.uploaded.version_id;
            environment.event_log.wait_for_success(version, PATIENCE / 4).await;
        }
        environment.wait_until_idle().await;
    }

    /// Runs `darkroom redrive --dead-letters --failed`, and prints its last line, the summary.
    pub(crate) async fn redrive(&self) {
        let mut command = Command::new(&self.darkroom);
        command.args(["redrive", "--dead-letters", "--failed", "--outputs"]).arg(&self.outputs);
        command.env_remove("DARKROOM_STACK");
        let output = run(command).await;
        let stdout = String::from_utf8_lossy(&output.stdout);
        let summary = stdout.lines().last().unwrap_or_default();
        println!("darkroom redrive --dead-letters --failed: {summary}");
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Kills the local cloud with all functions, and starts it again.
    pub(crate) async fn restart(&self) {
        let mut command = Command::new("sh");
        command.args(["-c", &self.restart]);
        let output = run(command).await;
        assert!(output.status.success(), "{} failed: {output:?}", self.restart);
    }
}

/// Runs a command in a thread of its own.
async fn run(mut command: Command) -> Output {
    // Not tokio's processes: with another feature of tokio, the SDKs would be compiled a second time for the tests.
    let output = task::spawn_blocking(move || command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")));
    output.await.expect("waiting for a command does not panic")
}
