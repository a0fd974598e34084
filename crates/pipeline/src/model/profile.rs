//! Profiles: which pictures are accepted, and which renditions are made of them.

use std::{collections::BTreeMap, fmt};

use imaging::{DamagePolicy, Format, Header, Limits, Policy, Rejection, RenditionSpec};
use serde::Deserialize;

/// A list of rendition specs, and which pictures it accepts. The JSON Schema is `docs/profile.schema.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "ProfileFile")]
pub struct Profile {
    /// Accepted formats, and limits.
    pub policy: Policy,
    /// What happens to a damaged picture.
    pub damaged: DamagePolicy,
    /// The renditions of each picture, in this order.
    pub renditions: Vec<RenditionSpec>,
}

impl Profile {
    /// Decides by its header whether a source of `byte_len` bytes is rendered. `byte_len` itself is not checked.
    ///
    /// # Errors
    /// The same as [`Policy::judge`] and [`Policy::judge_memory`]. The memory must suffice for every rendition.
    pub fn judge(&self, header: &Header, byte_len: u64) -> Result<(), Rejection> {
        self.policy.judge(header)?;
        let needed = |spec| imaging::memory_needed(header, byte_len, spec);
        self.policy.judge_memory(self.renditions.iter().map(needed).max().unwrap_or(0))
    }
}

/// A profile as JSON.
// Not flattened into `Profile`, because serde ignores unknown fields of flattened structs: with a misspelt `limits`,
// the profile would have no limits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    accepts: Option<Vec<Format>>,
    limits: Option<Limits>,
    #[serde(default)]
    damaged: DamagePolicy,
    renditions: Vec<RenditionSpec>,
}

impl From<ProfileFile> for Profile {
    fn from(file: ProfileFile) -> Self {
        let default = Policy::default();
        let policy =
            Policy { accepts: file.accepts.unwrap_or(default.accepts), limits: file.limits.unwrap_or(default.limits) };
        Self { policy, damaged: file.damaged, renditions: file.renditions }
    }
}

/// The profiles of a deployment, and the default for keys that name no profile.
///
/// ```
/// use pipeline::Profiles;
/// let profiles = Profiles::built_in("web")?;
/// assert_eq!(profiles.for_key("uploads/cat.jpg").0, "web");
/// assert_eq!(profiles.for_key("proxies/cat.jpg").0, "proxies");
/// # Ok::<(), pipeline::ProfileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profiles {
    by_name: BTreeMap<String, Profile>,
    default: String,
}

/// The profiles that ship with Darkroom: the files of `profiles/`.
const BUILT_IN: [(&str, &str); 4] = [
    ("proxies", include_str!("../../../../profiles/proxies.json")),
    ("variants", include_str!("../../../../profiles/variants.json")),
    ("web", include_str!("../../../../profiles/web.json")),
    ("widths", include_str!("../../../../profiles/widths.json")),
];

/// Why profiles cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A profile does not match the schema.
    #[error("profile '{name}': {reason}")]
    Malformed {
        /// Name of the profile, or `(all)` if the text is not a JSON object.
        name: String,
        /// What is wrong and where.
        reason: serde_json::Error,
    },
    /// Two renditions of one profile would have the same key.
    #[error("profile '{profile}' has more than one rendition named '{rendition}'")]
    DuplicateName {
        /// Name of the profile.
        profile: String,
        /// Name of the renditions.
        rendition: String,
    },
    /// A profile accepts a format that is not read.
    #[error("profile '{profile}' accepts {format}, which is not a source format")]
    NotASourceFormat {
        /// Name of the profile.
        profile: String,
        /// The format.
        format: Format,
    },
    /// A profile has no renditions.
    #[error("profile '{0}' has no renditions")]
    Empty(String),
    /// No profile has the requested name.
    #[error("no profile is named '{wanted}'; there are: {known}")]
    Unknown {
        /// The requested name.
        wanted: String,
        /// The names of all profiles.
        known: String,
    },
}

impl Profiles {
    /// The profiles that ship with Darkroom.
    ///
    /// # Errors
    /// If no profile is named `default`.
    pub fn built_in(default: &str) -> Result<Self, ProfileError> {
        let sources = BUILT_IN.iter().map(|(name, json)| (name.to_string(), json.to_string()));
        Self::new(sources, default)
    }

    /// Custom profiles as one JSON object, from name to profile. They replace the built-in ones.
    ///
    /// # Errors
    /// If a profile is malformed, has no renditions, or two of the same name; or if no profile is named `default`.
    pub fn from_json(json: &str, default: &str) -> Result<Self, ProfileError> {
        let sources: BTreeMap<String, serde_json::Value> = serde_json::from_str(json)
            .map_err(|reason| ProfileError::Malformed { name: "(all)".to_owned(), reason })?;
        Self::new(sources.into_iter().map(|(name, value)| (name, value.to_string())), default)
    }

    fn new(sources: impl Iterator<Item = (String, String)>, default: &str) -> Result<Self, ProfileError> {
        let mut by_name = BTreeMap::new();
        for (name, json) in sources {
            let profile = parse(&name, &json)?;
            by_name.insert(name, profile);
        }
        let profiles = Self { by_name, default: default.to_owned() };
        profiles.get(default)?;
        Ok(profiles)
    }

    /// Limits the memory of every profile to `memory_bytes`. A lower limit of a profile stays.
    #[must_use]
    pub fn limit_memory(mut self, memory_bytes: u64) -> Self {
        for profile in self.by_name.values_mut() {
            let limit = &mut profile.policy.limits.max_memory_bytes;
            *limit = Some(limit.map_or(memory_bytes, |own| own.min(memory_bytes)));
        }
        self
    }

    /// The profile of that name.
    ///
    /// # Errors
    /// If no profile has this name. The error lists the names.
    pub fn get(&self, name: &str) -> Result<&Profile, ProfileError> {
        self.by_name.get(name).ok_or_else(|| ProfileError::Unknown {
            wanted: name.to_owned(),
            known: self.by_name.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })
    }

    /// The profile that the first segment of a source key names; otherwise the default.
    pub fn for_key(&self, key: &str) -> (&str, &Profile) {
        let named = key.split_once('/').and_then(|(first, _)| self.by_name.get_key_value(first));
        let (name, profile) = named.unwrap_or_else(|| {
            self.by_name.get_key_value(&self.default).expect("`new` checks that the default exists")
        });
        (name, profile)
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

fn parse(name: &str, json: &str) -> Result<Profile, ProfileError> {
    let profile: Profile =
        serde_json::from_str(json).map_err(|reason| ProfileError::Malformed { name: name.to_owned(), reason })?;
    if profile.renditions.is_empty() {
        return Err(ProfileError::Empty(name.to_owned()));
    }
    if let Some(&format) = profile.policy.accepts.iter().find(|format| !Format::SOURCES.contains(format)) {
        return Err(ProfileError::NotASourceFormat { profile: name.to_owned(), format });
    }
    // Two renditions of one name would have the same key.
    for (index, spec) in profile.renditions.iter().enumerate() {
        if profile.renditions[..index].iter().any(|other| other.name == spec.name) {
            let (profile, rendition) = (name.to_owned(), spec.name.to_string());
            return Err(ProfileError::DuplicateName { profile, rendition });
        }
    }
    Ok(profile)
}

impl fmt::Display for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"one": {"accepts": ["jpeg"], "limits": {}, "renditions": [{"name": "a", "format": "png"}]}}"#;

    #[test]
    fn only_the_first_segment_of_a_key_names_a_profile() {
        let profiles = Profiles::built_in("web").unwrap();
        for (key, expected) in [
            ("widths/a.png", "widths"),
            ("uploads/widths/a.png", "web"),
            ("widths", "web"),
            ("widths.png", "web"),
            ("", "web"),
            ("variants//", "variants"),
        ] {
            assert_eq!(profiles.for_key(key).0, expected, "{key}");
        }
    }

    #[test]
    fn custom_profiles_replace_the_built_in_ones() {
        let profiles = Profiles::from_json(ONE, "one").unwrap();
        assert_eq!(profiles.to_string(), "one");
        assert_eq!(profiles.for_key("web/a.jpg").0, "one");
    }

    #[test]
    fn a_profile_can_lower_the_memory_limit_but_not_raise_it() {
        let limit = |own: &str| {
            let json = ONE.replace(r#""limits": {}"#, &format!(r#""limits": {{{own}}}"#));
            let profiles = Profiles::from_json(&json, "one").unwrap().limit_memory(500);
            profiles.get("one").unwrap().policy.limits.max_memory_bytes
        };
        assert_eq!(limit(""), Some(500));
        assert_eq!(limit(r#""max_memory_bytes": 499"#), Some(499));
        assert_eq!(limit(r#""max_memory_bytes": 501"#), Some(500));
    }

    #[test]
    fn an_error_says_why_profiles_cannot_be_used() {
        for (json, default, expected) in [
            ("[]", "web", "profile '(all)'"),
            (ONE, "two", "no profile is named 'two'; there are: one"),
            (r#"{"one": {"accepts": [], "limits": {}, "renditions": []}}"#, "one", "no renditions"),
            (
                r#"{"one": {"limit": {"max_bytes": 1}, "renditions": [{"name": "a", "format": "png"}]}}"#,
                "one",
                "unknown field `limit`",
            ),
            (
                r#"{"one": {"accepts": [], "limits": {}, "renditions": [{"name": "a", "format": "png"}, {"name": "a", "format": "png"}]}}"#,
                "one",
                "more than one rendition named 'a'",
            ),
        ] {
            let error = Profiles::from_json(json, default).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
