//! Small pictures as text, for tables of cases.

use image::RgbaImage;

/// A row per word, a letter per pixel. `.` is transparent, and `~` follows a pixel that is partly transparent.
///
/// The letters are `r`, `g`, `b`, `k` (black), `w` (white) and `e` (128, 128, 128).
pub(crate) fn letters(picture: &RgbaImage) -> String {
    let letter = |pixel: &image::Rgba<u8>| match pixel.0 {
        [_, _, _, 0] => ".".to_owned(),
        [r, g, b, alpha] => {
            let letter = match [r, g, b] {
                [255, 0, 0] => 'r',
                [0, 255, 0] => 'g',
                [0, 0, 255] => 'b',
                [0, 0, 0] => 'k',
                [255, 255, 255] => 'w',
                [128, 128, 128] => 'e',
                other => return format!("{other:?}"),
            };
            if alpha == 255 { letter.to_string() } else { format!("{letter}~") }
        }
    };
    let rows: Vec<String> = picture.rows().map(|row| row.map(letter).collect()).collect();
    rows.join(" ")
}
