//! The functions' configuration: environment variables, read once at cold start into types.
//!
//! Each function's configuration is one type here. All problems are named in one message, and
//! stop the cold start: a function that starts is configured.

use std::{fmt::Display, path::Path, str::FromStr};

use crate::{
    DeliveryDomain, Profiles, Retention, Rules,
    model::{PACKAGED_PREFIX, read_packaged_profiles},
};

/// What `PROFILES` says for the profiles that ship with Darkroom, as an empty one does: some tools cannot pass nothing.
const BUILT_IN: &str = "built-in";

/// Everything that is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {}", problems.join("; "))]
pub struct ConfigError {
    /// One sentence per problem, each naming its variable.
    pub problems: Vec<String>,
}

/// What the validate function is configured with.
#[derive(Debug)]
pub struct ValidateConfig {
    /// What it decides by: `PROFILES`, `DEFAULT_PROFILE`, `DESTINATION_BUCKET`, `RECORD_RETENTION_DAYS`;
    /// and `RESIZE_MEMORY_SIZE`, beyond which no profile takes a picture.
    pub rules: Rules,
    /// `RECORD_TABLE`.
    pub record_table: String,
}

/// What the resize function has unless told: `ResizeMemorySize` in the template. In MB as Lambda
/// counts them, 2²⁰ bytes.
const RESIZE_MEMORY_SIZE: u64 = 1769;
/// What of it is not the renderer's: the process takes 10 MB before it renders anything, the two
/// parts of an upload 16; and Lambda counts in what it runs beside it.
const RESERVED: u64 = 64;

/// What the notify function is configured with.
#[derive(Debug)]
pub struct NotifyConfig {
    /// What it decides by: `PROFILES`, `DEFAULT_PROFILE`, `DESTINATION_BUCKET`, `RECORD_RETENTION_DAYS`,
    /// `DELIVERY_DOMAIN`.
    pub rules: Rules,
    /// `RECORD_TABLE`.
    pub record_table: String,
    /// `EVENT_BUS_NAME`.
    pub event_bus_name: String,
}

/// What the images function is configured with.
#[derive(Debug)]
pub struct ImagesConfig {
    /// What may be uploaded: `PROFILES`, `DEFAULT_PROFILE`.
    pub profiles: Profiles,
    /// `SOURCE_BUCKET`.
    pub source_bucket: String,
    /// `DESTINATION_BUCKET`.
    pub destination_bucket: String,
    /// `RECORD_TABLE`.
    pub record_table: String,
    /// `STATE_MACHINE_ARN`.
    pub state_machine_arn: String,
    /// `DELIVERY_DOMAIN`: where renditions are public; absent: links are signed.
    pub delivery: Option<DeliveryDomain>,
    /// `CORS_ORIGINS`, separated by commas; empty: none.
    pub cors_origins: Vec<String>,
    /// `MANAGE_KEYS`, IDs of API keys, separated by commas: those that may process again and delete; empty: every caller.
    pub manage_keys: Vec<String>,
}

impl ValidateConfig {
    /// Reads it through `lookup`, which is `|name| std::env::var(name).ok()` in production.
    ///
    /// ```
    /// use pipeline::lambda::config::ValidateConfig;
    /// let config = ValidateConfig::read(|name| match name {
    ///     "DESTINATION_BUCKET" => Some("renditions".into()),
    ///     "RECORD_TABLE" => Some("records".into()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(config.rules.retention.days, 365);
    /// # Ok::<(), pipeline::lambda::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// Names every variable that is missing or wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut variables = Variables::new(&lookup);
        let rules = variables.rules();
        let record_table = variables.required("RECORD_TABLE");
        let memory_size = variables.parsed("RESIZE_MEMORY_SIZE", RESIZE_MEMORY_SIZE);
        let memory_bytes = memory_size.saturating_sub(RESERVED) << 20;
        variables.finish(|| {
            let rules = rules?;
            let profiles = rules.profiles.within(memory_bytes);
            Some(Self { rules: Rules { profiles, ..rules }, record_table: record_table? })
        })
    }
}

impl NotifyConfig {
    /// Reads it through `lookup`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut variables = Variables::new(&lookup);
        let rules = variables.rules();
        let record_table = variables.required("RECORD_TABLE");
        let event_bus_name = variables.required("EVENT_BUS_NAME");
        variables.finish(|| {
            let (record_table, event_bus_name) = (record_table?, event_bus_name?);
            Some(Self { rules: rules?, record_table, event_bus_name })
        })
    }
}

impl ImagesConfig {
    /// Reads it through `lookup`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut variables = Variables::new(&lookup);
        let profiles = variables.profiles();
        let source_bucket = variables.required("SOURCE_BUCKET");
        let destination_bucket = variables.required("DESTINATION_BUCKET");
        let record_table = variables.required("RECORD_TABLE");
        let state_machine_arn = variables.required("STATE_MACHINE_ARN");
        let delivery = variables.delivery();
        let (cors_origins, manage_keys) =
            (variables.list("CORS_ORIGINS"), variables.list("MANAGE_KEYS"));
        variables.finish(|| {
            Some(Self {
                profiles: profiles?,
                source_bucket: source_bucket?,
                destination_bucket: destination_bucket?,
                record_table: record_table?,
                state_machine_arn: state_machine_arn?,
                delivery,
                cors_origins,
                manage_keys,
            })
        })
    }
}

/// A reader that goes on after a problem, so that one message can name them all.
struct Variables<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl<'a> Variables<'a> {
    fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// An empty variable counts as none: that is how a template passes a parameter nobody set.
    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    fn required(&mut self, name: &str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.problems.push(format!("{name} is not set"));
        }
        value
    }

    /// What stands between commas.
    fn list(&self, name: &str) -> Vec<String> {
        let text = self.optional(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str, default: T) -> T {
        let Some(text) = self.optional(name) else { return default };
        text.parse().unwrap_or_else(|error| {
            self.problems.push(format!("{name} is '{text}': {error}"));
            default
        })
    }

    fn profiles(&mut self) -> Option<Profiles> {
        let default = self.optional("DEFAULT_PROFILE").unwrap_or_else(|| "web".to_owned());
        let named = self.optional("PROFILES");
        let profiles = match named.as_deref().map(str::trim) {
            None | Some(BUILT_IN) => {
                Profiles::built_in(&default).map_err(|error| error.to_string())
            }
            Some(text) => self.packaged_or_inline(text).and_then(|json| {
                Profiles::from_json(&json, &default).map_err(|error| error.to_string())
            }),
        };
        profiles
            .inspect_err(|error| self.problems.push(format!("PROFILES, DEFAULT_PROFILE: {error}")))
            .ok()
    }

    /// The profiles' JSON: the text itself, or what lies beside the function's program.
    fn packaged_or_inline(&self, text: &str) -> Result<String, String> {
        let Some(digest) = text.strip_prefix(PACKAGED_PREFIX) else {
            return Ok(text.to_owned());
        };
        let folder = self.optional("LAMBDA_TASK_ROOT").unwrap_or_else(|| ".".to_owned());
        read_packaged_profiles(Path::new(&folder), digest).map_err(|error| error.to_string())
    }

    fn delivery(&self) -> Option<DeliveryDomain> {
        self.optional("DELIVERY_DOMAIN").map(DeliveryDomain::new)
    }

    fn rules(&mut self) -> Option<Rules> {
        let profiles = self.profiles();
        let destination_bucket = self.required("DESTINATION_BUCKET");
        let retention = Retention { days: self.parsed("RECORD_RETENTION_DAYS", 365) };
        let delivery = self.delivery();
        let destination_bucket = destination_bucket?;
        Some(Rules { profiles: profiles?, destination_bucket, delivery, retention })
    }

    fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, ConfigError> {
        match build() {
            Some(config) if self.problems.is_empty() => Ok(config),
            _ => Err(ConfigError { problems: self.problems }),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::profiles_digest;

    #[test]
    fn every_problem_is_named_in_one_message() {
        let error = NotifyConfig::read(|name| match name {
            "DEFAULT_PROFILE" => Some("posters".to_owned()),
            "RECORD_RETENTION_DAYS" => Some("soon".to_owned()),
            "EVENT_BUS_NAME" => Some(" ".to_owned()),
            _ => None,
        })
        .unwrap_err()
        .to_string();
        for expected in [
            "no profile is named 'posters'; there are: proxies, variants, web, widths",
            "RECORD_RETENTION_DAYS is 'soon': invalid digit",
            "EVENT_BUS_NAME is not set",
            "RECORD_TABLE is not set",
            "DESTINATION_BUCKET is not set",
        ] {
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn origins_are_split_at_commas_and_no_domain_is_none() {
        let config = ImagesConfig::read(|name| match name {
            "CORS_ORIGINS" => Some("https://a.example, http://localhost:3000,".to_owned()),
            "MANAGE_KEYS" => Some("k1a2b3,".to_owned()),
            "DELIVERY_DOMAIN" | "PROFILES" | "DEFAULT_PROFILE" => Some(String::new()),
            _ => Some("x".to_owned()),
        });
        let config = config.unwrap();
        assert_eq!(config.manage_keys, ["k1a2b3"]);
        assert_eq!(config.cors_origins, ["https://a.example", "http://localhost:3000"]);
        assert_eq!(config.delivery, None);
    }

    #[test]
    fn an_empty_profiles_variable_means_the_built_in_ones_and_so_does_their_name() {
        for said in ["", "built-in"] {
            let config = ValidateConfig::read(|name| match name {
                "PROFILES" => Some(said.to_owned()),
                "DESTINATION_BUCKET" | "RECORD_TABLE" => Some("x".to_owned()),
                _ => None,
            });
            let built_in = Profiles::built_in("web").unwrap().within((1769 - 64) << 20);
            assert_eq!(config.unwrap().rules.profiles, built_in, "{said}");
        }
    }

    #[test]
    fn profiles_of_a_package_are_those_that_the_deployment_named() {
        let folder = std::env::temp_dir().join(format!("packaged-profiles-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let json = r#"{"mine": {"renditions": [{"name": "a", "format": "png"}]}}"#;
        std::fs::write(folder.join("profiles.json"), json).unwrap();
        let read = |digest: &str| {
            ValidateConfig::read(|name| match name {
                "PROFILES" => Some(format!("packaged:{digest}")),
                "DEFAULT_PROFILE" => Some("mine".to_owned()),
                "LAMBDA_TASK_ROOT" => Some(folder.to_string_lossy().into_owned()),
                "DESTINATION_BUCKET" | "RECORD_TABLE" => Some("x".to_owned()),
                _ => None,
            })
        };
        let digest = profiles_digest(json.as_bytes());

        assert_eq!(read(&digest).unwrap().rules.profiles.to_string(), "mine");

        let error = read("0123456789").unwrap_err().to_string();
        assert!(error.contains("0123456789") && error.contains(&digest), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
        let error = read(&digest).unwrap_err().to_string();
        assert!(error.contains("make deploy PROFILES="), "{error}");
    }

    #[test]
    fn no_profile_takes_more_than_the_resize_function_has() {
        let config = ValidateConfig::read(|name| match name {
            "RESIZE_MEMORY_SIZE" => Some("256".to_owned()),
            _ => Some("web".to_owned())
                .filter(|_| !name.starts_with("PRO") && !name.starts_with("RECORD_R")),
        });
        let profiles = config.unwrap().rules.profiles;
        let limits = profiles.get("web").unwrap().policy.limits;
        assert_eq!(limits.max_memory_bytes, Some(192 << 20));
    }
}
