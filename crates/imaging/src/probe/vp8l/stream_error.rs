//! Errors of reading a lossless stream.

use crate::Rejection;
use crate::probe::header_bytes::Stop;

/// Why the memory of a stream is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::probe) enum StreamError {
    /// The bytes end.
    End,
    /// The stream is invalid. libwebp rejects it, too.
    Invalid,
}

impl StreamError {
    /// The result for a caller that was given `given` bytes of the file, whose stream ends at `stream_end`.
    pub(in crate::probe) fn stop(self, given: u64, stream_end: u64) -> Stop {
        match self {
            StreamError::End if given < stream_end => Stop::NeedMore { byte_len: given + 1 },
            StreamError::End => Rejection::corrupt("its pixels end early").into(),
            StreamError::Invalid => Rejection::corrupt("its prefix codes are invalid").into(),
        }
    }
}
