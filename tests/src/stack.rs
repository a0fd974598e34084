//! Sources, records, executions and renditions of the deployed stack.

use std::{collections::HashMap, env, fs, future::Future, path::Path, time::Duration};

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::{config::Credentials, operation::get_object::GetObjectOutput, primitives::ByteStream};
use aws_sdk_sfn::{operation::describe_execution::DescribeExecutionOutput, types::ExecutionStatus};
use pipeline::{
    Record, Status,
    aws::{self, RecordTable},
    ports::Records,
};

/// A deployed stack, with a client for each service.
#[derive(Debug)]
pub struct DeployedStack {
    /// Configuration for further clients, with the local cloud's endpoint and credentials.
    pub sdk: SdkConfig,
    /// Client for the source and the destination bucket.
    pub s3: aws_sdk_s3::Client,
    /// Client for executions.
    pub step_functions: aws_sdk_sfn::Client,
    /// The table of records.
    pub records: RecordTable,
    outputs: HashMap<String, String>,
}

/// One version of an object in the source bucket.
#[derive(Debug, Clone)]
pub struct UploadedSource {
    /// The source key.
    pub key: String,
    /// The version's ID.
    pub version_id: String,
    /// The content's ETag, without quotes.
    pub etag: String,
}

// Long enough for a slow or busy machine: no test depends on its speed.
const TIMEOUT: Duration = Duration::from_secs(600);
const POLL_INTERVAL: Duration = Duration::from_millis(100);

impl DeployedStack {
    /// Finds the stack by the outputs file `DARKROOM_OUTPUTS`, or else by that of `make up`.
    ///
    /// # Panics
    /// If the outputs file cannot be read.
    pub fn find() -> Self {
        let named = env::var("DARKROOM_OUTPUTS").ok();
        let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/outputs.json");
        let path = named.as_ref().map_or(default, |path| path.into());
        let json = fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("no local cloud is deployed (`make test`, `make up`): {}: {error}", path.display())
        });
        Self::new(serde_json::from_str(&json).expect("outputs are names and values"))
    }

    fn new(outputs: HashMap<String, String>) -> Self {
        let (key, secret) = (&outputs["AccessKeyId"], &outputs["SecretAccessKey"]);
        let credentials = Credentials::new(key, secret, None, None, "local cloud");
        let sdk = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&outputs["Endpoint"])
            .region(Region::new(outputs["Region"].clone()))
            .credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(credentials))
            .http_client(aws::https_client())
            .build();
        let s3 = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            step_functions: aws_sdk_sfn::Client::new(&sdk),
            records: RecordTable::new(&sdk, &outputs["RecordTableName"]),
            sdk,
            outputs,
        }
    }

    /// An output of the stack.
    ///
    /// # Panics
    /// If the stack has no output of that name.
    pub fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// Stores an object in the source bucket.
    pub async fn upload(&self, key: &str, bytes: impl Into<Vec<u8>>) -> UploadedSource {
        let bucket = self.output("SourceBucketName");
        let body = ByteStream::from(bytes.into());
        let put = self.s3.put_object().bucket(bucket).key(key).body(body).send().await;
        let put = put.expect("S3 stores an upload");
        UploadedSource {
            key: key.to_owned(),
            version_id: put.version_id.expect("the source bucket is versioned"),
            etag: put.e_tag.expect("S3 returns an ETag").trim_matches('"').to_owned(),
        }
    }

    /// Sets a delete marker on a source key, and returns its version ID. The versions of the source stay.
    pub async fn delete_source(&self, key: &str) -> String {
        let bucket = self.output("SourceBucketName");
        let deleted = self.s3.delete_object().bucket(bucket).key(key).send().await.expect("S3 deletes");
        deleted.version_id.expect("the source bucket is versioned")
    }

    /// Deletes one version or one delete marker of a source key permanently.
    pub async fn delete_version(&self, key: &str, version_id: &str) {
        let bucket = self.output("SourceBucketName");
        let delete = self.s3.delete_object().bucket(bucket).key(key).version_id(version_id);
        delete.send().await.expect("S3 deletes");
    }

    /// Waits until a key has no record.
    pub async fn wait_for_removal(&self, key: &str) {
        let is_removed = async || self.records.get(key).await.expect("the table answers").is_none().then_some(());
        wait_for("the removal of the record", is_removed).await;
    }

    /// Whether one of the latest executions was started for a key.
    pub async fn has_execution(&self, key: &str) -> bool {
        let list = self.step_functions.list_executions().state_machine_arn(self.output("StateMachineArn"));
        let listed = list.max_results(20).send().await.expect("executions can be listed").executions;
        for execution in listed {
            let input = self.execution_input(&execution.execution_arn).await;
            let input: serde_json::Value = serde_json::from_str(&input).expect("JSON");
            if input["detail"]["object"]["key"] == key {
                return true;
            }
        }
        false
    }

    /// Waits until an upload has an outcome and its execution has ended.
    pub async fn wait_for_outcome(&self, uploaded: &UploadedSource) -> Record {
        let current = |record: &Record| record.upload.version_id.as_deref() == Some(&uploaded.version_id);
        self.wait_for_record(&uploaded.key, current).await
    }

    /// Waits until the record of a key matches `wanted` and has an outcome, and its execution has ended.
    pub async fn wait_for_record(&self, key: &str, wanted: impl Fn(&Record) -> bool) -> Record {
        let record = wait_for("an outcome", async || {
            let record = self.records.get(key).await.expect("the table answers")?;
            (wanted(&record) && record.status != Status::Processing).then_some(record)
        });
        let record = record.await;
        self.wait_for_execution(&record.upload.execution).await;
        record
    }

    /// Waits until an execution has ended. Returns its final status.
    pub async fn wait_for_execution(&self, arn: &str) -> ExecutionStatus {
        wait_for("the end of an execution", async || {
            let status = self.describe_execution(arn).await.status;
            (status != ExecutionStatus::Running).then_some(status)
        })
        .await
    }

    /// Whether an execution was redriven.
    pub async fn was_redriven(&self, arn: &str) -> bool {
        self.describe_execution(arn).await.redrive_count.is_some_and(|count| count > 0)
    }

    /// The input of an execution, as JSON.
    pub async fn execution_input(&self, arn: &str) -> String {
        self.describe_execution(arn).await.input.expect("every execution here has an input")
    }

    /// The output of an execution, as JSON. Empty if it has none.
    pub async fn execution_output(&self, arn: &str) -> String {
        self.describe_execution(arn).await.output.unwrap_or_default()
    }

    async fn describe_execution(&self, arn: &str) -> DescribeExecutionOutput {
        let request = self.step_functions.describe_execution().execution_arn(arn);
        request.send().await.expect("the execution exists")
    }

    /// Starts the state machine as another delivery of an event would. Returns the execution's ARN.
    pub async fn start_execution(&self, input: &str) -> String {
        let machine = self.output("StateMachineArn");
        let start = self.step_functions.start_execution().state_machine_arn(machine).input(input);
        start.send().await.expect("an execution starts").execution_arn
    }

    /// Whether any execution is running.
    pub async fn has_running_executions(&self) -> bool {
        let machine = self.output("StateMachineArn");
        let list = self.step_functions.list_executions().state_machine_arn(machine);
        let list = list.status_filter(ExecutionStatus::Running).max_results(1);
        !list.send().await.expect("executions can be listed").executions.is_empty()
    }

    /// A rendition: S3's response, which has the metadata, and the bytes.
    ///
    /// # Panics
    /// If it is not stored.
    pub async fn get_rendition(&self, key: &str) -> (GetObjectOutput, Vec<u8>) {
        let bucket = self.output("DestinationBucketName");
        let got = self.s3.get_object().bucket(bucket).key(key).send().await;
        let mut got = got.unwrap_or_else(|error| panic!("{key}: {error:?}"));
        let body = std::mem::take(&mut got.body).collect().await.expect("the body is complete");
        (got, body.to_vec())
    }

    /// The bytes of a rendition. `None` if it is not stored.
    pub async fn rendition_bytes(&self, key: &str) -> Option<Vec<u8>> {
        let bucket = self.output("DestinationBucketName");
        let got = self.s3.get_object().bucket(bucket).key(key).send().await.ok()?;
        Some(got.body.collect().await.ok()?.to_vec())
    }

    /// Whether a rendition has the tag `superseded`, by which the bucket's lifecycle rule removes it.
    pub async fn is_superseded(&self, key: &str) -> bool {
        let bucket = self.output("DestinationBucketName");
        let tags = self.s3.get_object_tagging().bucket(bucket).key(key).send().await;
        let tags = tags.unwrap_or_else(|error| panic!("{key}: {error:?}")).tag_set;
        tags.iter().any(|tag| tag.key == "superseded" && tag.value == "true")
    }
}

/// Calls `check` until it returns `Some`. `what` names the awaited thing in the panic message.
///
/// # Panics
/// After ten minutes.
pub async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, check: impl Fn() -> F) -> T {
    let polling = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    let found = tokio::time::timeout(TIMEOUT, polling).await;
    found.unwrap_or_else(|_| panic!("waited {} s for {what}", TIMEOUT.as_secs()))
}
