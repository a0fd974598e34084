//! Prints renditions and errors.

use std::path::{Path, PathBuf};

use imaging::{Damage, HdrTransfer, Rejection, Rendered};
use indicatif::HumanCount;
use serde_json::json;

use crate::{panics, terminal};

/// A rendition that was written to a file.
pub(super) struct RenditionFile {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) rendered: Rendered,
    /// How long decoding, resizing and encoding took, in milliseconds.
    pub(super) ms: f64,
}

/// Prints the renditions of a file: a table, or one JSON object per line.
pub(super) fn print_renditions(input: &Path, files: &[RenditionFile], json: bool) {
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
                "tone_mapped": file.rendered.tone_mapped,
                "damaged": file.rendered.damaged,
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
    // All renditions of a file have the same source.
    if let Some(transfer) = files.iter().find_map(|file| file.rendered.tone_mapped) {
        let name = match transfer {
            HdrTransfer::Pq => "PQ",
            HdrTransfer::Hlg => "HLG",
        };
        terminal::print(format_args!(
            "tone-mapped: the picture has a high dynamic range ({name}), its renditions have not"
        ));
    }
    print_damage(input, files);
}

/// Says on standard error how much of a damaged picture was rendered.
pub(super) fn print_damage(input: &Path, files: &[RenditionFile]) {
    let damages = files.iter().filter_map(|file| file.rendered.damaged.as_ref());
    if let Some(Damage { reason, decoded }) = damages.min_by_key(|damage| damage.decoded) {
        terminal::print_error(format_args!("{}: damaged: {reason}; {decoded} of it is rendered", input.display()));
    }
}

/// Prints the message and the code of a rejection, or of an error. The code of an error is `failed`.
pub(super) fn print_error(input: &Path, error: &anyhow::Error, json: bool) {
    let rejection = error.downcast_ref::<Rejection>();
    let code = rejection.map_or("failed".to_owned(), |rejection| rejection.code().to_string());
    let mut message = format!("{error:#}");
    if let Some(advice) = panics::take_advice() {
        message = format!("{message}; {advice}");
    }
    if json {
        let error = json!({ "code": code, "message": message });
        terminal::print(json!({ "file": input.to_string_lossy(), "error": error }));
    } else {
        terminal::print_error(format_args!("{}: {message} ({code})", input.display()));
    }
}
