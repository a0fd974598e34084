//! Output for people: lines and tables.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write as _},
    process,
};

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use pipeline::lambda::logging::escape_terminal_controls;

/// Prints a line on standard output.
///
/// If the reader of a pipe has exited (`darkroom show … | head`), the line is dropped and the command continues. Keys
/// and file names may hold any character. Those that would control a terminal, or change the direction of text, are
/// printed as `\u202e`, which is also their form in JSON.
pub(crate) fn print(line: impl Display) {
    write_line(io::stdout().lock(), line);
}

/// Prints a line on standard error, escaped as [`print()`] does.
pub(crate) fn print_error(line: impl Display) {
    write_line(io::stderr().lock(), line);
}

fn write_line(mut out: impl io::Write, line: impl Display) {
    match writeln!(out, "{}", escape(line)) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "darkroom: cannot print the result: {error}");
            process::exit(2);
        }
        _ => {}
    }
}

/// The text of a value, with the characters that control a terminal escaped.
pub(crate) fn escape(value: impl Display) -> String {
    escape_terminal_controls(&value.to_string())
}

/// A table. The first and the last column are aligned left, the numbers between them right.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(1).take(header.len().saturating_sub(2)) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_control_a_terminal_are_escaped() {
        for (text, expected) in [
            ("a b\nc é 図", "a b\nc é 図"),
            ("\u{1b}[2Jgone", "\\u001b[2Jgone"),
            ("gpj.\u{202e}cat", "gpj.\\u202ecat"),
            ("bell\u{7} csi\u{9b}1m", "bell\\u0007 csi\\u009b1m"),
            ("\u{2066}x\u{2069}", "\\u2066x\\u2069"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let json = serde_json::json!({ "key": "a\u{202e}b\u{7f}\n" });
        let printed = escape(&json);
        assert!(printed.is_ascii());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), json);
    }
}
