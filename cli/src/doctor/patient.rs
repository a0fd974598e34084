//! The stack under examination: what is known of it so far, and what was put into it.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use aws_config::SdkConfig;
use http::{Method, Request, header::CONTENT_TYPE};
use pipeline::aws::RecordTable;
use uuid::Uuid;

use super::{
    access::Access,
    aws::{Aws, stacks::Resource},
    finding::{Trouble, trouble},
    http::{Answer, Version},
    interrupt::Interrupt,
    leftovers::Leftovers,
};
use crate::args::DoctorArgs;

/// What a call of the API brings along.
pub(super) enum Admission {
    /// With the caller's credentials for the API.
    Admitted,
    /// With none.
    Stranger,
}

/// Everything that the checks share.
pub(super) struct Patient<'a> {
    pub(super) args: &'a DoctorArgs,
    pub(super) aws: Aws,
    pub(super) stack: String,
    pub(super) interrupt: Interrupt,
    pub(super) leftovers: Leftovers,
    /// Names this examination in keys, rules and queues.
    pub(super) run: String,
    pub(super) outputs: HashMap<String, String>,
    pub(super) parameters: HashMap<String, String>,
    pub(super) resources: Vec<Resource>,
    /// The role that the rule starts executions as, once the rule was looked at.
    pub(super) rule_role: Option<String>,
    /// How the API lets the caller in, once that is known.
    pub(super) access: Option<Access>,
    /// Whether a picture has gone through the pipeline.
    pub(super) pipeline_works: bool,
    /// When the stack was made, once that is known.
    pub(super) made_at: Option<SystemTime>,
    /// Whether a check has failed.
    pub(super) has_trouble: bool,
}

/// After EventBridge is switched on for a bucket, events arrive after about five minutes; an upload before that has none.
/// Source: S3 User Guide, "Enabling Amazon EventBridge".
const EVENTS_BEGIN_WITHIN: Duration = Duration::from_secs(8 * 60);

impl<'a> Patient<'a> {
    /// # Errors
    /// If this machine has no root certificates.
    pub(super) fn new(
        args: &'a DoctorArgs,
        sdk: SdkConfig,
        stack: String,
        interrupt: Interrupt,
    ) -> anyhow::Result<Self> {
        let run = Uuid::new_v4().simple().to_string()[..12].to_owned();
        Ok(Self {
            args,
            aws: Aws::new(sdk)?,
            stack,
            interrupt,
            leftovers: Leftovers::default(),
            run: format!("doctor-{run}"),
            outputs: HashMap::new(),
            parameters: HashMap::new(),
            resources: Vec::new(),
            rule_role: None,
            access: None,
            pipeline_works: false,
            made_at: None,
            has_trouble: false,
        })
    }

    /// An output of the stack.
    pub(super) fn output(&self, name: &str) -> Result<&str, Trouble> {
        let value = self.outputs.get(name).map(String::as_str);
        value.ok_or_else(|| {
            trouble(format!("the stack has no output {name}"), "deploy it again: make deploy")
        })
    }

    /// A parameter of the stack; empty where it has none of that name.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The physical id of a resource.
    pub(super) fn physical(&self, logical_id: &str) -> Option<&str> {
        let found = self.resources.iter().find(|resource| resource.logical_id == logical_id);
        found.map(|resource| resource.physical_id.as_str())
    }

    pub(super) fn s3(&self) -> aws_sdk_s3::Client {
        let local = self.aws.local().is_some();
        let config = aws_sdk_s3::config::Builder::from(&self.aws.sdk).force_path_style(local);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(super) fn records(&self) -> Result<RecordTable, Trouble> {
        Ok(RecordTable::new(&self.aws.sdk, self.output("RecordTableName")?))
    }

    /// Where the API is.
    pub(super) fn api_url(&self) -> Result<String, Trouble> {
        Ok(match self.aws.local() {
            Some(endpoint) => {
                let (id, stage) = (self.output("ApiId")?, self.output("ApiStage")?);
                format!("{endpoint}/restapis/{id}/{stage}/_user_request_")
            }
            None => self.output("ApiUrl")?.to_owned(),
        })
    }

    /// Calls the API.
    pub(super) async fn call(
        &self,
        version: Version,
        method: Method,
        path: &str,
        content: Option<(&str, Vec<u8>)>,
        admission: Admission,
    ) -> Result<Answer, Trouble> {
        let mut request = Request::builder().method(method).uri(self.api_url()? + path);
        if let Some((kind, _)) = &content {
            request = request.header(CONTENT_TYPE, *kind);
        }
        let body = content.map(|(_, body)| body).unwrap_or_default();
        let mut request = request.body(body.into()).map_err(anyhow::Error::from)?;
        if let (Admission::Admitted, Some(access)) = (admission, &self.access) {
            access.admit(&mut request, &self.aws).await?;
        }
        Ok(self.aws.http.send(version, request).await?)
    }

    /// Whether the source bucket may be too new to send events, and nothing else is known to be wrong.
    pub(super) fn may_be_too_new(&self) -> bool {
        let age = self.made_at.and_then(|made_at| made_at.elapsed().ok());
        !self.has_trouble && age.is_some_and(|age| age < EVENTS_BEGIN_WITHIN)
    }

    /// Waits a moment between two looks at something.
    ///
    /// # Errors
    /// If the examination was interrupted.
    pub(super) async fn pause(&self, pause: Duration) -> Result<(), Trouble> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.interrupt.happens() => Err(trouble("interrupted", "run it again")),
        }
    }
}
