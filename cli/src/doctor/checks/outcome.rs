//! Waits for the outcome of an upload. If no outcome arrives, finds the cause.

use std::time::{Duration, Instant};

use pipeline::{Record, Status, ports::Records};
use serde_json::json;

use crate::{
    aws::service::{SQS, STEP_FUNCTIONS},
    doctor::{
        check_result::{CheckFailure, check_failure},
        context::CheckContext,
    },
    history,
};

const POLL_INTERVAL: Duration = Duration::from_millis(300);
// The history takes several calls, so it is read only every 2.4 s.
const POLLS_PER_HISTORY: u32 = 8;
// A state that has failed on our side this often will fail again.
const MAX_FAILURES: usize = 3;
// These errors may be transient: a new AWS account can run only ten functions at once.
const TRANSIENT_ERRORS: [&str; 2] = ["TooManyRequestsException", "DependencyUnavailable"];

/// Waits until the record of a key has an outcome.
///
/// # Errors
/// If there is no outcome in time, or a state of the execution fails again and again.
pub(super) async fn wait_for_outcome(context: &CheckContext<'_>, key: &str) -> Result<Record, CheckFailure> {
    let records = context.records()?;
    let start = Instant::now();
    let mut polls = 0;
    while start.elapsed() < context.args.timeout {
        let record = records.get(key).await.map_err(|failure| {
            let table = context.outputs.get("RecordTableName").cloned().unwrap_or_default();
            check_failure(
                format!("the record of {key} cannot be read: {failure}"),
                format!("aws dynamodb describe-table --table-name {table}"),
            )
        })?;
        if let Some(record) = record
            && record.status != Status::Processing
        {
            return Ok(record);
        }
        polls += 1;
        if polls % POLLS_PER_HISTORY == 0
            && let Some(failed) = find_failed_state(context, key).await
            && failed.count >= MAX_FAILURES
        {
            return Err(failed.into_check_failure(context, key));
        }
        context.sleep(POLL_INTERVAL).await?;
    }
    Err(explain_missing_outcome(context, key).await)
}

/// A state of an execution that has failed.
struct FailedState {
    state: String,
    error: String,
    cause: String,
    /// How many attempts have failed, in all states.
    count: usize,
}

impl FailedState {
    fn into_check_failure(self, context: &CheckContext<'_>, key: &str) -> CheckFailure {
        let Self { state, error, cause, count } = self;
        let function = state.split(' ').next().unwrap_or_default().to_lowercase();
        let cause: String = cause.chars().take(300).collect();
        check_failure(
            format!("the state '{state}' failed on {key} ({count} of its tasks): {error}: {cause}"),
            context.log_command(&function),
        )
    }
}

/// The state that failed in the execution of a key, as a failure of the check.
pub(super) async fn failed_state(context: &CheckContext<'_>, key: &str) -> Option<CheckFailure> {
    Some(find_failed_state(context, key).await?.into_check_failure(context, key))
}

/// Whether a key has neither a record nor an execution.
pub(super) async fn has_not_started(context: &CheckContext<'_>, key: &str) -> bool {
    let Ok(records) = context.records() else { return false };
    matches!(records.get(key).await, Ok(None)) && find_execution(context, key).await.is_none()
}

async fn explain_missing_outcome(context: &CheckContext<'_>, key: &str) -> CheckFailure {
    let (seconds, stack) = (context.args.timeout.as_secs(), &context.stack_name);
    if let Some(failed) = find_failed_state(context, key).await {
        return failed.into_check_failure(context, key);
    }
    if let Some(error) = take_dead_letter(context, key).await {
        return check_failure(
            format!("the event of {key} could not be delivered: {error}"),
            "see the lines on the rules and the roles; then darkroom redrive --dead-letters",
        );
    }
    if find_execution(context, key).await.is_some() {
        return check_failure(
            format!("{key} has no outcome after {seconds} s, and its execution is running"),
            format!("darkroom show --stack {stack} '{key}'; or --timeout 180"),
        );
    }
    if context.parameter("WorkflowType") == "EXPRESS" {
        return check_failure(
            format!("{key} has no outcome after {seconds} s"),
            format!("aws logs tail /aws/vendedlogs/states/{stack}-image-pipeline --since 10m"),
        );
    }
    check_failure(
        format!("no execution of {key} has started after {seconds} s: its event did not arrive"),
        "see the lines on the buckets, the rules and the roles; S3 begins to send events about five minutes after \
         a bucket was created",
    )
}

/// The ARN of the running execution of a key, or of the newest that failed. EXPRESS workflows list no executions.
pub(super) async fn find_execution(context: &CheckContext<'_>, key: &str) -> Option<String> {
    if context.parameter("WorkflowType") == "EXPRESS" {
        return None;
    }
    let machine = context.outputs.get("StateMachineArn")?;
    for status in ["RUNNING", "FAILED"] {
        let input = json!({"stateMachineArn": machine, "statusFilter": status, "maxResults": 20});
        let list = context.aws.call_json(STEP_FUNCTIONS, "ListExecutions", input).await.ok()?;
        for execution in list["executions"].as_array().into_iter().flatten() {
            let arn = execution["executionArn"].as_str()?;
            let input = json!({"executionArn": arn});
            let described = context.aws.call_json(STEP_FUNCTIONS, "DescribeExecution", input).await;
            if described.ok()?["input"].as_str().is_some_and(|input| input.contains(key)) {
                return Some(arn.to_owned());
            }
        }
    }
    None
}

async fn find_failed_state(context: &CheckContext<'_>, key: &str) -> Option<FailedState> {
    let execution = find_execution(context, key).await?;
    let step_functions = aws_sdk_sfn::Client::new(&context.aws.sdk);
    let events = history::fetch_events(&step_functions, &execution).await.ok()?;
    let steps = history::read_steps(&events);
    let failures = steps.iter().flat_map(|step| step.failures.iter().map(move |why| (step, why)));
    let is_transient = |error: &str| TRANSIENT_ERRORS.iter().any(|name| error.contains(name));
    let failures: Vec<_> = failures.filter(|(_, why)| !is_transient(&why.error)).collect();
    let (step, why) = failures.last()?;
    Some(FailedState {
        state: step.state.clone(),
        error: why.error.clone(),
        cause: why.cause.clone(),
        count: failures.len(),
    })
}

/// Why EventBridge could not deliver the event of a key. Deletes the dead letter, since the picture is the doctor's
/// own.
async fn take_dead_letter(context: &CheckContext<'_>, key: &str) -> Option<String> {
    let queue = context.outputs.get("DeadLetterQueueUrl")?;
    let input = json!({
        "QueueUrl": queue,
        "MaxNumberOfMessages": 10,
        "MessageAttributeNames": ["All"],
        // The other messages must be visible again soon.
        "VisibilityTimeout": 1,
        "WaitTimeSeconds": 1,
    });
    let answer = context.aws.call_json(SQS, "ReceiveMessage", input).await.ok()?;
    let mut messages = answer["Messages"].as_array()?.iter();
    let message = messages.find(|message| message["Body"].as_str().is_some_and(|body| body.contains(key)))?;
    let input = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
    context.aws.call_json(SQS, "DeleteMessage", input).await.ok();
    let attribute =
        |name: &str| message["MessageAttributes"][name]["StringValue"].as_str().unwrap_or_default().to_owned();
    Some(format!("{} {}", attribute("ERROR_CODE"), attribute("ERROR_MESSAGE")).trim().to_owned())
}
