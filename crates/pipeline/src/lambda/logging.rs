//! Logs: lines of JSON on standard output, each with the key of its picture.

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

/// Writes `tracing` events to standard output as JSON, and panics as errors.
///
/// `RUST_LOG` filters by level and target, such as `info,aws_config=debug`. The default is `info`, also if the variable
/// is wrong.
///
/// `span` has the fields of the surrounding span: execution, key and, if there is one, rendition. Keys, ETags and sizes
/// may be logged, contents and credentials never. A key may have any character: those that control a terminal are
/// escaped, such as `\u202e`.
pub fn init() {
    // Not `EnvFilter`: it also filters by fields, for which it needs regular expressions.
    let filter = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false).with_target(false);
    let lines = lines.with_writer(|| EscapingWriter::<Stdout>(io::stdout()));
    // No error if there is a subscriber: tests start several functions in one process.
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
    panics::report_all();
}

/// Whether a character controls a terminal or reorders the text around it (Unicode's bidirectional marks). A line feed
/// does not count.
fn is_terminal_control(letter: char) -> bool {
    let is_mark = matches!(
        letter,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    is_mark || letter.is_control() && letter != '\n'
}

/// Escapes terminal controls in lines of JSON.
// They can only be part of a string there. `tracing` writes each line in one call.
struct EscapingWriter<W>(W);

impl<W: io::Write> io::Write for EscapingWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) if text.contains(is_terminal_control) => {
                self.0.write_all(escape_terminal_controls(text).as_bytes())?
            }
            _ => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The text with every character that controls a terminal escaped as in JSON: `\u202e`.
pub fn escape_terminal_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_terminal_control(letter) {
            // All of them are below U+10000, which JSON escapes with four digits.
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
    fn a_key_in_the_log_cannot_control_a_terminal() {
        let key = "gpj.\u{202e}cat\u{1b}[2J\u{9b}1m \u{7f}ü図\n";
        let (log, lines) = (Shared::default(), fmt::layer().json().flatten_event(true));
        let to = log.clone();
        let lines = lines.with_writer(move || EscapingWriter(to.clone()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!(key, "done");
        });
        let line = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(!line.contains(is_terminal_control), "{line:?}");
        assert_eq!(line.matches('\n').count(), 1, "one line: {line:?}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["key"], key, "the parsed key is unchanged");
    }
}
