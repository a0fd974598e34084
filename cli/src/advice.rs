//! What the owner of a rejected picture can do.

use imaging::RejectionCode;

/// One sentence for the code of a rejection.
pub(crate) fn advice(code: RejectionCode) -> &'static str {
    match code {
        RejectionCode::NotAnImage => "upload a picture, and check that the file is not cut or renamed",
        RejectionCode::UnsupportedFormat => "convert the picture, or add the format to `accepts` of the profile",
        RejectionCode::TooManyBytes | RejectionCode::TooManyPixels | RejectionCode::TooManyFrames => {
            "make the picture smaller, or raise the limit in `limits` of the profile"
        }
        RejectionCode::TooMuchMemory => "make the picture smaller, or raise ResizeMemorySize of the stack",
        RejectionCode::TooMuchTime => "save the picture in another format, without many scans or frames",
        RejectionCode::TooManyScans => "save the picture again, as a baseline JPEG",
        RejectionCode::Empty => "upload the file again: it has no bytes",
        RejectionCode::UnsupportedKey => "upload the picture under another key",
        RejectionCode::Corrupt => "open the picture in an editor and save it again, or upload another copy",
        // A new code has no advice of its own before it is added here.
        #[allow(unreachable_patterns)]
        _ => "upload another picture",
    }
}
