//! The buckets' policies deny nothing that the stack needs.
//!
//! A Deny for everybody without a condition is trouble for certain. One with another condition than
//! `aws:SecureTransport` may be meant: it is named, and the uploads below show whether it hurts.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata};
use serde_json::{Value, json};

use super::super::{
    finding::{Checked, good, skipped, trouble},
    patient::Patient,
};

/// What functions and integrations call on the buckets.
const NEEDED: [&str; 8] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutObjectTagging",
];

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let s3 = patient.s3();
    let mut conditional = Vec::new();
    for output in ["SourceBucketName", "DestinationBucketName"] {
        let bucket = patient.output(output)?;
        let policy = match s3.get_bucket_policy().bucket(bucket).send().await.map_err(Error::from) {
            Ok(answer) => answer.policy.unwrap_or_default(),
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => continue,
            Err(error) if error.code() == Some("AccessDenied") => {
                return skipped("the caller lacks s3:GetBucketPolicy");
            }
            Err(error) => return Err(trouble(format!("{bucket}: {error}"), "try again")),
        };
        let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
        for (index, statement) in list(&policy["Statement"]).into_iter().enumerate() {
            let Some(action) = denied_action(statement) else { continue };
            let sid = statement["Sid"].as_str().unwrap_or("without a Sid");
            if statement.get("Condition").is_none() && is_everybody(&statement["Principal"]) {
                let mut left = policy.clone();
                if let Some(all) = left["Statement"].as_array_mut() {
                    all.remove(index);
                }
                return Err(trouble(
                    format!(
                        "the policy of {bucket} denies {action} to everybody (statement {sid})"
                    ),
                    format!("aws s3api put-bucket-policy --bucket {bucket} --policy '{left}'"),
                ));
            }
            if !is_about_plain_http(&statement["Condition"]) {
                conditional.push(format!("{bucket}: {sid} denies {action} to some"));
            }
        }
    }
    match conditional[..] {
        [] => good("nothing is denied but plain HTTP"),
        _ => good(conditional.join("; ")),
    }
}

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |all| all.iter().collect())
}

/// The first needed action that a statement denies.
fn denied_action(statement: &Value) -> Option<&'static str> {
    let denies = statement["Effect"] == "Deny";
    let patterns = list(&statement["Action"]);
    let matches =
        |action: &str| patterns.iter().any(|one| covers(one.as_str().unwrap_or(""), action));
    NEEDED.into_iter().find(|action| denies && matches(action))
}

/// Whether a pattern with `*` at its end, or none, covers an action.
fn covers(pattern: &str, action: &str) -> bool {
    match pattern.split_once('*') {
        Some((beginning, _)) => action.starts_with(beginning),
        None => pattern.eq_ignore_ascii_case(action),
    }
}

fn is_everybody(principal: &Value) -> bool {
    *principal == "*" || list(&principal["AWS"]).contains(&&json!("*"))
}

fn is_about_plain_http(condition: &Value) -> bool {
    let all = condition.as_object();
    let keys = all.into_iter().flatten().filter_map(|(_, keys)| keys.as_object());
    let mut names = keys.flat_map(|keys| keys.keys()).peekable();
    names.peek().is_some() && names.all(|name| name.eq_ignore_ascii_case("aws:SecureTransport"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_deny_of_something_needed_counts() {
        for (statement, expected) in [
            (json!({"Effect": "Deny", "Action": "s3:*"}), Some("s3:GetObject")),
            (json!({"Effect": "Deny", "Action": ["s3:PutObject"]}), Some("s3:PutObject")),
            (json!({"Effect": "Deny", "Action": "s3:PutBucketPolicy"}), None),
            (json!({"Effect": "Allow", "Action": "s3:*"}), None),
        ] {
            assert_eq!(denied_action(&statement), expected, "{statement}");
        }
    }

    #[test]
    fn plain_http_may_be_denied() {
        assert!(is_about_plain_http(&json!({"Bool": {"aws:SecureTransport": "false"}})));
        assert!(!is_about_plain_http(&json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})));
        assert!(!is_about_plain_http(&Value::Null));
        assert!(is_everybody(&json!("*")) && is_everybody(&json!({"AWS": "*"})));
        assert!(!is_everybody(&json!({"AWS": "arn:aws:iam::1:root"})));
    }
}
