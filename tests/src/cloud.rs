//! Uploads, records, executions and renditions of the deployed stack.

use std::{collections::HashMap, env, fs, future::Future, path::Path, time::Duration};

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::{
    config::Credentials, operation::get_object::GetObjectOutput, primitives::ByteStream,
};
use aws_sdk_sfn::types::ExecutionStatus;
use pipeline::{
    Record, Status,
    aws::{self, RecordTable},
    ports::Records,
};

/// The stack, and a client for everything a test looks at.
#[derive(Debug)]
pub struct Cloud {
    /// For the adapters under test.
    pub sdk: SdkConfig,
    /// Objects.
    pub s3: aws_sdk_s3::Client,
    /// Executions.
    pub step_functions: aws_sdk_sfn::Client,
    /// Records.
    pub records: RecordTable,
    outputs: HashMap<String, String>,
}

/// An object in the source bucket.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// Its key.
    pub key: String,
    /// Its version.
    pub version_id: String,
    /// Hash of its content, without quotes.
    pub etag: String,
}

const PATIENCE: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_millis(100);

impl Cloud {
    /// The stack that is deployed: the one of `DARKROOM_OUTPUTS`, else that of `make up`.
    ///
    /// # Panics
    /// If there is none.
    pub fn find() -> Self {
        let named = env::var("DARKROOM_OUTPUTS").ok();
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/outputs.json");
        let path = named.as_ref().map_or(here, |path| path.into());
        let json = fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!(
                "no local cloud is deployed (`make test`, `make up`): {}: {error}",
                path.display()
            )
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
    /// If the template has none of that name.
    pub fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// Puts an object into the source bucket.
    pub async fn upload(&self, key: &str, bytes: impl Into<Vec<u8>>) -> Uploaded {
        let bucket = self.output("SourceBucketName");
        let body = ByteStream::from(bytes.into());
        let put = self.s3.put_object().bucket(bucket).key(key).body(body).send().await;
        let put = put.expect("S3 takes an upload");
        Uploaded {
            key: key.to_owned(),
            version_id: put.version_id.expect("the source bucket is versioned"),
            etag: put.e_tag.expect("S3 hashes").trim_matches('"').to_owned(),
        }
    }

    /// Deletes what a key of the source bucket holds; its versions stay.
    pub async fn delete(&self, key: &str) {
        let bucket = self.output("SourceBucketName");
        self.s3.delete_object().bucket(bucket).key(key).send().await.expect("S3 deletes");
    }

    /// The record of that upload, once it has an outcome and its execution has ended.
    pub async fn outcome(&self, uploaded: &Uploaded) -> Record {
        let current = |record: &Record| record.version_id.as_deref() == Some(&uploaded.version_id);
        self.outcome_where(&uploaded.key, current).await
    }

    /// The record of a key, once it is the `right` one, has an outcome, and its execution has ended.
    pub async fn outcome_where(&self, key: &str, right: impl Fn(&Record) -> bool) -> Record {
        let record = eventually("an outcome", async || {
            let record = self.records.get(key).await.expect("the table answers")?;
            (right(&record) && record.status != Status::Processing).then_some(record)
        });
        let record = record.await;
        self.ended(&record.execution).await;
        record
    }

    /// How an execution ended.
    pub async fn ended(&self, execution: &str) -> ExecutionStatus {
        eventually("an end", async || {
            let request = self.step_functions.describe_execution().execution_arn(execution);
            let status = request.send().await.expect("the execution exists").status;
            (status != ExecutionStatus::Running).then_some(status)
        })
        .await
    }

    /// Whether an execution ended red, and was redriven since.
    pub async fn was_redriven(&self, execution: &str) -> bool {
        let request = self.step_functions.describe_execution().execution_arn(execution);
        let execution = request.send().await.expect("the execution exists");
        execution.redrive_count.is_some_and(|count| count > 0)
    }

    /// What an execution was started with.
    pub async fn input(&self, execution: &str) -> String {
        let request = self.step_functions.describe_execution().execution_arn(execution);
        let execution = request.send().await.expect("the execution exists");
        execution.input.expect("every execution here has one")
    }

    /// What an execution came to, as JSON.
    pub async fn result(&self, execution: &str) -> String {
        let request = self.step_functions.describe_execution().execution_arn(execution);
        request.send().await.expect("the execution exists").output.unwrap_or_default()
    }

    /// Starts the state machine by hand, as a second delivery of an event would; its ARN.
    pub async fn start(&self, input: &str) -> String {
        let machine = self.output("StateMachineArn");
        let start = self.step_functions.start_execution().state_machine_arn(machine).input(input);
        start.send().await.expect("it starts").execution_arn
    }

    /// A rendition with its metadata, and its bytes.
    pub async fn rendition(&self, key: &str) -> (GetObjectOutput, Vec<u8>) {
        let bucket = self.output("DestinationBucketName");
        let got = self.s3.get_object().bucket(bucket).key(key).send().await;
        let mut got = got.unwrap_or_else(|error| panic!("{key}: {error:?}"));
        let body = std::mem::take(&mut got.body).collect().await.expect("its body arrives");
        (got, body.to_vec())
    }

    /// A rendition's bytes, if it is stored.
    pub async fn stored(&self, key: &str) -> Option<Vec<u8>> {
        let bucket = self.output("DestinationBucketName");
        let got = self.s3.get_object().bucket(bucket).key(key).send().await.ok()?;
        Some(got.body.collect().await.ok()?.to_vec())
    }

    /// Whether any execution has not ended.
    pub async fn has_running_executions(&self) -> bool {
        let machine = self.output("StateMachineArn");
        let list = self.step_functions.list_executions().state_machine_arn(machine);
        let list = list.status_filter(ExecutionStatus::Running).max_results(1);
        !list.send().await.expect("executions can be listed").executions.is_empty()
    }

    /// Whether a rendition is tagged for removal.
    pub async fn is_superseded(&self, key: &str) -> bool {
        let bucket = self.output("DestinationBucketName");
        let tags = self.s3.get_object_tagging().bucket(bucket).key(key).send().await;
        let tags = tags.unwrap_or_else(|error| panic!("{key}: {error:?}")).tag_set;
        tags.iter().any(|tag| tag.key == "superseded" && tag.value == "true")
    }
}

/// Asks until there is an answer.
///
/// # Panics
/// If there is none in a minute.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let answered = tokio::time::timeout(PATIENCE, asking).await;
    answered.unwrap_or_else(|_| panic!("waited {} s for {what}", PATIENCE.as_secs()))
}
