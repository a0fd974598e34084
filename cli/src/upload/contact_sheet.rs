//! The contact sheet: an HTML page in the output folder that shows the downloaded renditions of each picture.

use std::{
    fmt::{self, Display, Write},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use indicatif::HumanCount;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pipeline::Rendition;

use super::result::UploadResult;

/// Everything but the characters that may stand in a relative link as they are.
const ENCODED_IN_LINKS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Darkroom: renditions</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { margin: 1rem auto; max-width: 75rem; padding: 0 1rem }
  .renditions { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem; align-items: end }
  figure { margin: 0 }
  img { max-width: 100%; height: auto; display: block }
  figcaption { font-size: .875rem }
</style>
"#;

/// Writes `index.html` into the folder of the downloaded renditions, and returns its path.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write(folder: &Path, results: &[UploadResult]) -> anyhow::Result<PathBuf> {
    let path = folder.join("index.html");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, page_html(folder, results)))
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

fn page_html(folder: &Path, results: &[UploadResult]) -> String {
    let mut html = HEAD.to_owned();
    for result in results {
        write_section(&mut html, folder, result).expect("writing to a String cannot fail");
    }
    html
}

fn write_section(html: &mut String, folder: &Path, result: &UploadResult) -> fmt::Result {
    let record = &result.record;
    writeln!(html, "<h1>{}</h1>", HtmlEscaped(&record.key))?;
    let status = record.status.as_str();
    let why = record.rejection.as_ref().map(|rejection| format!(": {}", rejection.message));
    let bytes = HumanCount(record.upload.byte_len);
    writeln!(html, "<p>{status}{}, from {bytes} bytes</p>", HtmlEscaped(&why.unwrap_or_default()))?;
    writeln!(html, "<div class=\"renditions\">")?;
    for (rendition, file) in record.renditions.iter().zip(&result.downloaded) {
        write_figure(html, rendition, file.strip_prefix(folder).unwrap_or(file))?;
    }
    writeln!(html, "</div>")
}

fn write_figure(html: &mut String, rendition: &Rendition, file: &Path) -> fmt::Result {
    let Rendition { name, width, height, byte_len, .. } = rendition;
    let file = file.to_string_lossy();
    let link = utf8_percent_encode(&file, ENCODED_IN_LINKS);
    let (name, bytes) = (HtmlEscaped(name), HumanCount(*byte_len));
    writeln!(
        html,
        "<figure><a href=\"{link}\"><img src=\"{link}\" width=\"{width}\" height=\"{height}\" alt=\"{name}\"></a>\
         <figcaption>{name}: {width}×{height}, {bytes} bytes</figcaption></figure>"
    )
}

/// Displays text, escaped for HTML.
struct HtmlEscaped<'a>(&'a str);

impl Display for HtmlEscaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn upload_result(record: serde_json::Value, downloaded: &[&str]) -> UploadResult {
        let mut whole = json!({
            "key": "uploads/a.jpg", "status": "completed", "sequencer": "00", "etag": "e", "byte_len": 1234,
            "profile": "web", "execution": "arn", "received_at": "2026-05-01T12:00:00Z",
        });
        whole.as_object_mut().unwrap().extend(record.as_object().unwrap().clone());
        UploadResult {
            record: serde_json::from_value(whole).unwrap(),
            render_ms: Default::default(),
            downloaded: downloaded.iter().map(PathBuf::from).collect(),
        }
    }

    #[test]
    fn links_to_renditions_are_relative_to_the_folder() {
        let renditions = json!({"renditions": [
            {"name": "small", "key": "k", "format": "webp", "width": 30, "height": 20, "byte_len": 99},
        ]});

        let html = page_html(Path::new("out"), &[upload_result(renditions, &["out/a & b-small.webp"])]);

        let img = r#"<img src="a%20%26%20b-small.webp" width="30" height="20" alt="small">"#;
        assert!(html.contains(img), "{html}");
        assert!(html.contains("small: 30×20, 99 bytes"), "{html}");
    }

    #[test]
    fn keys_and_messages_are_escaped() {
        let rejected = json!({
            "key": "uploads/<script>\"&.jpg", "status": "rejected",
            "rejection": {"code": "corrupt", "message": "<b>"},
        });

        let html = page_html(Path::new("out"), &[upload_result(rejected, &[])]);

        assert!(html.contains("<h1>uploads/&lt;script&gt;&quot;&amp;.jpg</h1>"), "{html}");
        assert!(html.contains("rejected: &lt;b&gt;, from"), "{html}");
    }
}
