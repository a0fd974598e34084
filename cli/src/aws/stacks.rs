//! Stacks, as CloudFormation describes them.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

use super::{Aws, CLOUDFORMATION, Refusal, xml};

/// A deployed stack.
#[derive(Debug)]
pub(crate) struct Description {
    /// Such as `UPDATE_COMPLETE`.
    pub(crate) status: String,
    pub(crate) made_at: Option<SystemTime>,
    pub(crate) outputs: HashMap<String, String>,
    pub(crate) parameters: HashMap<String, String>,
}

/// What one resource of a template became.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) logical_id: String,
    /// Such as `AWS::S3::Bucket`.
    pub(crate) kind: String,
    pub(crate) physical_id: String,
}

/// # Errors
/// If the caller may not ask, or there is no such stack: CloudFormation calls that a `ValidationError`.
pub(crate) async fn describe(aws: &Aws, name: &str) -> Result<Description, Refusal> {
    let parameters = [("StackName".to_owned(), name.to_owned())];
    let answer = aws.query(CLOUDFORMATION, "DescribeStacks", &parameters).await?;
    let first = |name: &str| xml::texts(&answer, name).into_iter().next();
    Ok(Description {
        status: first("StackStatus").unwrap_or_else(|| "unknown".to_owned()),
        made_at: first("CreationTime").and_then(|time| moment(&time)),
        outputs: xml::pairs(&answer, "OutputKey", "OutputValue"),
        parameters: xml::pairs(&answer, "ParameterKey", "ParameterValue"),
    })
}

/// # Errors
/// As for [`describe`].
pub(crate) async fn resources(aws: &Aws, name: &str) -> Result<Vec<Resource>, Refusal> {
    let mut resources = Vec::new();
    let mut token = None;
    loop {
        let next = token.map(|token| ("NextToken".to_owned(), token));
        let parameters: Vec<_> =
            [("StackName".to_owned(), name.to_owned())].into_iter().chain(next).collect();
        let answer = aws.query(CLOUDFORMATION, "ListStackResources", &parameters).await?;
        let names = ["LogicalResourceId", "ResourceType", "PhysicalResourceId"];
        let page = xml::rows(&answer, names).into_iter();
        resources.extend(page.map(|[logical_id, kind, physical_id]| Resource {
            logical_id,
            kind,
            physical_id,
        }));
        token = xml::texts(&answer, "NextToken").into_iter().find(|token| !token.is_empty());
        if token.is_none() {
            return Ok(resources);
        }
    }
}

fn moment(text: &str) -> Option<SystemTime> {
    let time = DateTime::from_str(text, DateTimeFormat::DateTimeWithOffset).ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(time.secs()).ok()?))
}
