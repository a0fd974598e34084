//! The `darkroom` command: parses the arguments, runs one subcommand, and sets the exit code. Each subcommand is a
//! module.
// `terminal` prints: `println!` would panic in `darkroom … | head`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod advice;
mod args;
mod aws;
mod chart;
mod doctor;
mod files;
mod history;
mod panics;
mod profiles;
mod redrive;
mod render;
mod show;
mod stack;
mod terminal;
mod upload;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    panics::run_catching(|| match run(Cli::parse().command) {
        Ok(exit_code) => exit_code,
        Err(error) => {
            terminal::print_error(format_args!("darkroom: {error:#}"));
            ExitCode::from(2)
        }
    })
}

/// Runs a subcommand. The exit code is 0 if it succeeded for every file, and 1 if it printed an error for one. Any
/// error here means 2.
fn run(command: Command) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match command {
        Command::Render(args) => render::run(&args),
        Command::Upload(args) => runtime.block_on(upload::run(&args)),
        Command::Show(args) => runtime.block_on(show::run(&args)),
        Command::Redrive(args) => runtime.block_on(redrive::run(&args)),
        Command::Chart(args) => chart::run(&args),
        Command::Profiles(args) => profiles::run(&args),
        Command::Doctor(args) => runtime.block_on(doctor::run(&args)),
    }
}
