//! What a rule, a pipe, or Lambda on a rule's behalf, could not deliver: given to whom it was for.

use anyhow::{Context, bail};
use aws_sdk_sqs::types::Message;
use serde_json::Value;

use super::{Need, Tally};
use crate::stack::Stack;

/// Longer than it takes to replay one batch of ten; what is left is shown to others again at the end.
const HIDDEN_SECONDS: i32 = 300;
/// A queue answers without looking everywhere if it is not given a moment.
const LOOK_SECONDS: i32 = 2;

/// Delivers every message of the dead-letter queue; one that has arrived leaves the queue.
///
/// # Errors
/// If the queue does not answer.
pub(super) async fn replay(stack: &Stack, tally: &mut Tally) -> anyhow::Result<()> {
    let mut left = Vec::new();
    loop {
        let messages = stack.receive().await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let (name, need) = read(message.body().unwrap_or_default());
            if tally.meet(&name, need, stack).await {
                stack.remove(&message).await?;
            } else {
                left.push(message);
            }
        }
    }
    for message in left {
        stack.put_back(&message).await?;
    }
    Ok(())
}

impl Stack {
    async fn receive(&self) -> anyhow::Result<Vec<Message>> {
        let request = self.sqs.receive_message().queue_url(&self.dead_letter_queue);
        let request = request.max_number_of_messages(10).wait_time_seconds(LOOK_SECONDS);
        let answer = request.visibility_timeout(HIDDEN_SECONDS).send().await;
        let answer = answer.map_err(aws_sdk_sqs::Error::from);
        Ok(answer.context("reading the dead-letter queue")?.messages.unwrap_or_default())
    }

    async fn remove(&self, message: &Message) -> anyhow::Result<()> {
        let request = self.sqs.delete_message().queue_url(&self.dead_letter_queue);
        let request = request.set_receipt_handle(message.receipt_handle.clone());
        let sent = request.send().await.map_err(aws_sdk_sqs::Error::from);
        sent.map(drop).context("removing a dead letter")
    }

    async fn put_back(&self, message: &Message) -> anyhow::Result<()> {
        let request = self.sqs.change_message_visibility().queue_url(&self.dead_letter_queue);
        let request = request.set_receipt_handle(message.receipt_handle.clone());
        let sent = request.visibility_timeout(0).send().await.map_err(aws_sdk_sqs::Error::from);
        sent.map(drop).context("putting a dead letter back")
    }
}

/// What a message is about, and what it needs.
fn read(body: &str) -> (String, anyhow::Result<Need>) {
    let event = match event(body) {
        Ok(event) => event,
        Err(error) => return ("a dead letter".to_owned(), Err(error)),
    };
    let key = event.pointer("/detail/object/key").and_then(Value::as_str).map(str::to_owned);
    match (event["detail-type"].as_str(), key) {
        (Some("Object Created"), Some(key)) => (key, Ok(Need::Start(event))),
        (Some("Object Deleted"), Some(key)) => (key, Ok(Need::Remove(event))),
        (Some("Step Functions Execution Status Change"), _) => {
            let execution = event.pointer("/detail/executionArn").and_then(Value::as_str);
            (execution.unwrap_or("an execution").to_owned(), Ok(Need::Tell(event)))
        }
        (other, _) => {
            let name = other.unwrap_or("a dead letter").to_owned();
            (name, Err(anyhow::anyhow!("it is no event of Darkroom's: {body}")))
        }
    }
}

/// The event that was not delivered. Lambda's account of an invocation that failed wraps it.
fn event(body: &str) -> anyhow::Result<Value> {
    let mut event: Value = serde_json::from_str(body).context("it is not JSON")?;
    if let Some(payload) = event.get_mut("requestPayload") {
        event = payload.take();
    }
    if !event.is_object() {
        bail!("it is no event: {body}");
    }
    Ok(event)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const FAILURE: &str = include_str!("../../../events/notify.failure.json");
    const DELETED: &str = include_str!("../../../events/images.object_deleted.json");

    #[test]
    fn a_letter_goes_to_whom_it_was_for_whoever_wrote_it() {
        let created =
            r#"{"detail-type": "Object Created", "detail": {"object": {"key": "a.jpg"}}}"#;
        let by_lambda = format!(r#"{{"requestContext": {{}}, "requestPayload": {FAILURE}}}"#);
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (body, need) in [
            (created, Need::Start(value(created))),
            (FAILURE, Need::Tell(value(FAILURE))),
            (&by_lambda, Need::Tell(value(FAILURE))),
            (DELETED, Need::Remove(value(DELETED))),
        ] {
            assert_eq!(read(body).1.unwrap(), need);
        }
    }

    #[test]
    fn what_is_nobodys_is_not_delivered() {
        for body in ["", "{}", "[1]", r#"{"detail-type": "Object Created"}"#] {
            assert!(read(body).1.is_err(), "{body}");
        }
    }
}
