//! `darkroom render`: renders pictures on this machine, as the pipeline would.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context;
use imaging::{
    Frames, Header, HeaderReader, JpegDecoder, Policy, Rejection, RenderError, Rendered,
    RenditionSpec,
};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use pipeline::{Profile, Profiles};
use serde_json::json;
use tempfile::NamedTempFile;

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
    let profile = if args.single.is_given() {
        single_rendition_profile(&args.single)?
    } else {
        load_profile(&args.profile)?
    };
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

/// A picture: a file, or the bytes of standard input.
struct InputFile {
    /// The path; `stdin` for standard input.
    path: PathBuf,
    stdin: Option<Vec<u8>>,
}

impl InputFile {
    /// The file with this path. For `-`, reads standard input to its end.
    fn new(path: PathBuf) -> anyhow::Result<Self> {
        if path.as_os_str() != "-" {
            return Ok(Self { path, stdin: None });
        }
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("reading the standard input")?;
        Ok(Self { path: PathBuf::from("stdin"), stdin: Some(bytes) })
    }

    /// A reader from the start, and the length in bytes.
    fn open(&self) -> io::Result<(Box<dyn Read + '_>, u64)> {
        if let Some(bytes) = &self.stdin {
            return Ok((Box::new(&bytes[..]), bytes.len() as u64));
        }
        let file = File::open(&self.path)?;
        let byte_len = file.metadata()?.len();
        Ok((Box::new(BufReader::new(file)), byte_len))
    }
}

/// A rendition that was written to a file.
struct RenditionFile {
    name: String,
    path: PathBuf,
    rendered: Rendered,
    ms: f64,
}

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
        files.push(render_rendition(input, spec, path.into())?);
        bar.inc(1);
    }
    Ok(files)
}

/// Reads the header, and rejects the picture if the profile does not accept it.
fn read_accepted_header(input: &InputFile, profile: &Profile) -> anyhow::Result<Header> {
    let (mut source, byte_len) = input.open()?;
    profile.policy.judge_byte_len(byte_len)?;
    let header = HeaderReader::new(byte_len).read_header(&mut source).map_err(flattened)?;
    profile.judge(&header, byte_len)?;
    Ok(header)
}

/// A rejection as an error of its own, so that all rejections are found by one downcast.
fn flattened(error: RenderError) -> anyhow::Error {
    match error {
        RenderError::Rejected(rejection) => rejection.into(),
        error => error.into(),
    }
}

fn render_rendition(
    input: &InputFile,
    spec: &RenditionSpec,
    path: PathBuf,
) -> anyhow::Result<RenditionFile> {
    match render_with(JpegDecoder::Own, input, spec, &path) {
        // The decoder has a defect, and the picture may be sound: libjpeg decides.
        Err(error) if matches!(error.downcast_ref(), Some(RenderError::JpegDecoderPanicked)) => {
            render_with(JpegDecoder::Libjpeg, input, spec, &path)
        }
        rendered => rendered,
    }
}

fn render_with(
    jpeg_decoder: JpegDecoder,
    input: &InputFile,
    spec: &RenditionSpec,
    path: &Path,
) -> anyhow::Result<RenditionFile> {
    let (reader, _) = input.open()?;
    // The file has a temporary name until it is complete: an error or Ctrl-C leaves no partial rendition.
    let folder = path.parent().unwrap_or(Path::new("."));
    let partial = tempfile::Builder::new().prefix(".darkroom-").tempfile_in(folder);
    let partial = partial.with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::new(partial);
    let start = Instant::now();
    let rendered = imaging::render_within(Duration::MAX, jpeg_decoder, reader, spec, &mut out)
        .map_err(flattened)?;
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

fn print_renditions(input: &Path, files: &[RenditionFile], json: bool) {
    if json {
        for file in files {
            terminal::print(json!({
                "file": input.to_string_lossy(),
                "name": file.name,
                "path": file.path.to_string_lossy(),
                "format": file.rendered.format,
                "width": file.rendered.size.width,
                "height": file.rendered.size.height,
                "frames": file.rendered.frames,
                "byte_len": file.rendered.byte_len,
                "limited_by": file.rendered.limited_by,
                "ms": (file.ms * 1000.0).round() / 1000.0,
            }));
        }
        return;
    }
    let rows = files.iter().map(|file| {
        vec![
            file.name.clone(),
            file.rendered.size.to_string(),
            HumanCount(file.rendered.byte_len).to_string(),
            format!("{:.1}", file.ms),
            file.path.display().to_string(),
        ]
    });
    terminal::print(input.display());
    terminal::print(terminal::table(&["rendition", "size", "bytes", "ms", "file"], rows));
}

fn print_error(input: &Path, error: &anyhow::Error, json: bool) {
    let rejection = error.downcast_ref::<Rejection>();
    let code = rejection.map_or("failed".to_owned(), |rejection| rejection.code().to_string());
    let message = format!("{error:#}");
    if json {
        let error = json!({ "code": code, "message": message });
        terminal::print(json!({ "file": input.to_string_lossy(), "error": error }));
    } else {
        terminal::print_error(format_args!("{}: {code}: {message}", input.display()));
    }
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
    Ok(Profile { policy: Policy::default(), renditions: vec![spec] })
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg} {eta}")
        .expect("the template is valid")
}
