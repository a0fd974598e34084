//! Prints progress bars, steps and outcomes.

use std::{fs, path::Path, time::Duration};

use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressStyle};

use super::result::UploadResult;
use crate::{history::Step, terminal};

/// Prints lines above the progress bars: each line suspends them, so that they do not overlap.
pub(super) struct ProgressDisplay {
    bars: MultiProgress,
    json: bool,
}

impl ProgressDisplay {
    pub(super) fn new(json: bool) -> Self {
        Self { bars: MultiProgress::new(), json }
    }

    /// Adds a progress bar for the bytes of a file.
    pub(super) fn add_bar(&self, file: &Path) -> ProgressBar {
        let byte_len = fs::metadata(file).map(|file| file.len()).unwrap_or_default();
        let bar = ProgressBar::new(byte_len).with_style(sending_style());
        self.bars.add(bar.with_message(terminal::escape(file.display())))
    }

    /// Prints a state that the execution has left. With `--json`, prints nothing.
    pub(super) fn print_step(&self, file: &Path, step: &Step) {
        if !self.json {
            let ms = step.duration_ms.unwrap_or_default();
            let line = format!("{}  {:<34} {ms:>7} ms", file.display(), step.title());
            self.bars.suspend(|| terminal::print(line));
        }
    }

    /// Prints the record of a picture: its renditions, or why it was rejected or failed.
    pub(super) fn print_result(&self, file: &Path, result: &UploadResult, elapsed: Duration) {
        let (file, record) = (file.display(), &result.record);
        self.bars.suspend(|| {
            if self.json {
                terminal::print(serde_json::json!(record));
                return;
            }
            let status = record.status.as_str();
            if let Some(rejection) = &record.rejection {
                let (code, message) = (rejection.code, &rejection.message);
                terminal::print_error(format_args!("{file}: {status}: {message} ({code})"));
            } else if let Some(failure) = &record.failure {
                let (error, cause) = (&failure.error, &failure.cause);
                terminal::print_error(format_args!("{file}: {status}: {error}: {cause}"));
                terminal::print_error(format_args!("  the execution is {}", record.upload.execution));
            } else {
                let (seconds, key) = (elapsed.as_secs_f64(), &record.key);
                terminal::print(format_args!("{file}: {status} in {seconds:.2} s, key {key}"));
                terminal::print(rendition_table(result));
            }
        });
    }

    /// Prints the error of an upload that has no outcome.
    pub(super) fn print_error(&self, file: &Path, error: &anyhow::Error) {
        let line = format!("{}: {error:#}", file.display());
        self.bars.suspend(|| terminal::print_error(line));
    }
}

fn rendition_table(result: &UploadResult) -> comfy_table::Table {
    let ms = |name: &str| result.render_ms.get(name).map(u64::to_string).unwrap_or_default();
    let rows = result.record.renditions.iter().enumerate().map(|(index, rendition)| {
        let file = result.downloaded.get(index).map(|path| path.display().to_string());
        vec![
            rendition.name.clone(),
            format!("{}×{}", rendition.width, rendition.height),
            HumanCount(rendition.byte_len).to_string(),
            ms(&rendition.name),
            file.unwrap_or_else(|| rendition.key.clone()),
        ]
    });
    let last = if result.downloaded.is_empty() { "key" } else { "file" };
    terminal::table(&["rendition", "size", "bytes", "ms", last], rows)
}

fn sending_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {wide_msg}").expect("the template is valid")
}

/// The style of a bar once the file is uploaded and its outcome is awaited.
pub(super) fn waiting_style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}").expect("the template is valid")
}
