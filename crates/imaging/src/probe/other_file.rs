//! Names files that are not pictures, so that the message says what was uploaded.

/// What a file looks like, with its article. `None` if that is unknown.
pub(super) fn other_file(start: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, mark: &[u8]| start.get(offset..offset + mark.len()) == Some(mark);
    if at(4, b"ftyp") {
        return Some(match start.get(8..12)? {
            b"qt  " => "a video (MOV)",
            b"M4A " | b"M4B " | b"M4P " => "a sound file (M4A)",
            [b'3', b'g', ..] => "a video (3GP)",
            _ => "a video (MP4)",
        });
    }
    if [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"].iter().any(|name| at(4, *name)) {
        return Some("a video (MOV)");
    }
    if at(0, b"\x1A\x45\xDF\xA3") {
        return Some(if contains(start, b"webm") { "a video (WebM)" } else { "a video (Matroska)" });
    }
    if at(0, b"RIFF") {
        return Some(match start.get(8..12)? {
            b"AVI " => "a video (AVI)",
            b"WAVE" => "a sound file (WAV)",
            _ => return None,
        });
    }
    if at(0, b"PK\x03\x04") {
        return Some(zip(start));
    }
    if at(0, b"G") && at(188, b"G") && at(376, b"G") {
        return Some("a video (MPEG)");
    }
    if at(257, b"ustar") {
        return Some("an archive (tar)");
    }
    let named = SIGNATURES.iter().find(|(signature, _)| at(0, signature)).map(|(_, name)| *name);
    named.or_else(|| text(start))
}

const SIGNATURES: [(&[u8], &str); 27] = [
    (b"\0\0\x01\xBA", "a video (MPEG)"),
    (b"\0\0\x01\xB3", "a video (MPEG)"),
    (b"FLV\x01", "a video (FLV)"),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "a video (WMV)"),
    (b"OggS", "a video or sound file (Ogg)"),
    (b"ID3", "a sound file (MP3)"),
    (b"\xFF\xFB", "a sound file (MP3)"),
    (b"fLaC", "a sound file (FLAC)"),
    (b"FORM", "a sound file (AIFF)"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"PK\x05\x06", "an empty archive (ZIP)"),
    (b"\x1F\x8B", "an archive (gzip)"),
    (b"BZh", "an archive (bzip2)"),
    (b"\xFD7zXZ\0", "an archive (xz)"),
    (b"\x28\xB5\x2F\xFD", "an archive (Zstandard)"),
    (b"7z\xBC\xAF\x27\x1C", "an archive (7z)"),
    (b"Rar!\x1A\x07", "an archive (RAR)"),
    (b"MZ", "a program"),
    (b"\x7FELF", "a program"),
    (b"\xCF\xFA\xED\xFE", "a program"),
    (b"\xCA\xFE\xBA\xBE", "a program"),
    (b"SQLite format 3\0", "a database (SQLite)"),
    (b"\0\x01\0\0\0", "a font"),
    (b"OTTO", "a font"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
];

/// Documents of Office and others are ZIP archives. The names of their first files say what they are.
fn zip(start: &[u8]) -> &'static str {
    let has = |mark: &[u8]| contains(start, mark);
    match () {
        () if has(b"word/") => "a Word document",
        () if has(b"xl/") => "an Excel document",
        () if has(b"ppt/") => "a PowerPoint document",
        () if has(b"[Content_Types].xml") => "an Office document",
        () if has(b"mimetypeapplication/vnd.oasis.opendocument") => "an OpenDocument file",
        () if has(b"mimetypeapplication/epub+zip") => "an e-book (EPUB)",
        () => "an archive (ZIP)",
    }
}

/// HTML, XML, JSON and other text.
fn text(start: &[u8]) -> Option<&'static str> {
    let is_wide = start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF");
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let is_text = match std::str::from_utf8(text) {
        Ok(_) => true,
        // A character may be cut at the end.
        Err(error) => error.error_len().is_none(),
    };
    let is_printed = text.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C));
    if is_wide {
        return Some("text");
    }
    if text.is_empty() || !is_text || !is_printed {
        return None;
    }
    let begins_with = |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
    Some(match text {
        _ if ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| begins_with(tag)) => "an HTML page",
        _ if begins_with("<?xml") => {
            if contains(text, b"<html") {
                "an HTML page"
            } else {
                "an XML document"
            }
        }
        [b'{' | b'[', ..] => "JSON",
        _ => "text",
    })
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
