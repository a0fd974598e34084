//! The `darkroom` command: parse, dispatch, exit code. Each subcommand is a module.
#![warn(clippy::print_stdout, clippy::print_stderr)] // `report` prints: `| head` must not panic

mod args;
mod aws;
mod chart;
mod doctor;
mod files;
mod history;
mod profiles;
mod redrive;
mod render;
mod report;
mod show;
mod stack;
mod upload;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

/// How a command ended that ran to its end.
enum Outcome {
    /// For every file.
    Good,
    /// Not for every file; each that fared badly was named.
    SomeBad,
}

fn main() -> ExitCode {
    let ended = match Args::parse().command {
        Command::Render(args) => render::run(&args),
        Command::Upload(args) => upload::run(args),
        Command::Show(args) => show::run(&args),
        Command::Redrive(args) => redrive::run(&args),
        Command::Chart(args) => chart::run(&args),
        Command::Profiles(args) => profiles::run(&args),
        Command::Doctor(args) => doctor::run(&args),
    };
    match ended {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::SomeBad) => ExitCode::FAILURE,
        Err(error) => {
            report::complain(format_args!("darkroom: {error:#}"));
            ExitCode::from(2)
        }
    }
}
