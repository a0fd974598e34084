//! Options of `darkroom profiles`.

use std::path::PathBuf;

use clap::Args;

use super::render::FormatArg;

const EXAMPLES: &str = "\
Examples:
  darkroom profiles                                  the profiles that ship with Darkroom
  darkroom profiles my-sizes.json                    check a file, and list its renditions
  darkroom profiles --sizes 200x200,400x400 > my-sizes.json    write a first profile
  make up PROFILES=my-sizes.json                     then try it on the local cloud

Exit code: 0 if the profiles can be deployed, 2 if they cannot.";

/// Check profiles and show their renditions, or print a first profile.
///
/// A file holds one profile, which is named after the file, or several as {"name": profile, …}.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProfilesArgs {
    /// A JSON file [default: the profiles that ship with Darkroom].
    #[arg(value_name = "FILE", conflicts_with = "sizes")]
    pub(crate) file: Option<PathBuf>,
    /// The profile for keys that name no profile [default: the only one, or web].
    #[arg(long, value_name = "NAME")]
    pub(crate) default: Option<String>,
    /// Print a profile that fits pictures into these boxes, in px.
    #[arg(long, value_name = "WxH,…", value_delimiter = ',')]
    pub(crate) sizes: Vec<String>,
    /// Output format of the renditions of --sizes.
    #[arg(long, default_value = "webp", requires = "sizes")]
    pub(crate) format: FormatArg,
    /// Print one JSON object instead of a table: the name of the default, and the profiles as they are deployed.
    #[arg(long)]
    pub(crate) json: bool,
}
