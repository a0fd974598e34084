//! What can be said on the command line.

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use serde::Serialize;

/// Renders pictures here, or sends them through a Darkroom stack.
#[derive(Debug, Parser)]
#[command(name = "darkroom", version, about, propagate_version = true)]
pub(crate) struct Args {
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

const RENDER_EXAMPLES: &str = "\
Examples:
  darkroom render photo.jpg
  darkroom render --profile widths --out thumbs *.png
  darkroom render photo.jpg --width 800 --height 600 --format jpeg --quality 85 --progressive
  darkroom render photo.jpg --width 800 --format avif --quality 50 --speed 6
  darkroom render logo.png --format webp --lossless
  darkroom render --profile ./my-profile.json --json photo.jpg

Exit code: 0 when every file was rendered, 1 when one was not, 2 when nothing could be tried.";

/// Render pictures on this machine, without any cloud: the same code as the resize function's.
#[derive(Debug, Group)]
#[command(after_help = RENDER_EXAMPLES)]
pub(crate) struct RenderArgs {
    /// Pictures, or folders of them; - reads one from the standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A profile: web, proxies, variants, widths, or a JSON file of one's own.
    #[arg(long, default_value = "web", conflicts_with = "SingleArgs")]
    pub(crate) profile: String,
    /// Where the renditions go, as FILE-RENDITION.EXTENSION.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten, next_help_heading = "A single rendition instead of a profile")]
    pub(crate) single: SingleArgs,
}

/// Serialized, it is a rendition spec without a name: options are called as the spec's fields are.
#[derive(Debug, Group, Serialize)]
pub(crate) struct SingleArgs {
    /// Width of the box in px.
    #[arg(long, value_name = "PX", value_parser = px)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) width: Option<NonZeroU32>,
    /// Height of the box in px.
    #[arg(long, value_name = "PX", value_parser = px)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) height: Option<NonZeroU32>,
    /// Whole picture within the box, or box filled and overflow cropped [default: inside].
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fit: Option<FitArg>,
    /// The format to write [default: the source's].
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<FormatArg>,
    /// JPEG, WebP, AVIF: higher is better, each on its encoder's own scale [default: 85, 77, 60].
    #[arg(long, value_name = "1-100", value_parser = clap::value_parser!(u8).range(1..=100), requires = "format")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quality: Option<u8>,
    /// All frames of an animation, not its first alone; needs --format webp.
    #[arg(long, requires = "format")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) animated: bool,
    /// JPEG: from coarse to fine, in fewer bytes and more time.
    #[arg(long, requires = "format")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) progressive: bool,
    /// WebP: every pixel as it is; without --quality and --method.
    #[arg(long, requires = "format")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) lossless: bool,
    /// WebP: how hard the encoder tries, from fast to small [default: 4].
    #[arg(long, value_name = "0-6", value_parser = clap::value_parser!(u8).range(0..=6), requires = "format")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<u8>,
    /// AVIF: how little the encoder tries, from small to fast [default: 9].
    #[arg(long, value_name = "6-9", value_parser = clap::value_parser!(u8).range(6..=9), requires = "format")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) speed: Option<u8>,
}

impl SingleArgs {
    pub(crate) fn any(&self) -> bool {
        self.width.is_some() || self.height.is_some() || self.fit.is_some() || self.format.is_some()
    }
}

#[derive(Debug, Clone, Copy, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FitArg {
    Inside,
    Cover,
}

#[derive(Debug, Clone, Copy, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormatArg {
    #[value(alias = "jpg")]
    Jpeg,
    Png,
    Webp,
    Avif,
    Source,
}

const UPLOAD_EXAMPLES: &str = "\
Examples:
  darkroom upload photo.jpg                          to the local cloud that `make up` started
  darkroom upload --stack darkroom-dev *.jpg         to a stack in AWS, with your credentials
  darkroom upload --profile widths --out thumbs --sheet *.png    and a page that shows them
  darkroom show photo.jpg                            then: how it went; its key is uploads/photo.jpg

Exit code: 0 when every picture was completed, 1 when one was rejected or failed, 2 when nothing could be tried.";

/// Upload pictures, follow each through the state machine, and print what came of it.
#[derive(Debug, Group)]
#[command(after_help = UPLOAD_EXAMPLES)]
pub(crate) struct UploadArgs {
    /// Pictures, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The profile: the first segment of the key [default: the deployment's].
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// Replace pictures that have the same key; without it, they are left as they are.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Fetch the renditions, as FILE-RENDITION.EXTENSION.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Also write DIR/index.html, a page that shows all renditions in a browser.
    #[arg(long, requires = "out")]
    pub(crate) sheet: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Give up on a picture after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "180", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// One JSON object a line, the picture's record, instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  darkroom show uploads/photo.jpg                    the picture's latest execution, on the local cloud
  darkroom show --stack darkroom-prod --open 'uploads/my photo.jpg'
  darkroom show --stack darkroom-prod --full 0d1f3f57-4f8e-4f8b-9d62-1f2d6a3f0b11

Exit code: 0 when the execution was shown, however it ended; 2 when there is none to show.";

/// Show an execution as the console does: states, times, failed tries, inputs, outputs.
#[derive(Debug, Group)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct ShowArgs {
    /// A picture's key as it is in S3, or the name or ARN of an execution.
    #[arg(value_name = "KEY")]
    pub(crate) what: String,
    /// What each state was given, and what it gave.
    #[arg(long)]
    pub(crate) full: bool,
    /// Open it in the AWS console, in a browser.
    #[arg(long)]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

const REDRIVE_EXAMPLES: &str = "\
Examples:
  darkroom redrive --failed --dry-run --stack darkroom-prod       what is red, and what would be done about it
  darkroom redrive --failed --stack darkroom-prod                 every execution that ended red
  darkroom redrive --dead-letters --failed                        what could not be delivered, and then what is red
  darkroom redrive --stalled --stack darkroom-prod                what has no outcome, and should
  darkroom redrive uploads/cat.jpg                                one picture, by its source key

Exit code: 0 when everything is on its way, 1 when something is not, 2 when nothing could be tried.";

/// Bring pictures through that failed, or whose events could not be delivered.
///
/// An execution goes on where it stopped. Where Step Functions can't redrive it (after 14 days, and with EXPRESS),
/// another begins with the same event. A dead letter is given to whom it was for, and leaves the queue when that has
/// worked. Pictures that have got an outcome since, or a later upload, are left alone.
#[derive(Debug, Group)]
#[command(after_help = REDRIVE_EXAMPLES)]
#[group(id = "what", required = true, multiple = true, args = ["keys", "failed", "stalled", "dead_letters"])]
pub(crate) struct RedriveArgs {
    /// Source keys.
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Every execution that failed, timed out or was aborted.
    #[arg(long)]
    pub(crate) failed: bool,
    /// Every picture that has been processing for ten minutes or more: with EXPRESS, those that failed.
    #[arg(long)]
    pub(crate) stalled: bool,
    /// Of those, the ones of the last so many hours [default: 336, as long as an execution can be redriven].
    #[arg(long, value_name = "N", default_value = "336", hide_default_value = true)]
    pub(crate) hours: u32,
    /// Every message in the dead-letter queue.
    #[arg(long)]
    pub(crate) dead_letters: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  darkroom doctor --stack darkroom-dev               a stack in AWS, with your credentials
  darkroom doctor                                    the local cloud that `make up` started
  darkroom doctor --stack darkroom-dev --json        for programs; accounts and access keys are masked

Exit code: 0 when nothing is wrong, 1 when a check failed, 2 when the stack could not be examined.";

/// Examine a deployed stack: whether it works, and if not, why and what to do.
///
/// The first line with a ✗ is the cause: those below it may be its consequences. Pictures of a few kilobytes are
/// uploaded by each way, followed, measured, and deleted. A temporary rule and queue hear their events, and with
/// Authorization=Cognito a temporary user calls the API; both are deleted.
#[derive(Debug, Group)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// An API key, where you may not read the stack's own.
    #[arg(long, value_name = "KEY", env = "DARKROOM_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// An ID token of the user pool, where the pool is not the stack's own.
    #[arg(long, value_name = "TOKEN", env = "DARKROOM_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Wait for a picture's outcome for so many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// One JSON object a line instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which stack is meant.
#[derive(Debug, Group)]
pub(crate) struct PlaceArgs {
    /// A CloudFormation stack, instead of the local cloud.
    #[arg(long, value_name = "NAME", env = "DARKROOM_STACK")]
    pub(crate) stack: Option<String>,
    /// Where the local cloud says what it deployed.
    #[arg(long, value_name = "FILE", default_value = ".local/outputs.json")]
    pub(crate) outputs: PathBuf,
}

fn px(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "not a whole number of pixels, 1 or more".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: u64 = text.parse().map_err(|_| "not a whole number of seconds".to_owned())?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Args::command().debug_assert();
    }
}

const CHART_EXAMPLES: &str = "\
Examples:
  darkroom chart chart.jpg
  darkroom chart - | darkroom render --out thumbs -
  darkroom chart --landscape landscape.jpg
  darkroom chart --megapixels 2 --orientation 6 chart.jpg && darkroom upload --stack darkroom-dev chart.jpg";

/// Make a JPEG to try a stack with: a test chart or a landscape, 4:3.
#[derive(Debug, Group)]
#[command(after_help = CHART_EXAMPLES)]
pub(crate) struct ChartArgs {
    /// Where it goes: a new file that ends in .jpg, or - for the standard output.
    #[arg(value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Draw a landscape, which compresses like a photograph, instead of the chart.
    #[arg(long)]
    pub(crate) landscape: bool,
    /// How many, about.
    #[arg(long, value_name = "0.01-200", default_value = "12", value_parser = megapixels)]
    pub(crate) megapixels: f64,
    /// As EXIF has it: how it lies in the file, of which nothing is seen.
    #[arg(long, value_name = "1-8", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) orientation: u8,
}

fn megapixels(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.01..=200.0).contains(&number) {
        Ok(number)
    } else {
        Err("not within 0.01–200".to_owned())
    }
}

const PROFILES_EXAMPLES: &str = "\
Examples:
  darkroom profiles                                  the profiles that ship with Darkroom
  darkroom profiles my-sizes.json                    check a file, and show what it makes
  darkroom profiles --sizes 200x200,400x400 > my-sizes.json    a file to begin with
  make up PROFILES=my-sizes.json                     then try it on the local cloud

Exit code: 0 when the profiles can be deployed, 2 when they cannot.";

/// Check profiles and show their renditions, or print a profile to begin with.
///
/// A file holds one profile, which is then named after the file, or several as {\"name\": profile, …}.
#[derive(Debug, Group)]
#[command(after_help = PROFILES_EXAMPLES, verbatim_doc_comment)]
pub(crate) struct ProfilesArgs {
    /// A JSON file [default: the profiles that ship with Darkroom].
    #[arg(value_name = "FILE", conflicts_with = "sizes")]
    pub(crate) file: Option<PathBuf>,
    /// The profile for keys that name none [default: the only one, or web].
    #[arg(long, value_name = "NAME")]
    pub(crate) default: Option<String>,
    /// Print a profile that fits pictures into these boxes, in px.
    #[arg(long, value_name = "WxH,…", value_delimiter = ',')]
    pub(crate) sizes: Vec<String>,
    /// The format of --sizes.
    #[arg(long, default_value = "webp", requires = "sizes")]
    pub(crate) format: FormatArg,
    /// One JSON object instead of a table: the default's name, and the profiles as they are deployed.
    #[arg(long)]
    pub(crate) json: bool,
}
