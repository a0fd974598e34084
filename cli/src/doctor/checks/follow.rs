//! An upload's outcome; and where none comes, why.

use std::time::{Duration, Instant};

use pipeline::{Record, Status, ports::Records};
use serde_json::{Value, json};

use super::super::{
    aws::{SQS, STATES},
    finding::{Trouble, trouble},
    patient::Patient,
};

const PAUSE: Duration = Duration::from_millis(300);
/// How often the history is asked for, in pauses.
const LOOK_EVERY: u32 = 8;
/// A state that has failed so often on our side will fail again.
const ENOUGH_FAILURES: usize = 3;
/// A new account runs ten functions at once: these errors may pass.
const PASSING: [&str; 2] = ["TooManyRequestsException", "DependencyUnavailable"];

/// The record of a key, once it has an outcome.
pub(super) async fn outcome(patient: &Patient<'_>, key: &str) -> Result<Record, Trouble> {
    let records = patient.records()?;
    let start = Instant::now();
    let mut looks = 0;
    while start.elapsed() < patient.args.timeout {
        let record = records.get(key).await.map_err(|failure| {
            let table = patient.outputs.get("RecordTableName").cloned().unwrap_or_default();
            trouble(
                format!("the record of {key} can't be read: {failure}"),
                format!("aws dynamodb describe-table --table-name {table}"),
            )
        })?;
        if let Some(record) = record
            && record.status != Status::Processing
        {
            return Ok(record);
        }
        looks += 1;
        if looks % LOOK_EVERY == 0
            && let Some(failing) = failing(patient, key).await
            && failing.count >= ENOUGH_FAILURES
        {
            return Err(failing.trouble(patient, key));
        }
        patient.pause(PAUSE).await?;
    }
    Err(why_none(patient, key).await)
}

/// A state of an execution that fails again and again.
struct Failing {
    state: String,
    error: String,
    cause: String,
    count: usize,
}

impl Failing {
    fn trouble(&self, patient: &Patient<'_>, key: &str) -> Trouble {
        let Self { state, error, cause, count } = self;
        let function = state.split(' ').next().unwrap_or_default().to_lowercase();
        let cause: String = cause.chars().take(300).collect();
        trouble(
            format!("the state '{state}' failed on {key} ({count} of its tasks): {error}: {cause}"),
            format!("aws logs tail /aws/lambda/{}-{function} --since 10m", patient.stack),
        )
    }
}

/// The state that failed on a key, if the history of its execution names one.
pub(super) async fn failed_state(patient: &Patient<'_>, key: &str) -> Option<Trouble> {
    Some(failing(patient, key).await?.trouble(patient, key))
}

/// Whether neither a record nor an execution is there for a key.
pub(super) async fn nothing_has_begun(patient: &Patient<'_>, key: &str) -> bool {
    let Ok(records) = patient.records() else { return false };
    matches!(records.get(key).await, Ok(None)) && execution_of(patient, key).await.is_none()
}

async fn why_none(patient: &Patient<'_>, key: &str) -> Trouble {
    let waited = patient.args.timeout.as_secs();
    if let Some(failing) = failing(patient, key).await {
        return failing.trouble(patient, key);
    }
    if let Some(letter) = dead_letter(patient, key).await {
        return trouble(
            format!("the event of {key} could not be delivered: {letter}"),
            "see the lines on the rules and the roles; then darkroom redrive --dead-letters",
        );
    }
    if execution_of(patient, key).await.is_some() {
        return trouble(
            format!("{key} has no outcome after {waited} s, and its execution is running"),
            format!("darkroom show --stack {} '{key}'; or --timeout 180", patient.stack),
        );
    }
    if patient.parameter("WorkflowType") == "EXPRESS" {
        return trouble(
            format!("{key} has no outcome after {waited} s"),
            format!(
                "aws logs tail /aws/vendedlogs/states/{}-image-pipeline --since 10m",
                patient.stack
            ),
        );
    }
    trouble(
        format!("no execution has begun for {key} after {waited} s: its event did not arrive"),
        "see the lines on the buckets, the rules and the roles; S3 begins to send events about five minutes after \
         a bucket was made",
    )
}

/// The running execution that was started for a key, or the newest that failed.
pub(super) async fn execution_of(patient: &Patient<'_>, key: &str) -> Option<String> {
    if patient.parameter("WorkflowType") == "EXPRESS" {
        return None;
    }
    let machine = patient.outputs.get("StateMachineArn")?;
    for status in ["RUNNING", "FAILED"] {
        let input = json!({"stateMachineArn": machine, "statusFilter": status, "maxResults": 20});
        let list = patient.aws.json(STATES, "ListExecutions", input).await.ok()?;
        for execution in list["executions"].as_array().into_iter().flatten() {
            let arn = execution["executionArn"].as_str()?;
            let input = json!({"executionArn": arn});
            let described = patient.aws.json(STATES, "DescribeExecution", input).await.ok()?;
            if described["input"].as_str().is_some_and(|input| input.contains(key)) {
                return Some(arn.to_owned());
            }
        }
    }
    None
}

async fn failing(patient: &Patient<'_>, key: &str) -> Option<Failing> {
    let execution = execution_of(patient, key).await?;
    let input = json!({"executionArn": execution, "maxResults": 200});
    let history = patient.aws.json(STATES, "GetExecutionHistory", input).await.ok()?;
    let mut state = String::new();
    let mut found: Option<Failing> = None;
    for event in history["events"].as_array().into_iter().flatten() {
        if let Some(name) = event["stateEnteredEventDetails"]["name"].as_str() {
            state = name.to_owned();
        }
        let Some((error, cause)) = failure(event) else { continue };
        if PASSING.iter().any(|passing| error.contains(passing)) {
            continue;
        }
        let count = found.as_ref().map_or(0, |found| found.count) + 1;
        found = Some(Failing { state: state.clone(), error, cause, count });
    }
    found
}

/// Error and cause of an event that says that a task failed.
fn failure(event: &Value) -> Option<(String, String)> {
    let details =
        ["taskFailedEventDetails", "lambdaFunctionFailedEventDetails", "taskTimedOutEventDetails"];
    let details = details.iter().map(|name| &event[name]).find(|details| details.is_object())?;
    let text = |name: &str| details[name].as_str().unwrap_or_default().to_owned();
    Some((text("error"), text("cause")))
}

/// Why EventBridge could not deliver the event of a key; its dead letter is deleted, since it is the doctor's own.
async fn dead_letter(patient: &Patient<'_>, key: &str) -> Option<String> {
    let queue = patient.outputs.get("DeadLetterQueueUrl")?;
    let input = json!({
        "QueueUrl": queue,
        "MaxNumberOfMessages": 10,
        "MessageAttributeNames": ["All"],
        // Others see the rest again at once.
        "VisibilityTimeout": 1,
        "WaitTimeSeconds": 1,
    });
    let answer = patient.aws.json(SQS, "ReceiveMessage", input).await.ok()?;
    let messages = answer["Messages"].as_array()?;
    let ours =
        messages.iter().find(|one| one["Body"].as_str().is_some_and(|body| body.contains(key)))?;
    let input = json!({"QueueUrl": queue, "ReceiptHandle": ours["ReceiptHandle"]});
    patient.aws.json(SQS, "DeleteMessage", input).await.ok();
    let attribute = |name: &str| {
        ours["MessageAttributes"][name]["StringValue"].as_str().unwrap_or_default().to_owned()
    };
    Some(format!("{} {}", attribute("ERROR_CODE"), attribute("ERROR_MESSAGE")).trim().to_owned())
}
