//! Why decoding failed.

use std::io;

/// Why decoding failed. Every variant but [`DecodeError::Read`] means that the file is corrupt.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The reader failed.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file ends before the scan is complete.
    #[error("the file ends before the picture does")]
    Truncated,
    /// A marker follows before the scan is complete.
    #[error("a scan's data ends before the picture does")]
    MissingData,
    /// The bits match no code of the Huffman table.
    #[error("a Huffman code is in no table")]
    UnknownCode,
    /// A restart marker is missing, or has another number than the expected one.
    #[error("restart markers are missing or out of order")]
    RestartOrder,
}
