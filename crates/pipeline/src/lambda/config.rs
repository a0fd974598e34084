//! The configuration of the functions: environment variables, parsed once at cold start.
//!
//! Each function has one type. If a variable is missing or wrong, the cold start fails with one message that names all
//! problems.

use std::{fmt::Display, path::Path, str::FromStr};

use crate::{DeliveryDomain, Profiles, Retention, Settings, model::packaged_profiles};

/// Value of `PROFILES` for the built-in profiles.
// It means the same as an empty value, which some tools cannot pass.
const BUILT_IN: &str = "built-in";

/// All problems of a configuration.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {}", problems.join("; "))]
pub struct ConfigError {
    /// One sentence per problem, with the name of its variable.
    pub problems: Vec<String>,
}

/// Configuration of the validate function.
#[derive(Debug)]
pub struct ValidateConfig {
    /// From `PROFILES`, `DEFAULT_PROFILE`, `DESTINATION_BUCKET` and `RECORD_RETENTION_DAYS`.
    ///
    /// `RESIZE_MEMORY_SIZE` limits the memory of every profile.
    pub settings: Settings,
    /// Name of the record table, from `RECORD_TABLE`.
    pub record_table: String,
}

/// Default of `ResizeMemorySize` in the template, in MB of 2²⁰ bytes, as Lambda counts.
const RESIZE_MEMORY_SIZE: u64 = 1769;
/// Memory in MB that the renderer cannot use.
// The process takes 10 MB before it renders, and the two parts of a multipart upload take 16. Lambda also counts the
// memory of its own processes.
const RESERVED_MB: u64 = 64;

/// Configuration of the notify function.
#[derive(Debug)]
pub struct NotifyConfig {
    /// From `PROFILES`, `DEFAULT_PROFILE`, `DESTINATION_BUCKET`, `RECORD_RETENTION_DAYS` and `DELIVERY_DOMAIN`.
    pub settings: Settings,
    /// Name of the record table, from `RECORD_TABLE`.
    pub record_table: String,
    /// Name of the event bus, from `EVENT_BUS_NAME`.
    pub event_bus_name: String,
}

/// Configuration of the images function.
#[derive(Debug)]
pub struct ImagesConfig {
    /// Which pictures may be uploaded, from `PROFILES` and `DEFAULT_PROFILE`.
    pub profiles: Profiles,
    /// Name of the source bucket, from `SOURCE_BUCKET`.
    pub source_bucket: String,
    /// Name of the destination bucket, from `DESTINATION_BUCKET`.
    pub destination_bucket: String,
    /// Name of the record table, from `RECORD_TABLE`.
    pub record_table: String,
    /// ARN of the state machine, from `STATE_MACHINE_ARN`.
    pub state_machine_arn: String,
    /// Public domain of renditions, from `DELIVERY_DOMAIN`; absent: their URLs are signed.
    pub delivery: Option<DeliveryDomain>,
    /// Allowed origins of web pages, from `CORS_ORIGINS`, separated by commas; empty: none.
    pub cors_origins: Vec<String>,
    /// IDs of the API keys that may reprocess and delete, from `MANAGE_KEYS`, separated by commas; empty: every caller.
    pub manage_keys: Vec<String>,
}

impl ValidateConfig {
    /// Reads the variables with `lookup`, in production `|name| std::env::var(name).ok()`.
    ///
    /// ```
    /// use pipeline::lambda::config::ValidateConfig;
    /// let config = ValidateConfig::read(|name| match name {
    ///     "DESTINATION_BUCKET" => Some("renditions".into()),
    ///     "RECORD_TABLE" => Some("records".into()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(config.settings.retention.days, 365);
    /// # Ok::<(), pipeline::lambda::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// Names every variable that is missing or wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut env = EnvReader::new(&lookup);
        let mut settings = env.settings();
        let memory_size = env.parsed("RESIZE_MEMORY_SIZE", RESIZE_MEMORY_SIZE);
        let memory_bytes = memory_size.saturating_sub(RESERVED_MB) << 20;
        settings.profiles = settings.profiles.limit_memory(memory_bytes);
        let config = Self { settings, record_table: env.required("RECORD_TABLE") };
        env.finish(config)
    }
}

impl NotifyConfig {
    /// Reads the variables with `lookup`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut env = EnvReader::new(&lookup);
        let config = Self {
            settings: env.settings(),
            record_table: env.required("RECORD_TABLE"),
            event_bus_name: env.required("EVENT_BUS_NAME"),
        };
        env.finish(config)
    }
}

impl ImagesConfig {
    /// Reads the variables with `lookup`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut env = EnvReader::new(&lookup);
        let config = Self {
            profiles: env.profiles(),
            source_bucket: env.required("SOURCE_BUCKET"),
            destination_bucket: env.required("DESTINATION_BUCKET"),
            record_table: env.required("RECORD_TABLE"),
            state_machine_arn: env.required("STATE_MACHINE_ARN"),
            delivery: env.delivery(),
            cors_origins: env.list("CORS_ORIGINS"),
            manage_keys: env.list("MANAGE_KEYS"),
        };
        env.finish(config)
    }
}

/// Reads variables and collects the problems, so that one message can name them all.
///
/// A missing or wrong variable is replaced by a default, which is never used: `finish` then returns the problems.
struct EnvReader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl<'a> EnvReader<'a> {
    fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    // An empty variable counts as absent, because a template passes unset parameters as empty values.
    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// The values between commas.
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

    fn profiles(&mut self) -> Profiles {
        let default = self.optional("DEFAULT_PROFILE").unwrap_or_else(|| "web".to_owned());
        let named = self.optional("PROFILES");
        let profiles = match named.as_deref().map(str::trim) {
            None | Some(BUILT_IN) => Profiles::built_in(&default).map_err(|error| error.to_string()),
            Some(text) => self
                .packaged_or_inline(text)
                .and_then(|json| Profiles::from_json(&json, &default).map_err(|error| error.to_string())),
        };
        profiles.unwrap_or_else(|error| {
            self.problems.push(format!("PROFILES, DEFAULT_PROFILE: {error}"));
            Profiles::built_in("web").expect("a built-in profile")
        })
    }

    /// The JSON of the profiles: the text itself, or the file that is packaged with the function.
    fn packaged_or_inline(&self, text: &str) -> Result<String, String> {
        let Some(digest) = text.strip_prefix(packaged_profiles::PREFIX) else {
            return Ok(text.to_owned());
        };
        let folder = self.optional("LAMBDA_TASK_ROOT").unwrap_or_else(|| ".".to_owned());
        packaged_profiles::read(Path::new(&folder), digest).map_err(|error| error.to_string())
    }

    fn delivery(&self) -> Option<DeliveryDomain> {
        self.optional("DELIVERY_DOMAIN").map(DeliveryDomain::new)
    }

    fn settings(&mut self) -> Settings {
        Settings {
            profiles: self.profiles(),
            destination_bucket: self.required("DESTINATION_BUCKET"),
            delivery: self.delivery(),
            retention: Retention { days: self.parsed("RECORD_RETENTION_DAYS", 365) },
        }
    }

    fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        let problems = self.problems;
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
    fn lists_are_split_at_commas_and_an_empty_domain_is_none() {
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
    fn an_empty_value_and_built_in_both_mean_the_built_in_profiles() {
        for value in ["", "built-in"] {
            let config = ValidateConfig::read(|name| match name {
                "PROFILES" => Some(value.to_owned()),
                "DESTINATION_BUCKET" | "RECORD_TABLE" => Some("x".to_owned()),
                _ => None,
            });
            let built_in = Profiles::built_in("web").unwrap().limit_memory((1769 - 64) << 20);
            assert_eq!(config.unwrap().settings.profiles, built_in, "{value}");
        }
    }

    #[test]
    fn packaged_profiles_must_have_the_digest_that_the_deployment_states() {
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
        let digest = packaged_profiles::digest(json.as_bytes());

        assert_eq!(read(&digest).unwrap().settings.profiles.to_string(), "mine");

        let error = read("0123456789").unwrap_err().to_string();
        assert!(error.contains("0123456789") && error.contains(&digest), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
        let error = read(&digest).unwrap_err().to_string();
        assert!(error.contains("make deploy PROFILES="), "{error}");
    }

    #[test]
    fn every_profile_is_limited_by_the_memory_of_the_resize_function() {
        let config = ValidateConfig::read(|name| match name {
            "RESIZE_MEMORY_SIZE" => Some("256".to_owned()),
            _ => Some("web".to_owned()).filter(|_| !name.starts_with("PRO") && !name.starts_with("RECORD_R")),
        });
        let profiles = config.unwrap().settings.profiles;
        let limits = profiles.get("web").unwrap().policy.limits;
        assert_eq!(limits.max_memory_bytes, Some(192 << 20));
    }
}
