//! Logs: one JSON object a line on standard output, each with the picture that it is about.

use std::{
    fmt::Write as _,
    io::{self, Stdout},
};

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use super::panics;

/// Sends `tracing` to standard output as JSON. `RUST_LOG` filters by level and target, such as
/// `info,aws_config=debug`; `info` if it is absent or wrong. A panic becomes an error's line as well.
///
/// Keys may hold anything: characters that control a terminal are written as JSON's `\u202e`.
///
/// Every line carries the fields of the span around it under `span`: execution, key and, where
/// there is one, rendition. Sources, ETags and sizes may be logged; contents and credentials never.
pub fn init() {
    // Not `EnvFilter`, which also filters by fields, and brings regular expressions for that.
    let filter = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false).with_target(false);
    let lines = lines.with_writer(|| Escaping::<Stdout>(io::stdout()));
    // Twice is not an error: tests start several functions in one process.
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
    panics::report_all();
}

/// Whether a terminal would act on it, or order the text around it anew (Unicode's bidirectional marks). A line's end is
/// no such character.
fn steers(letter: char) -> bool {
    let is_mark = matches!(letter, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_mark || letter.is_control() && letter != '\n'
}

/// Takes lines of JSON, each in one call, as `tracing` writes them. What steers stands within a string there.
struct Escaping<W>(W);

impl<W: io::Write> io::Write for Escaping<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) if text.contains(steers) => self.0.write_all(escaped(text).as_bytes())?,
            _ => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The text, with every character that would control a terminal written as JSON writes it: `\u202e`.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if steers(letter) {
            // All of them are below U+10000, which JSON writes in four digits.
            let _ = write!(escaped, "\\u{:04x}", u32::from(letter));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_key_steers_no_terminal_that_shows_the_log() {
        let key = "gpj.\u{202e}cat\u{1b}[2J\u{9b}1m \u{7f}ü図\n";
        let (log, lines) = (Shared::default(), fmt::layer().json().flatten_event(true));
        let to = log.clone();
        let lines = lines.with_writer(move || Escaping(to.clone()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!(key, "done");
        });
        let line = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(!line.contains(steers), "{line:?}");
        assert_eq!(line.matches('\n').count(), 1, "one line: {line:?}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["key"], key, "the log holds the key as it is");
    }
}
