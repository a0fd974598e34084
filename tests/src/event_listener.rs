//! Receives Darkroom's events through an EventBridge rule and an SQS queue of the test.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use aws_sdk_eventbridge::types::Target;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use crate::{DeployedStack, wait_for};

/// Receives Darkroom's events about some source keys, from its creation on.
#[derive(Debug)]
pub struct EventListener {
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
}

/// A duplicate event arrives within this time after the first one.
const DUPLICATE_WINDOW: Duration = Duration::from_millis(1500);

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl EventListener {
    /// Listens for the events about one source key.
    pub async fn for_key(stack: &DeployedStack, key: &str) -> Self {
        Self::for_key_patterns(stack, json!([key])).await
    }

    /// Listens for the events about keys that match one of `patterns`, an array of EventBridge's event patterns.
    pub async fn for_key_patterns(stack: &DeployedStack, patterns: Value) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
        let events = aws_sdk_eventbridge::Client::new(&stack.sdk);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("listener-{}-{number}", std::process::id());

        let queue = sqs.create_queue().queue_name(&name).send().await.expect("a queue");
        let queue_url = queue.queue_url.expect("the queue has a URL");
        let arn = queue_arn(&sqs, &queue_url).await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": &arn,
        }]});
        let allow = sqs.set_queue_attributes().queue_url(&queue_url);
        let allow = allow.attributes(QueueAttributeName::Policy, policy.to_string());
        allow.send().await.expect("the queue's policy lets rules send");

        let pattern = json!({"source": ["darkroom"], "detail": {"key": patterns}}).to_string();
        let rule = events.put_rule().name(&name).event_pattern(pattern);
        rule.send().await.expect("a rule");
        let target = Target::builder().id("listener").arn(arn).build();
        let targets = events.put_targets().rule(&name).targets(target.expect("ID and ARN are set"));
        targets.send().await.expect("a target");
        Self { sqs, queue_url }
    }

    /// Waits for the first event. Returns it with all events that arrive shortly after it, in order.
    pub async fn wait_for_events(&self) -> Vec<Value> {
        let mut events = wait_for("an event", async || {
            let events = self.receive_within(0).await;
            (!events.is_empty()).then_some(events)
        })
        .await;
        events.extend(self.later_events().await);
        events
    }

    /// Waits a moment. Returns the events that have arrived since the last call, often none.
    pub async fn later_events(&self) -> Vec<Value> {
        tokio::time::sleep(DUPLICATE_WINDOW).await;
        self.receive_within(0).await
    }

    /// Returns up to ten events that have not been returned before. Waits at most `seconds` for the first.
    pub async fn receive_within(&self, seconds: i32) -> Vec<Value> {
        let receive = self.sqs.receive_message().queue_url(&self.queue_url);
        let receive = receive.max_number_of_messages(10).wait_time_seconds(seconds);
        let messages = receive.send().await.expect("the queue answers").messages;
        let mut events = Vec::new();
        for message in messages.unwrap_or_default() {
            let body = message.body.expect("an event has a body");
            events.push(serde_json::from_str(&body).expect("events are JSON"));
            let delete = self.sqs.delete_message().queue_url(&self.queue_url);
            let delete = delete.set_receipt_handle(message.receipt_handle);
            delete.send().await.expect("a received message can be deleted");
        }
        events
    }
}

async fn queue_arn(sqs: &aws_sdk_sqs::Client, queue_url: &str) -> String {
    let request = sqs.get_queue_attributes().queue_url(queue_url);
    let response = request.attribute_names(QueueAttributeName::QueueArn).send().await;
    let attributes = response.expect("the queue has attributes").attributes;
    let arn = attributes.and_then(|mut all| all.remove(&QueueAttributeName::QueueArn));
    arn.expect("the queue has an ARN")
}
