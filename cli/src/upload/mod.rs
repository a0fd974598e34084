//! `darkroom upload`: uploads pictures to a deployed stack, and follows each until it has an outcome.

mod contact_sheet;
mod outcome;
mod progress;
mod result;
mod transfer;

use std::{
    collections::HashMap,
    future,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, bail};
use futures_util::{StreamExt, stream};
use indicatif::ProgressBar;
use pipeline::Status;

use self::{progress::ProgressDisplay, result::UploadResult};
use crate::{
    args::UploadArgs,
    files::{UniqueNames, list_files},
    history::Step,
    stack::Stack,
    terminal,
};

// Four uploads keep a connection busy, and their lines are still easy to read.
const CONCURRENT_UPLOADS: usize = 4;

/// Uploads every file, waits for every outcome, and prints it.
///
/// # Errors
/// If the stack or the files are not found, or the contact sheet cannot be written.
pub(crate) async fn run(args: &UploadArgs) -> anyhow::Result<ExitCode> {
    let stack = Stack::find(&args.stack).await?;
    let files = list_files(&args.files)?;
    let targets = upload_targets(&files, args.profile.as_deref().unwrap_or("uploads"))?;
    let display = ProgressDisplay::new(args.json);
    let mut results: Vec<UploadResult> = stream::iter(&targets)
        .map(|target| upload_and_print(target, args, &stack, &display))
        .buffer_unordered(CONCURRENT_UPLOADS)
        .filter_map(future::ready)
        .collect()
        .await;
    if let Some(folder) = args.out.as_ref().filter(|_| args.sheet) {
        results.sort_by(|a, b| a.record.key.cmp(&b.record.key));
        let sheet = contact_sheet::write(folder, &results)?;
        if !args.json {
            terminal::print(format_args!("contact sheet: {}", sheet.display()));
        }
    }
    let is_completed = |result: &UploadResult| result.record.status == Status::Completed;
    let all_completed = results.len() == targets.len() && results.iter().all(is_completed);
    Ok(if all_completed && !targets.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A file to upload, its key, and the beginning of the file names of its downloaded renditions.
struct UploadTarget<'a> {
    file: &'a Path,
    key: String,
    rendition_stem: String,
}

fn upload_targets<'a>(files: &'a [PathBuf], key_prefix: &str) -> anyhow::Result<Vec<UploadTarget<'a>>> {
    let (mut stems, mut keys) = (UniqueNames::default(), UniqueNames::default());
    let targets = files.iter().map(|file| {
        let key = format!("{key_prefix}/{}", keys.object_name(file)?);
        Ok(UploadTarget { file, key, rendition_stem: stems.rendition_stem(file) })
    });
    targets.collect()
}

/// Uploads one picture and prints its outcome. `None` means that an error was printed instead.
async fn upload_and_print(
    target: &UploadTarget<'_>,
    args: &UploadArgs,
    stack: &Stack,
    display: &ProgressDisplay,
) -> Option<UploadResult> {
    let start = Instant::now();
    let bar = display.add_bar(target.file);
    let result = upload_one(target, args, stack, display, &bar).await;
    bar.finish_and_clear();
    match result {
        Ok(result) => {
            display.print_result(target.file, &result, start.elapsed());
            Some(result)
        }
        Err(error) => {
            display.print_error(target.file, &error);
            None
        }
    }
}

async fn upload_one(
    target: &UploadTarget<'_>,
    args: &UploadArgs,
    stack: &Stack,
    display: &ProgressDisplay,
    bar: &ProgressBar,
) -> anyhow::Result<UploadResult> {
    let key = &target.key;
    if !args.replace {
        transfer::ensure_key_is_free(stack, key).await?;
    }
    let uploaded = transfer::upload_file(stack, target.file, key, bar).await?;
    bar.set_style(progress::waiting_style());

    let mut render_ms = HashMap::new();
    let on_step = |step: &Step| {
        display.print_step(target.file, step);
        render_ms.extend(step.render_times());
    };
    let outcome = outcome::wait_for_outcome(stack, &uploaded, on_step);
    let record = tokio::time::timeout(args.timeout, outcome).await.with_context(|| {
        format!("no outcome after {} s; its record is '{key}' in {}", args.timeout.as_secs(), stack.record_table)
    })??;
    if let Some(profile) = args.profile.as_ref().filter(|profile| **profile != record.upload.profile) {
        bail!(
            "this deployment has no profile '{profile}': '{key}' was rendered by '{}' (`darkroom profiles` lists those \
             that ship with Darkroom)",
            record.upload.profile
        );
    }
    let downloaded = match &args.out {
        Some(folder) => transfer::download_renditions(stack, &record, folder, &target.rendition_stem).await?,
        None => Vec::new(),
    };
    Ok(UploadResult { record, render_ms, downloaded })
}
