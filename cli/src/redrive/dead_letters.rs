//! Delivers dead letters: events that a rule, a pipe or Lambda could not deliver.

use anyhow::{Context, anyhow, ensure};
use aws_sdk_sqs::types::Message;
use serde_json::Value;

use super::{action::Action, summary::Summary};
use crate::stack::Stack;

// Longer than it takes to deliver a batch of ten. Messages that remain become visible again at the end.
const VISIBILITY_TIMEOUT_SECONDS: i32 = 300;
// Without a wait, SQS asks only some of its servers, and may miss messages.
const WAIT_SECONDS: i32 = 2;

/// Delivers every message of the dead-letter queue. A message that was delivered is deleted.
///
/// # Errors
/// If the queue does not answer.
pub(super) async fn deliver_all(stack: &Stack, summary: &mut Summary) -> anyhow::Result<()> {
    let mut undelivered = Vec::new();
    loop {
        let messages = receive(stack).await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let (name, action) = read_message(message.body().unwrap_or_default());
            if summary.perform_and_print(&name, action, stack).await {
                delete(stack, &message).await?;
            } else {
                undelivered.push(message);
            }
        }
    }
    for message in undelivered {
        make_visible(stack, &message).await?;
    }
    Ok(())
}

async fn receive(stack: &Stack) -> anyhow::Result<Vec<Message>> {
    let request = stack.sqs.receive_message().queue_url(&stack.dead_letter_queue_url);
    let request = request.max_number_of_messages(10).wait_time_seconds(WAIT_SECONDS);
    let answer = request.visibility_timeout(VISIBILITY_TIMEOUT_SECONDS).send().await;
    let answer = answer.map_err(aws_sdk_sqs::Error::from);
    Ok(answer.context("reading the dead-letter queue")?.messages.unwrap_or_default())
}

async fn delete(stack: &Stack, message: &Message) -> anyhow::Result<()> {
    let request = stack.sqs.delete_message().queue_url(&stack.dead_letter_queue_url);
    let request = request.set_receipt_handle(message.receipt_handle.clone());
    let sent = request.send().await.map_err(aws_sdk_sqs::Error::from);
    sent.map(drop).context("deleting a dead letter")
}

async fn make_visible(stack: &Stack, message: &Message) -> anyhow::Result<()> {
    let request = stack.sqs.change_message_visibility().queue_url(&stack.dead_letter_queue_url);
    let request = request.set_receipt_handle(message.receipt_handle.clone());
    let sent = request.visibility_timeout(0).send().await.map_err(aws_sdk_sqs::Error::from);
    sent.map(drop).context("making a dead letter visible again")
}

/// The key or execution that a message is about, and what to do for it.
fn read_message(body: &str) -> (String, anyhow::Result<Action>) {
    let event = match undelivered_event(body) {
        Ok(event) => event,
        Err(error) => return ("a dead letter".to_owned(), Err(error)),
    };
    let key = event.pointer("/detail/object/key").and_then(Value::as_str).map(str::to_owned);
    match (event["detail-type"].as_str(), key) {
        (Some("Object Created"), Some(key)) => (key, Ok(Action::Start(event))),
        (Some("Object Deleted"), Some(key)) => (key, Ok(Action::Remove(event))),
        (Some("Step Functions Execution Status Change"), _) => {
            let execution = event.pointer("/detail/executionArn").and_then(Value::as_str);
            (execution.unwrap_or("an execution").to_owned(), Ok(Action::Notify(event)))
        }
        (other, _) => {
            let name = other.unwrap_or("a dead letter").to_owned();
            (name, Err(anyhow!("it is not an event of Darkroom: {body}")))
        }
    }
}

/// The event that was not delivered. Lambda wraps it in a report of the failed invocation.
fn undelivered_event(body: &str) -> anyhow::Result<Value> {
    let mut event: Value = serde_json::from_str(body).context("it is not JSON")?;
    if let Some(payload) = event.get_mut("requestPayload") {
        event = payload.take();
    }
    ensure!(event.is_object(), "it is not an event: {body}");
    Ok(event)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const FAILURE: &str = include_str!("../../../events/notify.failure.json");
    const DELETED: &str = include_str!("../../../events/images.object_deleted.json");

    #[test]
    fn a_message_of_a_rule_or_a_function_is_delivered_to_its_target() {
        let created = r#"{"detail-type": "Object Created", "detail": {"object": {"key": "a.jpg"}}}"#;
        let by_lambda = format!(r#"{{"requestContext": {{}}, "requestPayload": {FAILURE}}}"#);
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (body, action) in [
            (created, Action::Start(value(created))),
            (FAILURE, Action::Notify(value(FAILURE))),
            (&by_lambda, Action::Notify(value(FAILURE))),
            (DELETED, Action::Remove(value(DELETED))),
        ] {
            assert_eq!(read_message(body).1.unwrap(), action);
        }
    }

    #[test]
    fn a_message_that_is_not_an_event_of_darkroom_is_an_error() {
        for body in ["", "{}", "[1]", r#"{"detail-type": "Object Created"}"#] {
            assert!(read_message(body).1.is_err(), "{body}");
        }
    }
}
