//! Checks that the policies of the buckets deny nothing that the stack needs.
//!
//! A Deny for everyone without a condition is a failure. A Deny with a condition other than `aws:SecureTransport` may
//! be intended: it is named, and the uploads below show whether it does harm.

use aws_sdk_s3::{Error, error::ProvideErrorMetadata};
use serde_json::{Value, json};

use crate::doctor::{
    check_result::{CheckResult, check_failure, passed, skipped},
    context::CheckContext,
};

/// What the functions and the API call on the buckets.
const REQUIRED_ACTIONS: [&str; 8] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutObjectTagging",
];

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let s3 = context.s3();
    let mut conditional = Vec::new();
    for output in ["SourceBucketName", "DestinationBucketName"] {
        let bucket = context.output(output)?;
        let policy = match s3.get_bucket_policy().bucket(bucket).send().await.map_err(Error::from) {
            Ok(response) => response.policy.unwrap_or_default(),
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => continue,
            Err(error) if error.code() == Some("AccessDenied") => {
                return skipped("the caller lacks s3:GetBucketPolicy");
            }
            Err(error) => return Err(check_failure(format!("{bucket}: {error}"), "try again")),
        };
        let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
        for (index, statement) in one_or_many(&policy["Statement"]).into_iter().enumerate() {
            let Some(action) = denied_action(statement) else { continue };
            let sid = statement["Sid"].as_str().unwrap_or("without a Sid");
            if statement.get("Condition").is_none() && is_everyone(&statement["Principal"]) {
                let mut fixed = policy.clone();
                if let Some(statements) = fixed["Statement"].as_array_mut() {
                    statements.remove(index);
                }
                return Err(check_failure(
                    format!("the policy of {bucket} denies {action} to everyone (statement {sid})"),
                    format!("aws s3api put-bucket-policy --bucket {bucket} --policy '{fixed}'"),
                ));
            }
            if !is_about_plain_http(&statement["Condition"]) {
                conditional.push(format!("{bucket}: {sid} denies {action} to some callers"));
            }
        }
    }
    match conditional[..] {
        [] => passed("they deny only plain HTTP"),
        _ => passed(conditional.join("; ")),
    }
}

/// The elements of an array; for any other value, the value.
fn one_or_many(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |all| all.iter().collect())
}

/// The first required action that a statement denies.
fn denied_action(statement: &Value) -> Option<&'static str> {
    let denies = statement["Effect"] == "Deny";
    let patterns = one_or_many(&statement["Action"]);
    let matches = |action: &str| patterns.iter().any(|one| pattern_matches(one.as_str().unwrap_or(""), action));
    REQUIRED_ACTIONS.into_iter().find(|action| denies && matches(action))
}

/// Whether a pattern matches an action. `*` may stand at the end of the pattern.
fn pattern_matches(pattern: &str, action: &str) -> bool {
    match pattern.split_once('*') {
        Some((beginning, _)) => action.starts_with(beginning),
        None => pattern.eq_ignore_ascii_case(action),
    }
}

fn is_everyone(principal: &Value) -> bool {
    *principal == "*" || one_or_many(&principal["AWS"]).contains(&&json!("*"))
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
    fn only_a_deny_of_a_required_action_counts() {
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
    fn a_deny_of_plain_http_is_allowed() {
        assert!(is_about_plain_http(&json!({"Bool": {"aws:SecureTransport": "false"}})));
        assert!(!is_about_plain_http(&json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})));
        assert!(!is_about_plain_http(&Value::Null));
        assert!(is_everyone(&json!("*")) && is_everyone(&json!({"AWS": "*"})));
        assert!(!is_everyone(&json!({"AWS": "arn:aws:iam::1:root"})));
    }
}
