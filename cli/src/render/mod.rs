//! `darkroom render`: renders pictures on this machine, as the pipeline would.

mod input;
mod output;

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, bail, ensure};
use imaging::{
    DamagePolicy, Frames, Header, HeaderReader, JpegDecoder, Policy, RenderError, RenderOptions, RenditionSpec,
};
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::{Profile, Profiles};
use serde_json::json;
use tempfile::NamedTempFile;

use self::{
    input::InputFile,
    output::{RenditionFile, print_damage, print_error, print_renditions},
};
use crate::{
    args::{RenderArgs, SingleRenditionArgs},
    files::{UniqueNames, list_files},
    terminal,
};

/// Notice for an animation of which only the first frame is rendered.
const ONLY_FIRST_FRAME: &str = "an animation: its first frame is rendered; \"animated\": true in a profile, or \
                                --animated with --format webp, keeps all of them";

/// Renders every file, by a profile or by one rendition spec.
///
/// # Errors
/// If the options are not a valid profile, a folder cannot be read, or the output folder cannot be created.
pub(crate) fn run(args: &RenderArgs) -> anyhow::Result<ExitCode> {
    let mut profile =
        if args.single.is_given() { single_rendition_profile(&args.single)? } else { load_profile(&args.profile)? };
    if let Some(damaged) = args.damaged {
        profile.damaged = damaged.into();
    }
    if args.out.as_os_str() == "-" {
        return render_to_stdout(args, &profile);
    }
    fs::create_dir_all(&args.out).with_context(|| format!("creating {}", args.out.display()))?;

    let inputs = list_files(&args.files)?.into_iter().map(InputFile::new);
    let inputs = inputs.collect::<anyhow::Result<Vec<_>>>()?;
    let renditions = inputs.len() * profile.renditions.len();
    let bar = ProgressBar::new(renditions as u64).with_style(bar_style());
    let mut names = UniqueNames::default();
    let mut exit_code = ExitCode::SUCCESS;
    for input in &inputs {
        let stem = args.out.join(names.rendition_stem(&input.path));
        match render_file(input, &profile, &stem, &bar) {
            Ok(files) => bar.suspend(|| print_renditions(&input.path, &files, args.json)),
            Err(error) => {
                exit_code = ExitCode::FAILURE;
                bar.suspend(|| print_error(&input.path, &error, args.json));
            }
        }
    }
    bar.finish_and_clear();
    Ok(exit_code)
}

/// Renders one picture by the only spec of `profile`, and writes the rendition to standard output.
fn render_to_stdout(args: &RenderArgs, profile: &Profile) -> anyhow::Result<ExitCode> {
    ensure!(!args.json, "--out - writes the rendition to standard output, so --json has no place there");
    ensure!(
        profile.renditions.len() == 1,
        "--out - writes one rendition, and this profile has {}: describe a single one, such as --width 400",
        profile.renditions.len()
    );
    let [file] = &list_files(&args.files)?[..] else { bail!("--out - writes one rendition: name one picture") };
    let input = InputFile::new(file.clone())?;
    let folder = tempfile::tempdir().context("creating a temporary folder")?;
    match render_file(&input, profile, &folder.path().join("picture"), &ProgressBar::hidden()) {
        Ok(files) => {
            let rendition = files.first().context("there is a rendition")?;
            let written = File::open(&rendition.path).and_then(|mut file| io::copy(&mut file, &mut io::stdout()));
            written.context("writing to standard output")?;
            print_damage(&input.path, &files);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            print_error(&input.path, &error, args.json);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Renders a file by all specs of a profile.
fn render_file(
    input: &InputFile,
    profile: &Profile,
    stem: &Path,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<RenditionFile>> {
    bar.set_message(terminal::escape(input.path.display()));
    let header = read_accepted_header(input, profile)?;
    if header.frames > 1 && profile.renditions.iter().all(|spec| spec.frames == Frames::First) {
        let line = format!("{}: {ONLY_FIRST_FRAME}", input.path.display());
        bar.suspend(|| terminal::print_error(line));
    }
    let mut files = Vec::new();
    for spec in &profile.renditions {
        let extension = spec.output_format(header.format).extension();
        let mut path = stem.as_os_str().to_owned();
        path.push(format!("-{}.{extension}", spec.name));
        files.push(render_rendition(input, profile.damaged, spec, path.into())?);
        bar.inc(1);
    }
    Ok(files)
}

/// Reads the header, and rejects the picture if the profile does not accept it.
fn read_accepted_header(input: &InputFile, profile: &Profile) -> anyhow::Result<Header> {
    let (mut source, byte_len) = input.open()?;
    profile.policy.judge_byte_len(byte_len)?;
    let header = HeaderReader::new(byte_len).read_header(&mut source).map_err(expose_rejection)?;
    profile.judge(&header, byte_len)?;
    Ok(header)
}

/// Turns a rejection into an error of its own type, so that `print_error` needs one downcast to find it.
fn expose_rejection(error: RenderError) -> anyhow::Error {
    match error {
        RenderError::Rejected(rejection) => rejection.into(),
        error => error.into(),
    }
}

/// Renders one rendition; once more with libjpeg, if our JPEG decoder panics or cannot tell whether the picture is whole.
fn render_rendition(
    input: &InputFile,
    damaged: DamagePolicy,
    spec: &RenditionSpec,
    path: PathBuf,
) -> anyhow::Result<RenditionFile> {
    let options = |jpeg_decoder| RenderOptions { jpeg_decoder, damaged, ..RenderOptions::default() };
    match render_to_file(options(JpegDecoder::Own), input, spec, &path) {
        // A panic is a defect of the decoder: the picture may be valid. So may one be whose end is missing.
        Err(error)
            if matches!(error.downcast_ref(), Some(RenderError::JpegDecoderPanicked | RenderError::JpegEndUnknown)) =>
        {
            render_to_file(options(JpegDecoder::Libjpeg), input, spec, &path)
        }
        rendered => rendered,
    }
}

/// Renders one rendition to a temporary file, and renames it once it is complete.
fn render_to_file(
    options: RenderOptions,
    input: &InputFile,
    spec: &RenditionSpec,
    path: &Path,
) -> anyhow::Result<RenditionFile> {
    let (reader, _) = input.open()?;
    // An error or Ctrl-C must leave no partial rendition.
    let folder = path.parent().unwrap_or(Path::new("."));
    let partial = tempfile::Builder::new().prefix(".darkroom-").tempfile_in(folder);
    let partial = partial.with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::new(partial);
    let start = Instant::now();
    let rendered = imaging::render_within(options, reader, spec, &mut out).map_err(expose_rejection)?;
    let partial = out.into_inner().map_err(|error| error.into_error())?;
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    rename_to(partial, path)?;
    Ok(RenditionFile { name: spec.name.to_string(), path: path.to_owned(), rendered, ms })
}

/// Renames a complete temporary file, and gives it the permissions that a new file has.
fn rename_to(file: NamedTempFile, path: &Path) -> anyhow::Result<()> {
    let creating = || format!("creating {}", path.display());
    File::create(path).with_context(creating)?;
    fs::set_permissions(file.path(), fs::metadata(path)?.permissions()).with_context(creating)?;
    file.persist(path).map(drop).with_context(creating)
}

/// A profile that ships with Darkroom, or the only profile of a JSON file.
fn load_profile(name: &str) -> anyhow::Result<Profile> {
    if !name.ends_with(".json") {
        return Ok(Profiles::built_in("web")?.get(name)?.clone());
    }
    let json = fs::read_to_string(name).with_context(|| format!("reading the profile {name}"))?;
    let named = format!("{{\"own\": {json}}}");
    let profiles = Profiles::from_json(&named, "own").with_context(|| name.to_owned())?;
    Ok(profiles.get("own")?.clone())
}

/// A profile with the rendition that the options describe. It is checked as the JSON of a profile is.
fn single_rendition_profile(args: &SingleRenditionArgs) -> anyhow::Result<Profile> {
    let mut spec = json!(args);
    if let Some(options) = spec.as_object_mut() {
        options.retain(|_, value| !value.is_null() && *value != false);
    }
    spec["name"] = "rendition".into();
    if args.format.is_none() {
        spec["format"] = "source".into();
    }
    let spec = serde_json::from_value(spec).context("these options are not a valid rendition")?;
    Ok(Profile { policy: Policy::default(), damaged: DamagePolicy::Reject, renditions: vec![spec] })
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg} {eta}").expect("the template is valid")
}
