//! Profiles in a file that is deployed with the functions. Unlike the environment variable, the file has no length
//! limit.
//!
//! The deployment states the digest of the file. If the package has no such file, or one with another digest, the cold
//! start fails: a function never runs with other profiles than the deployment intended.

use std::{fs, io, path::Path};

use sha2::{Digest, Sha256};

/// Prefix of the digest in the variable `PROFILES`.
pub(crate) const PREFIX: &str = "packaged:";

/// Name of the file, in the folder of the function's program.
const FILE: &str = "profiles.json";

/// How many hexadecimal digits of the SHA-256 are compared.
const DIGITS: usize = 10;

/// Why the packaged file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackagedError {
    /// The package has no file of profiles.
    #[error("the package has no {FILE}: deploy with make deploy PROFILES=file.json ({0})")]
    Missing(io::Error),
    /// The digest of the file is not the one that the deployment stated.
    #[error("the packaged {FILE} has the digest {found}, not {wanted}: deploy with make deploy PROFILES=file.json")]
    WrongDigest {
        /// The digest that the deployment stated.
        wanted: String,
        /// The digest of the file.
        found: String,
    },
}

/// Reads the file and compares its digest with `wanted`.
///
/// # Errors
/// If the file is missing, is not UTF-8, or has another digest.
pub(crate) fn read(folder: &Path, wanted: &str) -> Result<String, PackagedError> {
    let text = fs::read_to_string(folder.join(FILE)).map_err(PackagedError::Missing)?;
    let found = digest(text.as_bytes());
    if found == wanted { Ok(text) } else { Err(PackagedError::WrongDigest { wanted: wanted.to_owned(), found }) }
}

/// The first digits of the SHA-256 of `bytes`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(bytes));
    digits.truncate(DIGITS);
    digits
}
