//! Why decoding failed.

use std::io;

/// Why decoding failed.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The reader failed.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file is corrupt.
    #[error("{}", .0.fault)]
    Damaged(ScanDamage),
}

/// What is wrong with the data of a scan, and how much of the picture is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanDamage {
    /// The first fault that was found.
    pub fault: ScanFault,
    /// Bytes of the source, from the start of the scan's data, before the place where the fault was noticed. Stuffed bytes
    /// within the last 64 KiB are not counted.
    pub offset: u64,
    /// MCUs before the fault.
    pub mcus_before: u64,
    /// MCUs that are missing or may be wrong, among those that were read so far.
    pub mcus_missing: u64,
    /// All MCUs of the picture.
    pub mcus: u64,
}

/// A fault in the data of a scan. `Display` gives a clause that "at byte 7" can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanFault {
    /// The file ends before the scan is complete.
    #[error("the file ends")]
    Truncated,
    /// A marker follows before the scan is complete.
    #[error("the data of a scan ends")]
    MissingData,
    /// The bits match no code of the Huffman table.
    #[error("a Huffman code is in no table")]
    UnknownCode,
    /// A restart marker is missing, or has another number than the expected one.
    #[error("restart markers are missing or out of order")]
    RestartOrder,
}
