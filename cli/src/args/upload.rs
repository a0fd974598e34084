//! Options of `darkroom upload`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::{parse::parse_seconds, stack::StackArgs};

const EXAMPLES: &str = "\
Examples:
  darkroom upload photo.jpg                      to the local cloud that `make up` started
  darkroom upload --stack darkroom-dev *.jpg     to a stack in AWS, with your credentials
  darkroom upload --out thumbs --sheet *.png     and write a page that shows the renditions
  darkroom show photo.jpg                        afterwards: the execution of uploads/photo.jpg

Exit code: 0 if every picture was completed, 1 if one was rejected or failed, 2 if uploading could not start.";

/// Upload pictures, follow each through the state machine, and print its outcome.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct UploadArgs {
    /// Picture files, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The profile, which becomes the first segment of the key [default: the deployment's].
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// Replace pictures that have the same key; without it, such files are not uploaded.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Download the renditions to this folder, as FILE-RENDITION.EXTENSION.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Also write DIR/index.html, a page that shows all renditions in a browser.
    #[arg(long, requires = "out")]
    pub(crate) sheet: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// Stop waiting for a picture after this many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "180", value_parser = parse_seconds)]
    pub(crate) timeout: Duration,
    /// Print the record of each picture as one JSON object per line, instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}
