//! Profiles: which pictures are accepted, and which renditions are made of them.

use std::{collections::BTreeMap, fmt};

use imaging::{Format, Header, Limits, Policy, Rejection, RenditionSpec};
use serde::Deserialize;

/// A named list of rendition specs, and what it accepts. The JSON Schema is `docs/profile.schema.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "ProfileFile")]
pub struct Profile {
    /// Formats and limits.
    pub policy: Policy,
    /// What is made of each picture, in this order.
    pub renditions: Vec<RenditionSpec>,
}

impl Profile {
    /// Judges what the header says of a source of `byte_len` bytes, which was judged before.
    ///
    /// # Errors
    /// What [`Policy::judge`] and [`Policy::judge_memory`] say; every rendition has to fit.
    pub fn judge(&self, header: &Header, byte_len: u64) -> Result<(), Rejection> {
        self.policy.judge(header)?;
        let needed = |spec| imaging::memory_needed(header, byte_len, spec);
        self.policy.judge_memory(self.renditions.iter().map(needed).max().unwrap_or(0))
    }
}

/// A profile as it is written. Not flattened into [`Profile`]: serde would then let a misspelt
/// `limits` pass, and the limits with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    accepts: Option<Vec<Format>>,
    limits: Option<Limits>,
    renditions: Vec<RenditionSpec>,
}

impl From<ProfileFile> for Profile {
    fn from(file: ProfileFile) -> Self {
        let every = Policy::default();
        let policy = Policy {
            accepts: file.accepts.unwrap_or(every.accepts),
            limits: file.limits.unwrap_or(every.limits),
        };
        Self { policy, renditions: file.renditions }
    }
}

/// The profiles of a deployment, and the one that is used when a key names none.
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

/// What ships with Darkroom: the files of `profiles/`.
const BUILT_IN: [(&str, &str); 4] = [
    ("proxies", include_str!("../../../../profiles/proxies.json")),
    ("variants", include_str!("../../../../profiles/variants.json")),
    ("web", include_str!("../../../../profiles/web.json")),
    ("widths", include_str!("../../../../profiles/widths.json")),
];

/// Why profiles cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A profile is not what the schema says.
    #[error("profile '{name}': {reason}")]
    Malformed {
        /// The profile, or `(all)` when the whole is no JSON object.
        name: String,
        /// What and where.
        reason: serde_json::Error,
    },
    /// Two renditions of one profile would have the same key.
    #[error("profile '{profile}' has more than one rendition named '{rendition}'")]
    NameTwice {
        /// The profile.
        profile: String,
        /// The name.
        rendition: String,
    },
    /// A profile that accepts a format which is written only.
    #[error(
        "profile '{profile}' accepts {format}, which is no source: sources are jpeg, png, webp and gif"
    )]
    NoSource {
        /// The profile.
        profile: String,
        /// The format.
        format: Format,
    },
    /// A profile that makes nothing.
    #[error("profile '{0}' has no renditions")]
    Empty(String),
    /// The default is none of the profiles.
    #[error("no profile is named '{wanted}'; there are: {known}")]
    Unknown {
        /// The name that was asked for.
        wanted: String,
        /// The names there are.
        known: String,
    },
}

impl Profiles {
    /// The profiles that ship with Darkroom.
    ///
    /// # Errors
    /// If `default` is none of them.
    pub fn built_in(default: &str) -> Result<Self, ProfileError> {
        let sources = BUILT_IN.iter().map(|(name, json)| (name.to_string(), json.to_string()));
        Self::new(sources, default)
    }

    /// Profiles of one's own, as one JSON object: name → profile. They replace the built-in ones.
    ///
    /// # Errors
    /// If one is malformed, empty, or names a rendition twice; or if `default` is none of them.
    pub fn from_json(json: &str, default: &str) -> Result<Self, ProfileError> {
        let sources: BTreeMap<String, serde_json::Value> = serde_json::from_str(json)
            .map_err(|reason| ProfileError::Malformed { name: "(all)".to_owned(), reason })?;
        Self::new(sources.into_iter().map(|(name, value)| (name, value.to_string())), default)
    }

    fn new(
        sources: impl Iterator<Item = (String, String)>,
        default: &str,
    ) -> Result<Self, ProfileError> {
        let mut by_name = BTreeMap::new();
        for (name, json) in sources {
            let profile = parse(&name, &json)?;
            by_name.insert(name, profile);
        }
        let profiles = Self { by_name, default: default.to_owned() };
        profiles.get(default)?;
        Ok(profiles)
    }

    /// The same, each taking no more than the renderer has: `memory_bytes`, or less where it says so.
    #[must_use]
    pub fn within(mut self, memory_bytes: u64) -> Self {
        for profile in self.by_name.values_mut() {
            let limit = &mut profile.policy.limits.max_memory_bytes;
            *limit = Some(limit.map_or(memory_bytes, |own| own.min(memory_bytes)));
        }
        self
    }

    /// The profile of that name.
    ///
    /// # Errors
    /// If there is none; the error names those there are.
    pub fn get(&self, name: &str) -> Result<&Profile, ProfileError> {
        self.by_name.get(name).ok_or_else(|| ProfileError::Unknown {
            wanted: name.to_owned(),
            known: self.by_name.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })
    }

    /// The profile that a source key chooses by its first segment; the default, if that names none.
    pub fn for_key(&self, key: &str) -> (&str, &Profile) {
        let named = key.split_once('/').and_then(|(first, _)| self.by_name.get_key_value(first));
        let (name, profile) = named.unwrap_or_else(|| {
            self.by_name.get_key_value(&self.default).expect("the default is checked when built")
        });
        (name, profile)
    }

    /// The names there are, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

fn parse(name: &str, json: &str) -> Result<Profile, ProfileError> {
    let profile: Profile = serde_json::from_str(json)
        .map_err(|reason| ProfileError::Malformed { name: name.to_owned(), reason })?;
    if profile.renditions.is_empty() {
        return Err(ProfileError::Empty(name.to_owned()));
    }
    if profile.policy.accepts.contains(&Format::Avif) {
        return Err(ProfileError::NoSource { profile: name.to_owned(), format: Format::Avif });
    }
    for (index, spec) in profile.renditions.iter().enumerate() {
        if profile.renditions[..index].iter().any(|other| other.name == spec.name) {
            let (profile, rendition) = (name.to_owned(), spec.name.to_string());
            return Err(ProfileError::NameTwice { profile, rendition });
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
    fn the_first_segment_of_a_key_chooses_and_nothing_else_does() {
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
    fn profiles_of_ones_own_replace_the_built_in_ones() {
        let profiles = Profiles::from_json(ONE, "one").unwrap();
        assert_eq!(profiles.to_string(), "one");
        assert_eq!(profiles.for_key("web/a.jpg").0, "one");
    }

    #[test]
    fn a_profile_may_take_less_memory_than_there_is_and_no_more() {
        let limit = |own: &str| {
            let json = ONE.replace(r#""limits": {}"#, &format!(r#""limits": {{{own}}}"#));
            let profiles = Profiles::from_json(&json, "one").unwrap().within(500);
            profiles.get("one").unwrap().policy.limits.max_memory_bytes
        };
        assert_eq!(limit(""), Some(500));
        assert_eq!(limit(r#""max_memory_bytes": 499"#), Some(499));
        assert_eq!(limit(r#""max_memory_bytes": 501"#), Some(500));
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        for (json, default, expected) in [
            ("[]", "web", "profile '(all)'"),
            (ONE, "two", "no profile is named 'two'; there are: one"),
            (r#"{"one": {"accepts": [], "limits": {}, "renditions": []}}"#, "one", "no renditions"),
            (&ONE.replace("jpeg", "avif"), "one", "accepts avif, which is no source"),
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
