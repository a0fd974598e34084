//! What a person does when alarms ring: `darkroom redrive`, and nothing else.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use clap::Args;
use tokio::task;

use crate::trial::{Laboratory, PATIENCE, Trial};

/// Whoever is on duty, and the tools at hand.
#[derive(Debug, Args)]
pub(crate) struct Operator {
    /// The darkroom command.
    #[arg(long, value_name = "FILE", env = "CHAOS_DARKROOM")]
    darkroom: PathBuf,
    /// The outputs of the stack that everything happens to.
    #[arg(long, value_name = "FILE", env = "DARKROOM_OUTPUTS")]
    outputs: PathBuf,
    /// What restarts the local cloud.
    #[arg(long, value_name = "COMMAND", env = "CHAOS_RESTART")]
    restart: String,
}

impl Operator {
    /// Mends everything, redrives everything, and waits for the outcomes.
    pub(crate) async fn bring_through(&self, laboratory: &Laboratory, trials: &[Trial<'_>]) {
        laboratory.quiet().await;
        laboratory.proxy.heal();
        let letters = laboratory.ledger.give_letters_back().await;
        println!("all is mended, and there are {letters} dead letters");
        self.redrive().await;
        for trial in trials.iter().filter(|trial| !trial.by_itself()) {
            let version = &trial.uploaded.version_id;
            laboratory.ledger.good_outcome(version, PATIENCE / 4).await;
        }
        laboratory.quiet().await;
    }

    /// `darkroom redrive --dead-letters --failed`, whose last line is its summary.
    pub(crate) async fn redrive(&self) {
        let mut command = Command::new(&self.darkroom);
        command.args(["redrive", "--dead-letters", "--failed", "--outputs"]).arg(&self.outputs);
        command.env_remove("DARKROOM_STACK");
        let ended = run(command).await;
        let said = String::from_utf8_lossy(&ended.stdout);
        println!(
            "darkroom redrive --dead-letters --failed: {}",
            said.lines().last().unwrap_or_default()
        );
        eprint!("{}", String::from_utf8_lossy(&ended.stderr));
    }

    /// Ends the whole cloud in the middle of what it is at, and starts it again.
    pub(crate) async fn restart(&self) {
        let mut command = Command::new("sh");
        command.args(["-c", &self.restart]);
        let ended = run(command).await;
        assert!(ended.status.success(), "{} failed: {ended:?}", self.restart);
    }
}

/// Runs in a separate thread: tokio's feature `process` would have the SDKs compiled a second time for the tests.
async fn run(mut command: Command) -> Output {
    let ended = task::spawn_blocking(move || {
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
    });
    ended.await.expect("the thread only waits")
}
