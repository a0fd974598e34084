//! Creates a temporary rule and queue, which receive the events of this examination. It needs `sqs:CreateQueue`,
//! `sqs:ReceiveMessage`, `sqs:DeleteQueue`, `events:PutRule`, `events:PutTargets`, `events:RemoveTargets`,
//! `events:DeleteRule` and `events:PutEvents`.
//!
//! A new rule takes a while to work, so the doctor sends events of its own until one arrives. If an event of the stack
//! is missing afterwards, the stack did not publish it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    aws::{
        AwsError,
        service::{EVENTBRIDGE, SQS},
    },
    doctor::{
        check_result::{CheckFailure, CheckResult, passed, skip_if_denied, skipped},
        context::CheckContext,
        created::EventListener,
    },
};

// A probe takes about a second. On AWS, the slowest new rule that was seen took about a minute.
const MAX_PROBES: u32 = 45;

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let name = context.run_id.clone();
    let bus = context.output("EventBusName")?.to_owned();
    if let Err(error) = create(context, &name, &bus).await {
        return skip_if_denied(&error, "give the caller what the check needs: docs/deploy.md");
    }
    for number in 1..=MAX_PROBES {
        let probe = json!({"Entries": [{
            "EventBusName": bus,
            "Source": "darkroom.doctor",
            "DetailType": "Probe",
            "Detail": json!({"key": format!("uploads/{name}/probe")}).to_string(),
        }]});
        match context.aws.call_json(EVENTBRIDGE, "PutEvents", probe).await {
            Err(error) if error.is_access_denied() => {
                return passed("a rule and a queue, not tested: the caller lacks events:PutEvents");
            }
            sent => sent?,
        };
        context.sleep(Duration::from_millis(200)).await?;
        let events = receive_events(context, 1).await?;
        if events.iter().any(|event| event["source"] == "darkroom.doctor") {
            return passed(format!("the rule and the queue {name} work, after {number} probes"));
        }
    }
    if let Some(listener) = &mut context.created.event_listener {
        listener.queue_url.clear();
    }
    skipped(format!("the rule {name} delivers nothing after {MAX_PROBES} probes"))
}

async fn create(context: &mut CheckContext<'_>, name: &str, bus: &str) -> Result<(), AwsError> {
    let mut listener = EventListener { name: name.to_owned(), bus: bus.to_owned(), queue_url: String::new() };
    context.created.event_listener = Some(listener.clone());
    let pattern = json!({
        "source": ["darkroom", "darkroom.doctor"],
        "detail": {"key": [{"prefix": format!("uploads/{name}/")}]},
    });
    let rule = json!({"Name": name, "EventBusName": bus, "EventPattern": pattern.to_string(),
        "Description": "Made by darkroom doctor, which deletes it."});
    let rule = context.aws.call_json(EVENTBRIDGE, "PutRule", rule).await?;
    let queue = json!({"QueueName": name, "Attributes": {"MessageRetentionPeriod": "3600"}});
    let queue = context.aws.call_json(SQS, "CreateQueue", queue).await?;
    let url = queue["QueueUrl"].as_str().unwrap_or_default().to_owned();
    listener.queue_url.clone_from(&url);
    context.created.event_listener = Some(listener);

    let wanted = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
    let attributes = context.aws.call_json(SQS, "GetQueueAttributes", wanted).await?;
    let arn = attributes["Attributes"]["QueueArn"].clone();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule["RuleArn"]}},
    }]});
    let attributes = json!({"QueueUrl": url, "Attributes": {"Policy": policy.to_string()}});
    context.aws.call_json(SQS, "SetQueueAttributes", attributes).await?;
    let targets = json!({"Rule": name, "EventBusName": bus, "Targets": [{"Id": "doctor", "Arn": arn}]});
    context.aws.call_json(EVENTBRIDGE, "PutTargets", targets).await?;
    Ok(())
}

/// The events in the queue. Waits up to `seconds` for the first.
pub(super) async fn receive_events(context: &CheckContext<'_>, seconds: u32) -> Result<Vec<Value>, CheckFailure> {
    let listener = context.created.event_listener.as_ref();
    let input = json!({
        "QueueUrl": listener.map_or("", |listener| listener.queue_url.as_str()),
        "MaxNumberOfMessages": 10,
        "WaitTimeSeconds": seconds,
    });
    let answer = context.aws.call_json(SQS, "ReceiveMessage", input).await?;
    let bodies = answer["Messages"].as_array().into_iter().flatten();
    let bodies = bodies.filter_map(|message| message["Body"].as_str());
    Ok(bodies.filter_map(|body| serde_json::from_str(body).ok()).collect())
}

/// Whether there is a queue that receives events.
pub(super) fn is_listening(context: &CheckContext<'_>) -> bool {
    context.created.event_listener.as_ref().is_some_and(|listener| !listener.queue_url.is_empty())
}
