//! `darkroom render`: what the pipeline would make of a picture, without any cloud.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context;
use imaging::{Frames, Header, Policy, Probe, Rejection, RenderError, Rendered, RenditionSpec};
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::{Profile, Profiles};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    Outcome,
    args::{RenderArgs, SingleArgs},
    files::{Names, expand},
    report,
};

/// Renders every file by the profile, or by the single spec, that the arguments name.
///
/// # Errors
/// If the arguments make no profile, or the folder cannot be made.
pub(crate) fn run(args: &RenderArgs) -> anyhow::Result<Outcome> {
    let profile = if args.single.any() { single(&args.single)? } else { profile(&args.profile)? };
    fs::create_dir_all(&args.out).with_context(|| format!("creating {}", args.out.display()))?;

    let sources = expand(&args.files)?.into_iter().map(Source::new);
    let sources = sources.collect::<anyhow::Result<Vec<_>>>()?;
    let steps = sources.len() * profile.renditions.len();
    let bar = ProgressBar::new(steps as u64).with_style(bar_style());
    let mut names = Names::default();
    let mut outcome = Outcome::Good;
    for source in &sources {
        let prefix = names.prefix(&source.path);
        match render_source(source, &profile, &args.out.join(prefix), &bar) {
            Ok(made) => bar.suspend(|| print(&source.path, &made, args.json)),
            Err(problem) => {
                outcome = Outcome::SomeBad;
                bar.suspend(|| print_problem(&source.path, &problem, args.json));
            }
        }
    }
    bar.finish_and_clear();
    Ok(outcome)
}

/// A picture: a file, or what came by the standard input.
struct Source {
    path: PathBuf,
    bytes: Option<Vec<u8>>,
}

impl Source {
    /// The file of that path; for `-`, the standard input, which is read whole.
    fn new(path: PathBuf) -> anyhow::Result<Self> {
        if path.as_os_str() != "-" {
            return Ok(Self { path, bytes: None });
        }
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("reading the standard input")?;
        Ok(Self { path: PathBuf::from("stdin"), bytes: Some(bytes) })
    }

    /// A reader of all of it, and its length in bytes.
    fn open(&self) -> io::Result<(Box<dyn Read + '_>, u64)> {
        if let Some(bytes) = &self.bytes {
            return Ok((Box::new(&bytes[..]), bytes.len() as u64));
        }
        let file = File::open(&self.path)?;
        let byte_len = file.metadata()?.len();
        Ok((Box::new(BufReader::new(file)), byte_len))
    }
}

/// Said of an animation that is rendered as a still.
const STILLS: &str = "an animation: its first frame is rendered; \"animated\": true in a profile, or --animated with \
                      --format webp, keeps all of them";

/// Why a file was not rendered.
#[derive(Debug)]
enum Problem {
    Rejected(Rejection),
    Failed(anyhow::Error),
}

/// One rendition on disk.
struct Made {
    name: String,
    path: PathBuf,
    rendered: Rendered,
    ms: f64,
}

fn render_source(
    source: &Source,
    profile: &Profile,
    prefix: &Path,
    bar: &ProgressBar,
) -> Result<Vec<Made>, Problem> {
    bar.set_message(report::harmless(source.path.display()));
    let header = inspect(source, profile)?;
    if header.frames > 1 && profile.renditions.iter().all(|spec| spec.frames == Frames::First) {
        bar.suspend(|| report::complain(format_args!("{}: {STILLS}", source.path.display())));
    }
    let mut made = Vec::new();
    for spec in &profile.renditions {
        let extension = spec.output_format(header.format).extension();
        let mut path = prefix.as_os_str().to_owned();
        path.push(format!("-{}.{extension}", spec.name));
        made.push(render_one(source, spec, path.into())?);
        bar.inc(1);
    }
    Ok(made)
}

/// The header, if the profile accepts it: what validate would say.
fn inspect(source: &Source, profile: &Profile) -> Result<Header, Problem> {
    let (mut source, byte_len) = source.open()?;
    profile.policy.judge_byte_len(byte_len)?;
    let mut head = Vec::new();
    let mut wanted = 64 * 1024;
    loop {
        let missing = wanted - head.len() as u64;
        if source.by_ref().take(missing).read_to_end(&mut head)? == 0 && !head.is_empty() {
            return Err(Rejection::Corrupt { reason: "the header is cut short".to_owned() }.into());
        }
        match imaging::probe(&head, byte_len)? {
            Probe::Header(header) => {
                profile.judge(&header, byte_len)?;
                return Ok(header);
            }
            Probe::NeedMore { byte_len } => wanted = byte_len,
        }
    }
}

fn render_one(source: &Source, spec: &RenditionSpec, path: PathBuf) -> Result<Made, Problem> {
    let (reader, _) = source.open()?;
    // Under another name until it is whole: an error or Ctrl-C leaves no half of a rendition.
    let folder = path.parent().unwrap_or(Path::new("."));
    let part = tempfile::Builder::new().prefix(".darkroom-").tempfile_in(folder);
    let part = part.with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::new(part);
    let start = Instant::now();
    let rendered = imaging::render(reader, spec, &mut out)?;
    let part = out.into_inner().map_err(|error| error.into_error())?;
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    keep(part, &path)?;
    Ok(Made { name: spec.name.to_string(), path, rendered, ms })
}

/// Gives a finished file its name, and the rights that a new file has.
fn keep(part: NamedTempFile, path: &Path) -> anyhow::Result<()> {
    let creating = || format!("creating {}", path.display());
    File::create(path).with_context(creating)?;
    fs::set_permissions(part.path(), fs::metadata(path)?.permissions()).with_context(creating)?;
    part.persist(path).map(drop).with_context(creating)
}

fn print(file: &Path, made: &[Made], json: bool) {
    if json {
        for made in made {
            report::say(line(file, made));
        }
        return;
    }
    let rows = made.iter().map(|made| {
        let rendered = &made.rendered;
        vec![
            made.name.clone(),
            rendered.size.to_string(),
            report::bytes(rendered.byte_len),
            format!("{:.1}", made.ms),
            made.path.display().to_string(),
        ]
    });
    report::say(file.display());
    report::say(report::table(&["rendition", "size", "bytes", "ms", "file"], rows));
}

fn line(file: &Path, made: &Made) -> Value {
    json!({
        "file": file.to_string_lossy(),
        "name": made.name,
        "path": made.path.to_string_lossy(),
        "format": made.rendered.format,
        "width": made.rendered.size.width,
        "height": made.rendered.size.height,
        "frames": made.rendered.frames,
        "byte_len": made.rendered.byte_len,
        "limited_by": made.rendered.limited_by,
        "ms": (made.ms * 1000.0).round() / 1000.0,
    })
}

fn print_problem(file: &Path, problem: &Problem, json: bool) {
    let (code, message) = match problem {
        Problem::Rejected(rejection) => (rejection.code().to_string(), rejection.to_string()),
        Problem::Failed(error) => ("failed".to_owned(), format!("{error:#}")),
    };
    if json {
        report::say(
            json!({ "file": file.to_string_lossy(), "error": { "code": code, "message": message } }),
        );
    } else {
        report::complain(format_args!("{}: {code}: {message}", file.display()));
    }
}

fn profile(name: &str) -> anyhow::Result<Profile> {
    if !name.ends_with(".json") {
        return Ok(Profiles::built_in("web")?.get(name)?.clone());
    }
    let json = fs::read_to_string(name).with_context(|| format!("reading the profile {name}"))?;
    let named = format!("{{\"own\": {json}}}");
    let profiles = Profiles::from_json(&named, "own").with_context(|| name.to_owned())?;
    Ok(profiles.get("own")?.clone())
}

/// A profile of one rendition, read as a profile's file would be: the same words, the same checks.
fn single(args: &SingleArgs) -> anyhow::Result<Profile> {
    let mut spec = json!(args);
    spec["name"] = "rendition".into();
    if args.format.is_none() {
        spec["format"] = "source".into();
    }
    let spec = serde_json::from_value(spec).context("these options make no rendition")?;
    Ok(Profile { policy: Policy::default(), renditions: vec![spec] })
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg} {eta}")
        .expect("a literal template")
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Rejected(rejection) => Self::Rejected(rejection),
            error => Self::Failed(error.into()),
        }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}
