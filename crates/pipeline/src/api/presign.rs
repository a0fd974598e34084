//! Presigns an upload: a URL that accepts exactly the announced file.

use std::{collections::BTreeMap, time::Duration};

use imaging::Format;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ApiPorts;
use crate::{
    KeyError, Profile, Profiles, Result, Timestamp, check_key,
    ports::{PresignTerms, Sources},
};

/// How long the URL of an upload is valid.
pub const UPLOAD_VALID: Duration = Duration::from_secs(5 * 60);
/// Maximum length of a file name.
// The limit of most file systems.
const MAX_FILE_NAME_BYTES: usize = 255;
/// Maximum length of a content type with its parameters.
const MAX_CONTENT_TYPE_BYTES: usize = 128;

/// The file that a caller wants to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with filename, content_type, byte_len and, if wanted, profile")]
pub struct UploadRequest {
    /// Name of the file. It becomes the end of the key.
    pub filename: String,
    /// Media type, as the upload will send it. Aliases such as `image/jpg` and parameters are accepted.
    pub content_type: String,
    /// Size in bytes.
    pub byte_len: u64,
    /// Name of the profile to render with; absent: the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// Where and how to upload the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresignedUpload {
    /// The source key that the picture will have.
    pub key: String,
    /// The URL to `PUT` the bytes to.
    pub url: String,
    /// The headers that the `PUT` must have.
    pub headers: BTreeMap<String, String>,
    /// Time until which the URL is valid.
    pub expires_at: Timestamp,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Name of the field.
    pub field: String,
    /// For people: names the limit and the value found.
    pub detail: String,
    /// What is allowed.
    pub limit: serde_json::Value,
    /// What was found.
    pub value: serde_json::Value,
}

impl FieldError {
    /// The error of the field with that name.
    pub fn new(
        field: &str,
        detail: String,
        limit: impl Into<serde_json::Value>,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        Self { field: field.to_owned(), detail, limit: limit.into(), value: value.into() }
    }
}

/// Presigns an upload, or returns everything that is wrong with the request.
///
/// # Errors
/// If the port fails.
pub async fn presign(
    request: &UploadRequest,
    now: Timestamp,
    profiles: &Profiles,
    ports: &impl ApiPorts,
) -> Result<Result<PresignedUpload, Vec<FieldError>>> {
    let errors = check_request(request, profiles);
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    let folder = request.profile.as_deref().unwrap_or("uploads");
    let terms = PresignTerms {
        // S3 accepts the upload only if the key is free, so it has a random part.
        key: format!("{folder}/{}/{}", Uuid::new_v4(), request.filename),
        // As the client has written it: it sends the same, and a signature covers every character.
        content_type: request.content_type.trim_ascii().to_owned(),
        byte_len: request.byte_len,
        valid: UPLOAD_VALID,
    };
    let signed = ports.sources().presign_put(ports.source_bucket(), &terms).await?;
    Ok(Ok(PresignedUpload {
        key: terms.key,
        url: signed.url,
        headers: signed.headers.into_iter().collect(),
        expires_at: now.plus(UPLOAD_VALID),
    }))
}

fn check_request(request: &UploadRequest, profiles: &Profiles) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = check_file_name(&request.filename).err().into_iter().collect();
    match find_profile(request.profile.as_deref(), profiles) {
        Ok(profile) => {
            errors.extend(check_byte_len(request.byte_len, profile).err());
            errors.extend(check_content_type(&request.content_type, profile).err());
        }
        // Both checks need the profile: without a valid one, they are left out.
        Err(error) => errors.push(error),
    }
    errors
}

fn check_file_name(name: &str) -> Result<(), FieldError> {
    let problem = if name.is_empty() {
        "is empty"
    } else if name.len() > MAX_FILE_NAME_BYTES {
        "is longer than 255 bytes"
    } else if name.contains(['/', '\\']) {
        "has a path separator"
    } else if name == "." || name == ".." {
        "is a relative path"
    } else if let Err(KeyError::Control(_)) = check_key(name) {
        "has a control character"
    } else {
        return Ok(());
    };
    let limit = "1 to 255 bytes without /, \\ and control characters, and not . or ..";
    Err(FieldError::new("filename", format!("the file name {problem}"), limit, name))
}

fn find_profile<'a>(name: Option<&str>, profiles: &'a Profiles) -> Result<&'a Profile, FieldError> {
    let Some(name) = name else { return Ok(profiles.for_key("").1) };
    profiles.get(name).map_err(|error| {
        let limit: Vec<_> = profiles.names().collect();
        FieldError::new("profile", error.to_string(), limit, name)
    })
}

/// Checks the type of the file. Clients write it in several ways: `image/jpg`, `IMAGE/JPEG`, with parameters.
fn check_content_type(content_type: &str, profile: &Profile) -> Result<(), FieldError> {
    let accepted = &profile.policy.accepts;
    let limit: Vec<_> = accepted.iter().map(|format| format.content_type()).collect();
    let detail = if !is_header_value(content_type) {
        format!("the content type is not 1 to {MAX_CONTENT_TYPE_BYTES} printable ASCII characters")
    } else if Format::of_content_type(content_type).is_some_and(|format| accepted.contains(&format)) {
        return Ok(());
    } else {
        format!("'{content_type}' is not accepted, only {}", limit.join(", "))
    };
    Err(FieldError::new("content_type", detail, limit, content_type))
}

/// Whether S3 and every HTTP client can send this text as a header.
fn is_header_value(text: &str) -> bool {
    text.len() <= MAX_CONTENT_TYPE_BYTES && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn check_byte_len(byte_len: u64, profile: &Profile) -> Result<(), FieldError> {
    let limit = profile.policy.limits.max_bytes;
    if byte_len == 0 {
        let detail = "the file is empty: byte_len must be 1 or more".to_owned();
        return Err(FieldError::new("byte_len", detail, limit, byte_len));
    }
    let check = profile.policy.judge_byte_len(byte_len);
    check.map_err(|error| FieldError::new("byte_len", error.to_string(), limit, byte_len))
}
