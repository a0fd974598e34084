//! What the events of an execution's history tell of renditions.

use serde_json::Value;

/// Which rendition a job (`spec.name`) or its result (`rendition.name`, `name`) is about.
pub(crate) fn rendition_of(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let name = ["/spec/name", "/rendition/name", "/name"];
    name.iter().find_map(|pointer| value.pointer(pointer)?.as_str()).map(str::to_owned)
}
