//! May this be uploaded, and to where? A link that takes exactly what was asked about.

use std::{collections::BTreeMap, time::Duration};

use imaging::Format;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Failure, KeyError, Profile, Profiles, Timestamp, check_key,
    ports::{UploadTerms, Urls},
};

/// How long a link to upload to is good for.
pub const UPLOAD_VALID: Duration = Duration::from_secs(5 * 60);
/// As long as a file's name can be in most file systems.
const MAX_FILE_NAME_BYTES: usize = 255;

/// What somebody wants to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with filename, content_type, byte_len and, if wanted, profile"
)]
pub struct UploadRequest {
    /// The file's name; it becomes the end of the key.
    pub filename: String,
    /// A media type.
    pub content_type: String,
    /// Bytes.
    pub byte_len: u64,
    /// The profile that it is to be rendered by; absent: the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// Where to put it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadOffer {
    /// The source key that it will have.
    pub key: String,
    /// Where to `PUT` the bytes.
    pub url: String,
    /// The headers that the `PUT` must send.
    pub headers: BTreeMap<String, String>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// One reason why an upload would be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// The field of the request.
    pub field: String,
    /// The reason, naming limit and value.
    pub detail: String,
    /// What is allowed.
    pub limit: serde_json::Value,
    /// What was found.
    pub value: serde_json::Value,
}

/// Offers a link to upload to, or names everything that speaks against it.
///
/// # Errors
/// When the port fails.
pub async fn offer_upload(
    request: &UploadRequest,
    now: Timestamp,
    profiles: &Profiles,
    urls: &impl Urls,
) -> Result<Result<UploadOffer, Vec<Objection>>, Failure> {
    let format = match judge(request, profiles) {
        Ok(format) => format,
        Err(objections) => return Ok(Err(objections)),
    };
    let folder = request.profile.as_deref().unwrap_or("uploads");
    let terms = UploadTerms {
        key: format!("{folder}/{}/{}", Uuid::new_v4(), request.filename),
        content_type: format.content_type(),
        byte_len: request.byte_len,
        valid: UPLOAD_VALID,
    };
    let signed = urls.put(&terms).await?;
    Ok(Ok(UploadOffer {
        key: terms.key,
        url: signed.url,
        headers: signed.headers.into_iter().collect(),
        expires_at: now.plus(UPLOAD_VALID),
    }))
}

fn judge(request: &UploadRequest, profiles: &Profiles) -> Result<Format, Vec<Objection>> {
    let mut objections: Vec<Objection> =
        judge_file_name(&request.filename).err().into_iter().collect();
    let profile = judge_profile(request.profile.as_deref(), profiles);
    let profile = profile.map_err(|objection| objections.push(objection)).ok();
    let format = profile.and_then(|profile| {
        objections.extend(judge_byte_len(request.byte_len, profile).err());
        let format = judge_content_type(&request.content_type, profile);
        format.map_err(|objection| objections.push(objection)).ok()
    });
    format.filter(|_| objections.is_empty()).ok_or(objections)
}

fn judge_file_name(name: &str) -> Result<(), Objection> {
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
    Err(Objection {
        field: "filename".to_owned(),
        detail: format!("the file name {problem}"),
        limit: "1 to 255 bytes without /, \\ and control characters, and not . or ..".into(),
        value: name.into(),
    })
}

fn judge_profile<'a>(
    wanted: Option<&str>,
    profiles: &'a Profiles,
) -> Result<&'a Profile, Objection> {
    let Some(name) = wanted else { return Ok(profiles.for_key("").1) };
    profiles.get(name).map_err(|error| Objection {
        field: "profile".to_owned(),
        detail: error.to_string(),
        limit: profiles.names().collect::<Vec<_>>().into(),
        value: name.into(),
    })
}

fn judge_content_type(wanted: &str, profile: &Profile) -> Result<Format, Objection> {
    let accepted = &profile.policy.accepts;
    let format = accepted.iter().find(|format| format.content_type() == wanted);
    format.copied().ok_or_else(|| {
        let limit: Vec<_> = accepted.iter().map(|format| format.content_type()).collect();
        Objection {
            field: "content_type".to_owned(),
            detail: format!("'{wanted}' is not accepted, only {}", limit.join(", ")),
            limit: limit.into(),
            value: wanted.into(),
        }
    })
}

fn judge_byte_len(byte_len: u64, profile: &Profile) -> Result<(), Objection> {
    profile.policy.judge_byte_len(byte_len).map_err(|rejection| Objection {
        field: "byte_len".to_owned(),
        detail: rejection.to_string(),
        limit: profile.policy.limits.max_bytes.into(),
        value: byte_len.into(),
    })
}
