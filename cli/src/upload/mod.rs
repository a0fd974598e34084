//! `darkroom upload`: pictures through a deployed stack, each followed until its outcome.

mod follow;
mod send;
mod sheet;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use futures_util::{StreamExt, stream};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use pipeline::{Record, Status};

use self::follow::Passed;
use crate::{
    Outcome,
    args::UploadArgs,
    files::{Names, expand},
    report,
    stack::Stack,
};

/// Uploads at a time: enough to keep a line busy, few enough to read.
const AT_ONCE: usize = 4;

/// Uploads every file, waits for every outcome, and prints it.
///
/// # Errors
/// If there is no stack to upload to.
pub(crate) fn run(args: UploadArgs) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(upload_all(&args))
}

async fn upload_all(args: &UploadArgs) -> anyhow::Result<Outcome> {
    let stack = Stack::find(&args.place).await?;
    let files = expand(&args.files)?;
    let screen = Screen { bars: MultiProgress::new(), json: args.json };
    let (mut prefixes, mut keys) = (Names::default(), Names::default());
    let folder = args.profile.as_deref().unwrap_or("uploads");
    let pictures = files.iter().map(|file| {
        let key = format!("{folder}/{}", keys.key_name(file)?);
        Ok(Picture { file, prefix: prefixes.prefix(file), key })
    });
    let pictures = pictures.collect::<anyhow::Result<Vec<_>>>()?;

    let mut followed: Vec<Followed> = stream::iter(&pictures)
        .map(|picture| upload_one(picture, args, &stack, &screen))
        .buffer_unordered(AT_ONCE)
        .filter_map(async |followed| followed)
        .collect()
        .await;
    if let Some(folder) = args.out.as_ref().filter(|_| args.sheet) {
        followed.sort_by(|a, b| a.record.key.cmp(&b.record.key));
        let sheet = sheet::write(folder, &followed)?;
        if !args.json {
            report::say(format_args!("contact sheet: {}", sheet.display()));
        }
    }
    let completed = |followed: &Followed| followed.record.status == Status::Completed;
    let all_good = followed.len() == pictures.len() && followed.iter().all(completed);
    Ok(if all_good && !pictures.is_empty() { Outcome::Good } else { Outcome::SomeBad })
}

/// A file, and what its renditions are called here.
struct Picture<'a> {
    file: &'a Path,
    prefix: String,
    key: String,
}

/// Uploads, follows, fetches and prints one picture. `None` if it has no outcome.
async fn upload_one(
    picture: &Picture<'_>,
    args: &UploadArgs,
    stack: &Stack,
    screen: &Screen,
) -> Option<Followed> {
    let start = Instant::now();
    let bar = screen.bar(picture.file);
    let followed = follow_one(picture, args, stack, screen, &bar).await;
    bar.finish_and_clear();
    match followed {
        Ok(followed) => {
            screen.conclude(picture.file, &followed, start.elapsed());
            Some(followed)
        }
        Err(error) => {
            screen.say_badly(picture.file, &error);
            None
        }
    }
}

/// What came of one picture.
struct Followed {
    record: Record,
    render_ms: HashMap<String, u64>,
    fetched: Vec<PathBuf>,
}

async fn follow_one(
    picture: &Picture<'_>,
    args: &UploadArgs,
    stack: &Stack,
    screen: &Screen,
    bar: &ProgressBar,
) -> anyhow::Result<Followed> {
    let key = &picture.key;
    if !args.replace {
        stack.refuse_taken(key).await?;
    }
    let sent = stack.send(picture.file, key, bar).await?;
    bar.set_style(waiting_style());

    let mut render_ms = HashMap::new();
    let see = |state: Passed| {
        screen.pass(picture.file, &state);
        render_ms.extend(state.render_ms);
    };
    let record = tokio::time::timeout(args.timeout, stack.follow(&sent, see)).await.with_context(
        || {
            format!(
                "no outcome after {} s; its record is '{key}' in {}",
                args.timeout.as_secs(),
                stack.record_table
            )
        },
    )??;
    if let Some(wanted) = args.profile.as_ref().filter(|wanted| **wanted != record.profile) {
        bail!(
            "this deployment has no profile '{wanted}': '{key}' was rendered by '{}' (`darkroom profiles` lists those \
             that ship with Darkroom)",
            record.profile
        );
    }
    let fetched = match &args.out {
        Some(folder) => stack.fetch(&record, folder, &picture.prefix).await?,
        None => Vec::new(),
    };
    Ok(Followed { record, render_ms, fetched })
}

/// Everything that is printed, without tearing the progress bars.
struct Screen {
    bars: MultiProgress,
    json: bool,
}

impl Screen {
    fn bar(&self, file: &Path) -> ProgressBar {
        let len = std::fs::metadata(file).map(|file| file.len()).unwrap_or_default();
        let bar = ProgressBar::new(len).with_style(sending_style());
        self.bars.add(bar.with_message(report::harmless(file.display())))
    }

    fn pass(&self, file: &Path, state: &Passed) {
        if !self.json {
            let line = format!("{}  {:<34} {:>7} ms", file.display(), state.title(), state.ms);
            self.bars.suspend(|| report::say(line));
        }
    }

    fn conclude(&self, file: &Path, followed: &Followed, taken: Duration) {
        let record = &followed.record;
        self.bars.suspend(|| {
            if self.json {
                report::say(serde_json::json!(record));
                return;
            }
            let status = record.status.as_str();
            let seconds = taken.as_secs_f64();
            if let Some(rejection) = &record.rejection {
                let (code, message) = (rejection.code, &rejection.message);
                report::complain(format_args!("{}: {status}: {code}: {message}", file.display()));
            } else if let Some(failure) = &record.failure {
                let (error, cause) = (&failure.error, &failure.cause);
                report::complain(format_args!("{}: {status}: {error}: {cause}", file.display()));
                report::complain(format_args!("  the execution is {}", record.execution));
            } else {
                let key = &record.key;
                report::say(format_args!(
                    "{}: {status} in {seconds:.2} s, key {key}",
                    file.display()
                ));
                report::say(renditions(followed));
            }
        });
    }

    fn say_badly(&self, file: &Path, error: &anyhow::Error) {
        self.bars.suspend(|| report::complain(format_args!("{}: {error:#}", file.display())));
    }
}

fn renditions(followed: &Followed) -> comfy_table::Table {
    let ms = |name: &str| followed.render_ms.get(name).map(u64::to_string).unwrap_or_default();
    let rows = followed.record.renditions.iter().enumerate().map(|(index, rendition)| {
        let fetched = followed.fetched.get(index).map(|path| path.display().to_string());
        vec![
            rendition.name.clone(),
            format!("{}×{}", rendition.width, rendition.height),
            report::bytes(rendition.byte_len),
            ms(&rendition.name),
            fetched.unwrap_or_else(|| rendition.key.clone()),
        ]
    });
    let last = if followed.fetched.is_empty() { "key" } else { "file" };
    report::table(&["rendition", "size", "bytes", "ms", last], rows)
}

fn sending_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {wide_msg}")
        .expect("a literal template")
}

fn waiting_style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}").expect("a literal template")
}
