//! RIFF, the container of WebP: a header of 12 bytes, then chunks of a name, a length and a body.

use super::header_bytes::{HeaderBytes, Stop};

/// Where the first chunk begins: after `RIFF`, the length, and `WEBP`.
pub(super) const FIRST_CHUNK: u64 = 12;

const CHUNK_HEADER_LEN: u64 = 8;

/// A chunk. Offsets are relative to the file.
pub(super) struct Chunk {
    pub(super) name: [u8; 4],
    /// Where the body begins.
    pub(super) body: u64,
    pub(super) body_len: u64,
}

impl Chunk {
    /// Where the body ends by its length. That may be beyond the end of the file.
    pub(super) fn body_end(&self) -> u64 {
        self.body + self.body_len
    }
}

/// Reads the chunks of a file, or those within a chunk, in order.
pub(super) struct Chunks<'a> {
    bytes: &'a HeaderBytes<'a>,
    /// Where the next chunk begins.
    pub(super) at: u64,
}

impl<'a> Chunks<'a> {
    /// The chunks from that offset on.
    pub(super) fn starting_at(bytes: &'a HeaderBytes<'a>, at: u64) -> Self {
        Chunks { bytes, at }
    }

    /// The next chunk. Only its name and its length must be among the bytes given.
    pub(super) fn next_chunk(&mut self) -> Result<Chunk, Stop> {
        let [n0, n1, n2, n3, len @ ..] = self.bytes.array::<8>(self.at)?;
        let (body, body_len) = (self.at + CHUNK_HEADER_LEN, u32::from_le_bytes(len).into());
        // A body of odd length is followed by a padding byte.
        self.at = body + body_len + body_len % 2;
        Ok(Chunk { name: [n0, n1, n2, n3], body, body_len })
    }
}

/// The length of a WebP file by its RIFF header; `None` if `bytes` are not the start of a WebP.
pub(crate) fn file_len(bytes: &[u8]) -> Option<usize> {
    let (riff, rest) = bytes.split_first_chunk::<4>()?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    if riff != b"RIFF" || !rest.starts_with(b"WEBP") {
        return None;
    }
    usize::try_from(u32::from_le_bytes(*len)).ok()?.checked_add(8)
}

/// Writes the length of `webp` into its RIFF header. A file may be shorter than its header says.
pub(crate) fn set_file_len(webp: &mut [u8], len: u32) {
    if let Some(field) = webp.get_mut(4..8) {
        field.copy_from_slice(&len.saturating_sub(8).to_le_bytes());
    }
}

/// Cuts a file after its last complete chunk. Returns whether a part of a frame, or of a chunk's header, was cut off.
pub(crate) fn cut_incomplete_chunk(webp: &mut Vec<u8>) -> bool {
    let len = webp.len() as u64;
    let header_bytes = HeaderBytes { bytes: webp, distant: &[], source_byte_len: len };
    let mut chunks = Chunks::starting_at(&header_bytes, FIRST_CHUNK);
    let (mut end, mut lacks_frame) = (FIRST_CHUNK, len > FIRST_CHUNK);
    while let Ok(chunk) = chunks.next_chunk() {
        if chunk.body_end() > len {
            lacks_frame = &chunk.name == b"ANMF";
            break;
        }
        end = chunks.at.min(len);
        lacks_frame = end < len;
    }
    webp.truncate(usize::try_from(end).unwrap_or(usize::MAX));
    if let Ok(end) = u32::try_from(end) {
        set_file_len(webp, end);
    }
    lacks_frame
}

/// The body of the first chunk with this name. `None` if there is no such chunk, or if it is truncated.
pub(crate) fn find_chunk<'a>(webp: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let bytes = HeaderBytes::starting_with(webp);
    let mut chunks = Chunks::starting_at(&bytes, FIRST_CHUNK);
    while let Ok(chunk) = chunks.next_chunk() {
        if chunk.name == *name {
            return bytes.get(chunk.body, chunk.body_len).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBP: &[u8] = b"RIFF\x27\0\0\0WEBPODD \x03\0\0\0abc\0ICCP\x04\0\0\0icc!TAIL\x09\0\0\0cut";

    #[test]
    fn padding_after_a_chunk_is_skipped() {
        assert_eq!(find_chunk(WEBP, b"ODD "), Some(&b"abc"[..]));
        assert_eq!(find_chunk(WEBP, b"ICCP"), Some(&b"icc!"[..]));
        assert_eq!(find_chunk(WEBP, b"NONE"), None);
    }

    #[test]
    fn a_truncated_chunk_is_not_found() {
        assert_eq!(find_chunk(WEBP, b"TAIL"), None);
        assert_eq!(find_chunk(&WEBP[..5], b"ODD "), None);
    }

    #[test]
    fn the_file_length_is_read_from_the_header_of_a_webp() {
        assert_eq!(file_len(WEBP), Some(47));
        assert_eq!(file_len(&WEBP[..11]), None);
        assert_eq!(file_len(b"RIFF\x27\0\0\0WAVE"), None);
    }
}
