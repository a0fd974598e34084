//! What people look at: tables, sizes, lines that do not tear a progress bar.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

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
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (byte_len, expected) in
            [(0, "0"), (999, "999"), (1000, "1 000"), (1234567, "1 234 567")]
        {
            assert_eq!(bytes(byte_len).replace('\u{202f}', " "), expected);
        }
    }
}
