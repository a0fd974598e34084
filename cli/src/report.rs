//! What people look at: lines, tables, sizes.

use std::{
    fmt::{self, Display, Write as _},
    io::{self, ErrorKind, Write as _},
    process,
};

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use pipeline::lambda::logging::steers;

/// Prints a line on the standard output.
///
/// If its reader has gone (`darkroom show … | head`), the line is dropped and the work goes on. Keys and file names may
/// hold anything: characters that would steer a terminal, or turn text around, are written as `\u202e`, which is what
/// JSON calls them, too.
pub(crate) fn say(line: impl Display) {
    write(io::stdout().lock(), line);
}

/// Prints a line on the standard error, as [`say`] does.
pub(crate) fn complain(line: impl Display) {
    write(io::stderr().lock(), line);
}

fn write(mut out: impl io::Write, line: impl Display) {
    match writeln!(out, "{}", Harmless(line)) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "darkroom: cannot print the result: {error}");
            process::exit(2);
        }
        _ => {}
    }
}

/// The same for a message that something else prints, a progress bar.
pub(crate) fn harmless(text: impl Display) -> String {
    Harmless(text).to_string()
}

/// Text that steers no terminal.
struct Harmless<T>(T);

impl<T: Display> Display for Harmless<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            if steers(letter) {
                write!(self.0, "\\u{:04x}", u32::from(letter))?;
            } else {
                self.0.write_char(letter)?;
            }
        }
        Ok(())
    }
}

/// A table: names first, numbers flush right, and where it lies last.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(1).take(header.len().saturating_sub(2)) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Bytes with thousands apart: `1 234 567`.
pub(crate) fn bytes(byte_len: u64) -> String {
    let digits = byte_len.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn text_from_strangers_steers_no_terminal() {
        for (text, expected) in [
            ("a b\nc é 図", "a b\nc é 図"),
            ("\u{1b}[2Jgone", "\\u001b[2Jgone"),
            ("gpj.\u{202e}cat", "gpj.\\u202ecat"),
            ("bell\u{7} csi\u{9b}1m", "bell\\u0007 csi\\u009b1m"),
            ("\u{2066}x\u{2069}", "\\u2066x\\u2069"),
        ] {
            assert_eq!(Harmless(text).to_string(), expected);
        }
    }

    #[test]
    fn json_is_still_json() {
        let json = serde_json::json!({ "key": "a\u{202e}b\u{7f}\n" });
        let printed = Harmless(&json).to_string();
        assert!(printed.is_ascii());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), json);
    }

    #[test]
    fn thousands_stand_apart() {
        for (byte_len, expected) in
            [(0, "0"), (999, "999"), (1000, "1 000"), (1234567, "1 234 567")]
        {
            assert_eq!(bytes(byte_len).replace('\u{202f}', " "), expected);
        }
    }
}
