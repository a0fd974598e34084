//! A deployed stack: found by its outputs, in AWS or on the local cloud.

use std::{collections::HashMap, fs, net::IpAddr, path::Path};

use anyhow::{Context, bail};
use aws_config::{Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use pipeline::aws::{self, RecordTable};

use crate::{
    args::PlaceArgs,
    aws::{Aws, stacks},
};

/// Clients and names of one deployed stack.
pub(crate) struct Stack {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) step_functions: aws_sdk_sfn::Client,
    /// For services that have no client here.
    pub(crate) sdk: SdkConfig,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) records: RecordTable,
    pub(crate) source_bucket: String,
    pub(crate) destination_bucket: String,
    pub(crate) record_table: String,
    /// Its ARN.
    pub(crate) state_machine: String,
    /// Whether it is on this machine, where there is no console.
    pub(crate) local: bool,
    pub(crate) state_machine_alias: String,
    pub(crate) notify_function: String,
    pub(crate) images_function: String,
    pub(crate) dead_letter_queue: String,
}

/// A stack's outputs by name.
type Outputs = HashMap<String, String>;

impl Stack {
    /// The stack that is named, in AWS; without a name, the one that the local cloud deployed.
    ///
    /// # Errors
    /// If there is none, or it is no Darkroom.
    pub(crate) async fn find(place: &PlaceArgs) -> anyhow::Result<Self> {
        let local = &place.outputs;
        match place.stack.as_deref() {
            Some(name) => {
                let sdk = aws::loader().load().await;
                let outputs = described(name, &sdk).await?;
                Self::new(&sdk, &outputs).with_context(|| format!("stack {name}"))
            }
            None => {
                let outputs = read(local)?;
                let sdk = local_sdk(&outputs).await?;
                Self::new(&sdk, &outputs).with_context(|| local.display().to_string())
            }
        }
    }

    fn new(sdk: &SdkConfig, outputs: &Outputs) -> anyhow::Result<Self> {
        let record_table = output(outputs, "RecordTableName")?;
        let local = sdk.endpoint_url().is_some();
        let s3 = aws_sdk_s3::config::Builder::from(sdk).force_path_style(local).build();
        Ok(Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            step_functions: aws_sdk_sfn::Client::new(sdk),
            sdk: sdk.clone(),
            sqs: aws_sdk_sqs::Client::new(sdk),
            records: RecordTable::new(sdk, &record_table),
            source_bucket: output(outputs, "SourceBucketName")?,
            destination_bucket: output(outputs, "DestinationBucketName")?,
            record_table,
            state_machine: output(outputs, "StateMachineArn")?,
            local,
            state_machine_alias: output(outputs, "StateMachineAliasArn")?,
            notify_function: output(outputs, "NotifyFunctionName")?,
            images_function: output(outputs, "ImagesFunctionName")?,
            dead_letter_queue: output(outputs, "DeadLetterQueueUrl")?,
        })
    }
}

/// What the local cloud deployed: how to call it, and the stack's name.
///
/// # Errors
/// If it deployed nothing.
pub(crate) async fn local(place: &PlaceArgs) -> anyhow::Result<(SdkConfig, String)> {
    let outputs = read(&place.outputs)?;
    Ok((local_sdk(&outputs).await?, output(&outputs, "StackName")?))
}

async fn described(name: &str, sdk: &SdkConfig) -> anyhow::Result<Outputs> {
    let stack = stacks::describe(&Aws::new(sdk.clone())?, name).await;
    let stack = stack.with_context(|| format!("asking CloudFormation for the stack {name}"))?;
    Ok(stack.outputs)
}

fn read(path: &Path) -> anyhow::Result<Outputs> {
    let Ok(json) = fs::read_to_string(path) else {
        bail!(
            "no local cloud is deployed ({} is not there): start one with `make up`, or name a stack in AWS with --stack",
            path.display()
        );
    };
    serde_json::from_str(&json).with_context(|| format!("reading {}", path.display()))
}

async fn local_sdk(outputs: &Outputs) -> anyhow::Result<SdkConfig> {
    // The local cloud's own: those of the user's environment must not be sent to it.
    let (key, secret) = (output(outputs, "AccessKeyId")?, output(outputs, "SecretAccessKey")?);
    let credentials = Credentials::new(key, secret, None, None, "local cloud");
    let endpoint = loopback(output(outputs, "Endpoint")?)?;
    Ok(aws::loader()
        .endpoint_url(endpoint)
        .region(Region::new(output(outputs, "Region")?))
        .credentials_provider(credentials)
        .load()
        .await)
}

/// The endpoint, if it is on this machine. The file may lie in a folder that somebody else filled, and pictures are
/// sent to where it says.
fn loopback(endpoint: String) -> anyhow::Result<String> {
    let uri = endpoint.parse::<http::Uri>().ok();
    let host = uri.as_ref().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    let host = host.and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        return Ok(endpoint);
    }
    bail!(
        "the endpoint '{endpoint}' is not on this machine: the file may name a local cloud only; use --stack for AWS"
    )
}

fn output(outputs: &Outputs, name: &str) -> anyhow::Result<String> {
    let value = outputs.get(name).cloned();
    value.with_context(|| format!("there is no output {name}: it is not a Darkroom stack"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_local_cloud_is_on_this_machine() {
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
            assert_eq!(loopback(endpoint.to_owned()).is_ok(), accepted, "{endpoint}");
        }
    }
}
