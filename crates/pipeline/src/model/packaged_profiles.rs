//! Profiles in a file that is deployed with the functions: no limit on their length, and nothing to quote.
//!
//! The deployment names the file by its digest, so that a function never starts with other profiles than the
//! deployment meant: a package without the file, or with an older one, stops the cold start.

use std::{fs, io, path::Path};

use sha2::{Digest, Sha256};

/// What `PROFILES` begins with, before the digest.
pub(crate) const PREFIX: &str = "packaged:";

/// The file's name, beside the function's program.
const FILE: &str = "profiles.json";

/// How many hexadecimal digits of the file's SHA-256 name it.
const DIGITS: usize = 10;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackagedError {
    /// The package has no such file.
    #[error("this package has no {FILE}: deploy with make deploy PROFILES=file.json ({0})")]
    Missing(io::Error),
    /// The package has another file than the deployment named.
    #[error(
        "the packaged {FILE} is {found}, not {wanted}: deploy with make deploy PROFILES=file.json"
    )]
    Other {
        /// The digest that the deployment named.
        wanted: String,
        /// The digest of what is there.
        found: String,
    },
}

/// The file's text, if it has that digest.
///
/// # Errors
/// If it is not there, is not text, or has another digest.
pub(crate) fn read(folder: &Path, wanted: &str) -> Result<String, PackagedError> {
    let text = fs::read_to_string(folder.join(FILE)).map_err(PackagedError::Missing)?;
    let found = digest(text.as_bytes());
    if found == wanted {
        Ok(text)
    } else {
        Err(PackagedError::Other { wanted: wanted.to_owned(), found })
    }
}

/// The first digits of the SHA-256 of these bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(bytes));
    digits.truncate(DIGITS);
    digits
}
