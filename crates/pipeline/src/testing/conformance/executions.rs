//! Executions have unique names.

use crate::ports::Executions;

/// `name` was never used, and `input` is not an upload.
pub async fn executions(port: &impl Executions, name: &str, input: &str) {
    let first = port.start(name, input).await.expect("start");
    assert!(first.ends_with(name), "{first}");
    let second = port.start(name, input).await.expect("start again");
    assert_eq!(second, first, "the same name is the same execution");
    let other = port.start(name, r#"{"other": "input"}"#).await.expect("start again");
    assert_eq!(other, first, "also with another input");
}
