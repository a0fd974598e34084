//! Options of `darkroom render`.

use std::{num::NonZeroU32, path::PathBuf};

use clap::{Args, ValueEnum};
use imaging::DamagePolicy;
use serde::Serialize;

use super::parse::parse_pixels;

const EXAMPLES: &str = "\
Examples:
  darkroom render photo.jpg
  darkroom render --profile widths --out thumbs *.png
  darkroom render photo.jpg --width 800 --height 600 --format jpeg --quality 85 --progressive
  darkroom render photo.jpg --width 800 --format avif --quality 50 --speed 6
  darkroom render logo.png --format webp --lossless
  darkroom render - --width 400 --format jpg --out - < photo.jpg > small.jpg
  darkroom render --profile ./my-profile.json --json photo.jpg

Exit code: 0 if every file was rendered, 1 if a file was not, 2 if rendering could not start.";

/// Render pictures on this machine, without a cloud, with the code of the resize function.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RenderArgs {
    /// Picture files, or folders of them; - reads one picture from standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A profile: web, proxies, variants, widths, or a JSON file with your own.
    #[arg(long, default_value = "web", conflicts_with = "SingleRenditionArgs")]
    pub(crate) profile: String,
    /// What happens to a damaged picture [default: as the profile says, which is reject unless it says otherwise].
    #[arg(long, value_name = "WHAT")]
    pub(crate) damaged: Option<DamagedArg>,
    /// Output folder; renditions are written as FILE-RENDITION.EXTENSION. - writes a single rendition to standard output.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
    /// Print one JSON object per line instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten, next_help_heading = "A single rendition instead of a profile")]
    pub(crate) single: SingleRenditionArgs,
}

/// Options of one rendition. Their names are those of the fields of a rendition spec.
#[derive(Debug, Args, Serialize)]
pub(crate) struct SingleRenditionArgs {
    /// Width of the box in px.
    #[arg(long, value_name = "PX", value_parser = parse_pixels)]
    pub(crate) width: Option<NonZeroU32>,
    /// Height of the box in px.
    #[arg(long, value_name = "PX", value_parser = parse_pixels)]
    pub(crate) height: Option<NonZeroU32>,
    /// inside: the whole picture fits in the box; cover: it fills the box, and is cropped [default: inside].
    #[arg(long)]
    pub(crate) fit: Option<FitArg>,
    /// Output format [default: the format of the source].
    #[arg(long)]
    pub(crate) format: Option<FormatArg>,
    /// JPEG, WebP, AVIF: higher is better; each encoder has its own scale [default: 85, 77, 60].
    #[arg(long, value_name = "1-100", value_parser = clap::value_parser!(u8).range(1..=100), requires = "format")]
    pub(crate) quality: Option<u8>,
    /// Keep all frames of an animation instead of the first only; needs --format webp.
    #[arg(long, requires = "format")]
    pub(crate) animated: bool,
    /// JPEG: write a progressive file, which is smaller and takes longer to encode.
    #[arg(long, requires = "format")]
    pub(crate) progressive: bool,
    /// WebP: keep every pixel exactly; not with --quality or --method.
    #[arg(long, requires = "format")]
    pub(crate) lossless: bool,
    /// WebP: encoder effort, from 0 (fastest) to 6 (smallest file) [default: 4].
    #[arg(long, value_name = "0-6", value_parser = clap::value_parser!(u8).range(0..=6), requires = "format")]
    pub(crate) method: Option<u8>,
    /// AVIF: encoder speed, from 6 (smallest file) to 9 (fastest) [default: 9].
    #[arg(long, value_name = "6-9", value_parser = clap::value_parser!(u8).range(6..=9), requires = "format")]
    pub(crate) speed: Option<u8>,
}

impl SingleRenditionArgs {
    /// Whether the user gave any of these options. The other options require `--format`.
    pub(crate) fn is_given(&self) -> bool {
        self.width.is_some() || self.height.is_some() || self.fit.is_some() || self.format.is_some()
    }
}

/// A value of `--fit`.
#[derive(Debug, Clone, Copy, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FitArg {
    Inside,
    Cover,
}

/// A value of `--damaged`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DamagedArg {
    /// It is rejected.
    Reject,
    /// What can be decoded is rendered, and the output says how much that is.
    Render,
}

impl From<DamagedArg> for DamagePolicy {
    fn from(arg: DamagedArg) -> Self {
        match arg {
            DamagedArg::Reject => DamagePolicy::Reject,
            DamagedArg::Render => DamagePolicy::Render,
        }
    }
}

/// A value of `--format`.
#[derive(Debug, Clone, Copy, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormatArg {
    #[value(aliases = ["jpg", "jpe", "jfif"])]
    Jpeg,
    Png,
    Webp,
    Avif,
    Source,
}
