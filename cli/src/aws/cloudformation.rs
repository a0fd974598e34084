//! Describes stacks and their resources.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

use super::{client::AwsClient, error::AwsError, service::CLOUDFORMATION, xml};

/// A deployed stack.
#[derive(Debug)]
pub(crate) struct StackDescription {
    /// Such as `UPDATE_COMPLETE`.
    pub(crate) status: String,
    pub(crate) created_at: Option<SystemTime>,
    pub(crate) outputs: HashMap<String, String>,
    pub(crate) parameters: HashMap<String, String>,
}

/// A deployed resource of a stack.
#[derive(Debug, Clone)]
pub(crate) struct StackResource {
    pub(crate) logical_id: String,
    /// Such as `AWS::S3::Bucket`.
    pub(crate) resource_type: String,
    pub(crate) physical_id: String,
}

/// Describes a stack.
///
/// # Errors
/// If the caller lacks the permission, or the stack does not exist (CloudFormation's code for it is
/// `ValidationError`).
pub(crate) async fn describe_stack(aws: &AwsClient, name: &str) -> Result<StackDescription, AwsError> {
    let parameters = [("StackName".to_owned(), name.to_owned())];
    let answer = aws.call_query(CLOUDFORMATION, "DescribeStacks", &parameters).await?;
    let first_text = |name: &str| xml::first_text(&answer, name);
    Ok(StackDescription {
        status: first_text("StackStatus").unwrap_or_else(|| "unknown".to_owned()),
        created_at: first_text("CreationTime").and_then(|time| parse_time(&time)),
        outputs: xml::pairs(&answer, "OutputKey", "OutputValue"),
        parameters: xml::pairs(&answer, "ParameterKey", "ParameterValue"),
    })
}

/// Lists all resources of a stack.
///
/// # Errors
/// As [`describe_stack`].
pub(crate) async fn list_resources(aws: &AwsClient, name: &str) -> Result<Vec<StackResource>, AwsError> {
    let mut resources = Vec::new();
    let mut token = None;
    loop {
        let next = token.map(|token| ("NextToken".to_owned(), token));
        let parameters: Vec<_> = [("StackName".to_owned(), name.to_owned())].into_iter().chain(next).collect();
        let answer = aws.call_query(CLOUDFORMATION, "ListStackResources", &parameters).await?;
        let names = ["LogicalResourceId", "ResourceType", "PhysicalResourceId"];
        let page = xml::child_texts(&answer, names).into_iter();
        resources.extend(page.map(|[logical_id, resource_type, physical_id]| StackResource {
            logical_id,
            resource_type,
            physical_id,
        }));
        token = xml::first_text(&answer, "NextToken").filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(resources);
        }
    }
}

fn parse_time(text: &str) -> Option<SystemTime> {
    let time = DateTime::from_str(text, DateTimeFormat::DateTimeWithOffset).ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(time.secs()).ok()?))
}
