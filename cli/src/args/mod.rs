//! The command-line interface: subcommands, options and help texts.

mod chart;
mod doctor;
mod parse;
mod profiles;
mod redrive;
mod render;
mod show;
mod stack;
mod upload;

use clap::{Parser, Subcommand};

pub(crate) use self::{
    chart::ChartArgs,
    doctor::DoctorArgs,
    profiles::ProfilesArgs,
    redrive::RedriveArgs,
    render::{RenderArgs, SingleRenditionArgs},
    show::ShowArgs,
    stack::StackArgs,
    upload::UploadArgs,
};

/// Renders pictures on this machine, or sends them through a Darkroom stack.
#[derive(Debug, Parser)]
#[command(name = "darkroom", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Render(RenderArgs),
    Upload(UploadArgs),
    Show(ShowArgs),
    Redrive(RedriveArgs),
    Chart(ChartArgs),
    Profiles(ProfilesArgs),
    Doctor(DoctorArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn clap_accepts_the_definition_of_the_command_line() {
        super::Cli::command().debug_assert();
    }
}
