//! A spec for a source whose format is known. Jobs and keys of renditions have one.

use serde::{Deserialize, Serialize};

use crate::spec::{RenditionName, RenditionSpec, SpecError, Target};
use crate::{Encoding, Format};

/// A [`RenditionSpec`] whose target is an encoding, never the source's format. Its JSON is that of a spec.
///
/// ```
/// use imaging::{Encoding, Format, RenditionSpec, ResolvedSpec};
///
/// let spec: RenditionSpec = serde_json::from_str(r#"{"name": "a", "format": "source"}"#)?;
/// assert_eq!(ResolvedSpec::new(spec, Format::Png).encoding(), Encoding::Png);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RenditionSpec", into = "RenditionSpec")]
pub struct ResolvedSpec {
    /// Its target is `encoding`.
    spec: RenditionSpec,
    encoding: Encoding,
}

impl ResolvedSpec {
    /// Replaces the target by the encoding for a source of this format.
    pub fn new(spec: RenditionSpec, source: Format) -> Self {
        let encoding = spec.target.encoding_for(source);
        ResolvedSpec { spec: RenditionSpec { target: Target::Encoding(encoding), ..spec }, encoding }
    }

    /// The rendition's name.
    pub fn name(&self) -> &RenditionName {
        &self.spec.name
    }

    /// How the rendition is encoded.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The spec. Its target is [`ResolvedSpec::encoding`].
    pub fn as_spec(&self) -> &RenditionSpec {
        &self.spec
    }
}

impl TryFrom<RenditionSpec> for ResolvedSpec {
    type Error = SpecError;

    fn try_from(spec: RenditionSpec) -> Result<Self, SpecError> {
        match spec.target {
            Target::Encoding(encoding) => Ok(ResolvedSpec { spec, encoding }),
            Target::Source => Err(SpecError::Unresolved { name: spec.name }),
        }
    }
}

impl From<ResolvedSpec> for RenditionSpec {
    fn from(resolved: ResolvedSpec) -> RenditionSpec {
        resolved.spec
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn spec(json: &str) -> RenditionSpec {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_json_of_a_resolved_spec_has_its_encoding() {
        let cases = [
            (Format::Jpeg, r#"{"name":"a","fit":"inside","format":"jpeg","quality":85}"#),
            (Format::Png, r#"{"name":"a","fit":"inside","format":"png"}"#),
            (Format::Webp, r#"{"name":"a","fit":"inside","format":"webp","quality":77}"#),
            (Format::Gif, r#"{"name":"a","fit":"inside","format":"png"}"#),
        ];
        for (source, json) in cases {
            let spec = spec(r#"{"name":"a","format":"source"}"#);
            let resolved = ResolvedSpec::new(spec.clone(), source);
            assert_eq!(serde_json::to_string(&resolved).unwrap(), json);
            assert_eq!(serde_json::from_str::<ResolvedSpec>(json).unwrap(), resolved);
            assert_eq!(resolved.encoding().format(), spec.output_format(source));
        }
    }

    #[test]
    fn an_explicit_format_stays_as_it_is() {
        let spec = spec(r#"{"name":"a","format":"webp","quality":7}"#);
        assert_eq!(ResolvedSpec::new(spec.clone(), Format::Jpeg).as_spec(), &spec);
    }

    #[test]
    fn the_format_source_is_refused() {
        let json = r#"{"name":"a","format":"source"}"#;
        let error = serde_json::from_str::<ResolvedSpec>(json).unwrap_err();
        assert_eq!(error.to_string(), "rendition a: a job's format must not be source");
    }
}
