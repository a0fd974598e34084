//! A temporary rule and queue that hear this examination's events. It needs `sqs:CreateQueue`, `sqs:ReceiveMessage`,
//! `sqs:DeleteQueue`, `events:PutRule`, `events:PutTargets`, `events:RemoveTargets`, `events:DeleteRule` and
//! `events:PutEvents`.
//!
//! A new rule takes a while to work, so an event of the doctor's own is sent until it is heard. Then silence means that
//! the stack publishes nothing.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{
    aws::{EVENTS, SQS},
    finding::{Checked, Trouble, good, skip_if_denied, skipped},
    leftovers::Listener,
    patient::Patient,
};

/// The longest that AWS was seen to take for a new rule is about a minute.
const LOOKS: u32 = 45;

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let name = patient.run.clone();
    let bus = patient.output("EventBusName")?.to_owned();
    let listener = Listener { name: name.clone(), bus: bus.clone(), queue_url: String::new() };
    let made = set_up(patient, listener).await;
    if let Err(refusal) = made {
        return skip_if_denied(refusal, "give the caller what the check needs: docs/deploy.md");
    }
    for look in 1..=LOOKS {
        let probe = json!({"Entries": [{
            "EventBusName": bus,
            "Source": "darkroom.doctor",
            "DetailType": "Probe",
            "Detail": json!({"key": probe_key(&name)}).to_string(),
        }]});
        match patient.aws.json(EVENTS, "PutEvents", probe).await {
            Err(refusal) if refusal.is_denied() => {
                return good("a rule and a queue, untried: the caller lacks events:PutEvents");
            }
            sent => sent?,
        };
        patient.pause(Duration::from_millis(200)).await?;
        if hear(patient, 1).await?.iter().any(|event| event["source"] == "darkroom.doctor") {
            return good(format!("the rule and the queue {name} hear, after {look} probes"));
        }
    }
    patient.leftovers.listener.as_mut().map(|listener| listener.queue_url.clear()).unwrap_or(());
    skipped(format!("the rule {name} hears nothing after {LOOKS} probes"))
}

fn probe_key(run: &str) -> String {
    format!("uploads/{run}/probe")
}

async fn set_up(
    patient: &mut Patient<'_>,
    mut listener: Listener,
) -> Result<(), crate::aws::Refusal> {
    let (name, bus) = (listener.name.clone(), listener.bus.clone());
    patient.leftovers.listener = Some(listener.clone());
    let pattern = json!({
        "source": ["darkroom", "darkroom.doctor"],
        "detail": {"key": [{"prefix": format!("uploads/{name}/")}]},
    });
    let rule = json!({"Name": name, "EventBusName": bus, "EventPattern": pattern.to_string(),
        "Description": "Made by darkroom doctor, which deletes it."});
    let rule = patient.aws.json(EVENTS, "PutRule", rule).await?;
    let queue = json!({"QueueName": name, "Attributes": {"MessageRetentionPeriod": "3600"}});
    let queue = patient.aws.json(SQS, "CreateQueue", queue).await?;
    let url = queue["QueueUrl"].as_str().unwrap_or_default().to_owned();
    listener.queue_url.clone_from(&url);
    patient.leftovers.listener = Some(listener);

    let wanted = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
    let attributes = patient.aws.json(SQS, "GetQueueAttributes", wanted).await?;
    let arn = attributes["Attributes"]["QueueArn"].clone();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule["RuleArn"]}},
    }]});
    let attributes = json!({"QueueUrl": url, "Attributes": {"Policy": policy.to_string()}});
    patient.aws.json(SQS, "SetQueueAttributes", attributes).await?;
    let targets =
        json!({"Rule": name, "EventBusName": bus, "Targets": [{"Id": "doctor", "Arn": arn}]});
    patient.aws.json(EVENTS, "PutTargets", targets).await?;
    Ok(())
}

/// What the queue has heard, or hears within so many seconds.
pub(super) async fn hear(patient: &Patient<'_>, seconds: u32) -> Result<Vec<Value>, Trouble> {
    let url = patient.leftovers.listener.as_ref().map(|listener| listener.queue_url.as_str());
    let input = json!({
        "QueueUrl": url.unwrap_or_default(),
        "MaxNumberOfMessages": 10,
        "WaitTimeSeconds": seconds,
    });
    let answer = patient.aws.json(SQS, "ReceiveMessage", input).await?;
    let bodies = answer["Messages"].as_array().into_iter().flatten();
    let bodies = bodies.filter_map(|message| message["Body"].as_str());
    Ok(bodies.filter_map(|body| serde_json::from_str(body).ok()).collect())
}

/// Whether there is a queue that hears.
pub(super) fn hears(patient: &Patient<'_>) -> bool {
    patient.leftovers.listener.as_ref().is_some_and(|listener| !listener.queue_url.is_empty())
}
