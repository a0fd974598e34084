//! What the checks share: the stack under examination, what is known about it, and what was created for the
//! examination.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use aws_config::SdkConfig;
use http::{Method, Request, header::CONTENT_TYPE};
use pipeline::aws::RecordTable;
use uuid::Uuid;

use super::{
    check_result::{CheckFailure, check_failure},
    created::CreatedResources,
    credentials::ApiCredentials,
    interrupt::Interrupt,
};
use crate::{
    args::DoctorArgs,
    aws::{
        AwsClient,
        cloudformation::StackResource,
        http::{HttpResponse, HttpVersion},
    },
    stack::s3_client,
};

/// What the checks share. Earlier checks fill in what later checks need.
pub(super) struct CheckContext<'a> {
    pub(super) args: &'a DoctorArgs,
    pub(super) aws: AwsClient,
    pub(super) stack_name: String,
    pub(super) interrupt: Interrupt,
    pub(super) created: CreatedResources,
    /// Identifies this examination in keys, rules and queues.
    pub(super) run_id: String,
    pub(super) outputs: HashMap<String, String>,
    pub(super) parameters: HashMap<String, String>,
    pub(super) resources: Vec<StackResource>,
    /// The role with which the rule starts executions. Set by the check of the rules.
    pub(super) rule_role_arn: Option<String>,
    /// Credentials for the API. Set by the check of the API.
    pub(super) credentials: Option<ApiCredentials>,
    /// Whether an uploaded picture was completed.
    pub(super) pipeline_works: bool,
    pub(super) stack_created_at: Option<SystemTime>,
    /// Whether a check has failed.
    pub(super) has_failed_check: bool,
}

// After EventBridge is enabled for a bucket, the first events arrive after about five minutes. Earlier uploads have no
// event. Source: S3 User Guide, "Enabling Amazon EventBridge".
const EVENTS_BEGIN_WITHIN: Duration = Duration::from_secs(8 * 60);

impl<'a> CheckContext<'a> {
    /// A context in which nothing is known about the stack yet.
    ///
    /// # Errors
    /// If this machine has no root certificates.
    pub(super) fn new(
        args: &'a DoctorArgs,
        sdk: SdkConfig,
        stack_name: String,
        interrupt: Interrupt,
    ) -> anyhow::Result<Self> {
        let id = Uuid::new_v4().simple().to_string()[..12].to_owned();
        Ok(Self {
            args,
            aws: AwsClient::new(sdk)?,
            stack_name,
            interrupt,
            created: CreatedResources::default(),
            run_id: format!("doctor-{id}"),
            outputs: HashMap::new(),
            parameters: HashMap::new(),
            resources: Vec::new(),
            rule_role_arn: None,
            credentials: None,
            pipeline_works: false,
            stack_created_at: None,
            has_failed_check: false,
        })
    }

    /// An output of the stack.
    ///
    /// # Errors
    /// If the stack has no output with this name.
    pub(super) fn output(&self, name: &str) -> Result<&str, CheckFailure> {
        let value = self.outputs.get(name).map(String::as_str);
        value.ok_or_else(|| check_failure(format!("the stack has no output {name}"), "deploy it again: make deploy"))
    }

    /// A parameter of the stack; empty if there is no parameter with this name.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The physical id of a resource.
    pub(super) fn physical_id(&self, logical_id: &str) -> Option<&str> {
        let found = self.resources.iter().find(|resource| resource.logical_id == logical_id);
        found.map(|resource| resource.physical_id.as_str())
    }

    /// A client for both buckets.
    pub(super) fn s3(&self) -> aws_sdk_s3::Client {
        s3_client(&self.aws.sdk)
    }

    /// The records of the stack.
    ///
    /// # Errors
    /// If the stack has no record table.
    pub(super) fn records(&self) -> Result<RecordTable, CheckFailure> {
        Ok(RecordTable::new(&self.aws.sdk, self.output("RecordTableName")?))
    }

    /// The command that shows the log of a function.
    pub(super) fn log_command(&self, function: &str) -> String {
        format!("aws logs tail /aws/lambda/{}-{function} --since 10m", self.stack_name)
    }

    /// The base URL of the API.
    fn api_url(&self) -> Result<String, CheckFailure> {
        Ok(match self.aws.local_endpoint() {
            Some(endpoint) => {
                let (id, stage) = (self.output("ApiId")?, self.output("ApiStage")?);
                format!("{endpoint}/restapis/{id}/{stage}/_user_request_")
            }
            None => self.output("ApiUrl")?.to_owned(),
        })
    }

    /// Calls the API over HTTP/1.1, with credentials. `content` is a content type and a body.
    ///
    /// # Errors
    /// If the API does not answer. An error status is not an error.
    pub(super) async fn call_api(
        &self,
        method: Method,
        path: &str,
        content: Option<(&str, Vec<u8>)>,
    ) -> Result<HttpResponse, CheckFailure> {
        let credentials = self.credentials.as_ref();
        self.call_api_with(HttpVersion::Http1, credentials, method, path, content).await
    }

    /// Calls the API over any version of HTTP. Without credentials, the call is anonymous.
    ///
    /// # Errors
    /// As [`call_api`](Self::call_api).
    pub(super) async fn call_api_with(
        &self,
        version: HttpVersion,
        credentials: Option<&ApiCredentials>,
        method: Method,
        path: &str,
        content: Option<(&str, Vec<u8>)>,
    ) -> Result<HttpResponse, CheckFailure> {
        let mut request = Request::builder().method(method).uri(self.api_url()? + path);
        if let Some((content_type, _)) = &content {
            request = request.header(CONTENT_TYPE, *content_type);
        }
        let body = content.map(|(_, body)| body).unwrap_or_default();
        let mut request = request.body(body.into()).map_err(anyhow::Error::from)?;
        if let Some(credentials) = credentials {
            credentials.add_to(&mut request, &self.aws).await?;
        }
        Ok(self.aws.http.send(version, request).await?)
    }

    /// Whether the source bucket may be too new to send events. False if a check has failed, which explains more.
    pub(super) fn source_bucket_may_be_too_new(&self) -> bool {
        let age = self.stack_created_at.and_then(|created_at| created_at.elapsed().ok());
        !self.has_failed_check && age.is_some_and(|age| age < EVENTS_BEGIN_WITHIN)
    }

    /// Waits before the next poll.
    ///
    /// # Errors
    /// If the examination was interrupted.
    pub(super) async fn sleep(&self, duration: Duration) -> Result<(), CheckFailure> {
        tokio::select! {
            () = tokio::time::sleep(duration) => Ok(()),
            () = self.interrupt.wait() => Err(check_failure("interrupted", "run it again")),
        }
    }
}
