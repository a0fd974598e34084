//! A deployed stack: finds it by its outputs, in AWS or on the local cloud.

use std::{collections::HashMap, fs, net::IpAddr, path::Path};

use anyhow::{Context, bail};
use aws_config::{Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use pipeline::aws::{self, RecordTable};

use crate::{
    args::StackArgs,
    aws::{AwsClient, cloudformation},
};

/// Clients of one deployed stack, and the names of its resources.
pub(crate) struct Stack {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) step_functions: aws_sdk_sfn::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) records: RecordTable,
    /// For services that have no client here.
    pub(crate) sdk: SdkConfig,
    pub(crate) source_bucket: String,
    pub(crate) destination_bucket: String,
    pub(crate) record_table: String,
    pub(crate) state_machine_arn: String,
    pub(crate) state_machine_alias_arn: String,
    pub(crate) notify_function: String,
    pub(crate) images_function: String,
    pub(crate) dead_letter_queue_url: String,
    /// Whether the stack runs on the local cloud, which has no console.
    pub(crate) is_local: bool,
}

/// The outputs of a stack by name.
type Outputs = HashMap<String, String>;

impl Stack {
    /// Finds the named stack in AWS. Without a name, the stack of the local cloud.
    ///
    /// # Errors
    /// If there is no such stack, or it is not a Darkroom stack.
    pub(crate) async fn find(args: &StackArgs) -> anyhow::Result<Self> {
        let file = &args.outputs;
        match args.stack.as_deref() {
            Some(name) => {
                let sdk = aws::sdk_config_loader().load().await;
                let aws = AwsClient::new(sdk.clone())?;
                let stack = cloudformation::describe_stack(&aws, name).await;
                let stack = stack.with_context(|| format!("asking CloudFormation for the stack {name}"))?;
                Self::new(&sdk, &stack.outputs).with_context(|| format!("stack {name}"))
            }
            None => {
                let outputs = read_outputs(file)?;
                let sdk = local_sdk_config(&outputs).await?;
                Self::new(&sdk, &outputs).with_context(|| file.display().to_string())
            }
        }
    }

    fn new(sdk: &SdkConfig, outputs: &Outputs) -> anyhow::Result<Self> {
        let record_table = required_output(outputs, "RecordTableName")?;
        Ok(Self {
            s3: s3_client(sdk),
            step_functions: aws_sdk_sfn::Client::new(sdk),
            sqs: aws_sdk_sqs::Client::new(sdk),
            records: RecordTable::new(sdk, &record_table),
            sdk: sdk.clone(),
            source_bucket: required_output(outputs, "SourceBucketName")?,
            destination_bucket: required_output(outputs, "DestinationBucketName")?,
            record_table,
            state_machine_arn: required_output(outputs, "StateMachineArn")?,
            state_machine_alias_arn: required_output(outputs, "StateMachineAliasArn")?,
            notify_function: required_output(outputs, "NotifyFunctionName")?,
            images_function: required_output(outputs, "ImagesFunctionName")?,
            dead_letter_queue_url: required_output(outputs, "DeadLetterQueueUrl")?,
            is_local: sdk.endpoint_url().is_some(),
        })
    }
}

/// An S3 client. The local cloud has no host name for each bucket, so its buckets are in the path.
pub(crate) fn s3_client(sdk: &SdkConfig) -> aws_sdk_s3::Client {
    let is_local = sdk.endpoint_url().is_some();
    let config = aws_sdk_s3::config::Builder::from(sdk).force_path_style(is_local);
    aws_sdk_s3::Client::from_conf(config.build())
}

/// The configuration of the local cloud, and the name of its stack.
///
/// # Errors
/// If no local cloud is deployed.
pub(crate) async fn find_local(args: &StackArgs) -> anyhow::Result<(SdkConfig, String)> {
    let outputs = read_outputs(&args.outputs)?;
    Ok((local_sdk_config(&outputs).await?, required_output(&outputs, "StackName")?))
}

fn read_outputs(path: &Path) -> anyhow::Result<Outputs> {
    let Ok(json) = fs::read_to_string(path) else {
        bail!(
            "no local cloud is deployed ({} does not exist): start one with `make up`, or name a stack in AWS with \
             --stack",
            path.display()
        );
    };
    serde_json::from_str(&json).with_context(|| format!("reading {}", path.display()))
}

async fn local_sdk_config(outputs: &Outputs) -> anyhow::Result<SdkConfig> {
    // The local cloud has its own credentials. Those in the user's environment must not be sent to it.
    let key = required_output(outputs, "AccessKeyId")?;
    let secret = required_output(outputs, "SecretAccessKey")?;
    let credentials = Credentials::new(key, secret, None, None, "local cloud");
    let endpoint = check_loopback(required_output(outputs, "Endpoint")?)?;
    Ok(aws::sdk_config_loader()
        .endpoint_url(endpoint)
        .region(Region::new(required_output(outputs, "Region")?))
        .credentials_provider(credentials)
        .load()
        .await)
}

/// Returns the endpoint if it is on this machine.
///
/// Pictures are sent to this endpoint. It comes from a file that may be in a folder of an attacker.
fn check_loopback(endpoint: String) -> anyhow::Result<String> {
    let uri = endpoint.parse::<http::Uri>().ok();
    let uri = uri.as_ref().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    let host = uri.and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        return Ok(endpoint);
    }
    bail!("the endpoint '{endpoint}' is not on this machine: the file may name a local cloud only; use --stack for AWS")
}

fn required_output(outputs: &Outputs, name: &str) -> anyhow::Result<String> {
    let value = outputs.get(name).cloned();
    value.with_context(|| format!("there is no output {name}: it is not a Darkroom stack"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_endpoints_are_accepted() {
        for (endpoint, accepted) in [
            ("http://127.0.0.1:4566", true),
            ("http://127.1.2.3:80", true),
            ("http://localhost:4566", true),
            ("https://[::1]:4566", true),
            ("http://attacker.example", false),
            ("http://localhost.attacker.example:4566", false),
            ("http://127.0.0.1:4566@attacker.example", false),
            ("http://127.0.0.1.attacker.example", false),
            ("http://192.0.2.1:4566", false),
            ("http://0.0.0.0:4566", false),
            ("ftp://127.0.0.1", false),
            ("127.0.0.1:4566", false),
            ("", false),
        ] {
            assert_eq!(check_loopback(endpoint.to_owned()).is_ok(), accepted, "{endpoint}");
        }
    }
}
