//! What the world hears of a picture: a rule and a queue of the test's own.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use aws_sdk_eventbridge::types::Target;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use crate::{Cloud, cloud::eventually};

/// A listener for Darkroom's events about one source key.
#[derive(Debug)]
pub struct Ear {
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
}

/// A second event, if there is one, comes within this of the first.
const SILENCE: Duration = Duration::from_millis(1500);

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Ear {
    /// Listens from now on.
    pub async fn on(cloud: &Cloud, key: &str) -> Self {
        Self::on_any(cloud, json!([key])).await
    }

    /// Listens for the keys that match one of `patterns`, as EventBridge has patterns.
    pub async fn on_any(cloud: &Cloud, patterns: Value) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk);
        let events = aws_sdk_eventbridge::Client::new(&cloud.sdk);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ear-{}-{number}", std::process::id());

        let queue = sqs.create_queue().queue_name(&name).send().await.expect("a queue");
        let queue_url = queue.queue_url.expect("it has a URL");
        let attributes = sqs
            .get_queue_attributes()
            .queue_url(&queue_url)
            .attribute_names(QueueAttributeName::QueueArn);
        let attributes = attributes.send().await.expect("its attributes").attributes;
        let arn = attributes.and_then(|mut all| all.remove(&QueueAttributeName::QueueArn));
        let arn = arn.expect("it has an ARN");
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": &arn,
        }]});
        let open = sqs.set_queue_attributes().queue_url(&queue_url);
        let open = open.attributes(QueueAttributeName::Policy, policy.to_string());
        open.send().await.expect("rules may send");

        let pattern = json!({"source": ["darkroom"], "detail": {"key": patterns}}).to_string();
        let rule = events.put_rule().name(&name).event_pattern(pattern);
        rule.send().await.expect("a rule");
        let target = Target::builder().id("ear").arn(arn).build();
        let targets = events.put_targets().rule(&name).targets(target.expect("complete"));
        targets.send().await.expect("a target");
        Self { sqs, queue_url }
    }

    /// Everything heard, in order, once there was at least one event and then silence.
    pub async fn hears(&self) -> Vec<Value> {
        let mut heard = eventually("an event", async || {
            let heard = self.next().await;
            (!heard.is_empty()).then_some(heard)
        })
        .await;
        tokio::time::sleep(SILENCE).await;
        heard.extend(self.next().await);
        heard
    }

    /// Everything heard since, after a silence; often nothing.
    pub async fn hears_on(&self) -> Vec<Value> {
        tokio::time::sleep(SILENCE).await;
        self.next().await
    }

    /// What was heard since, or is heard within so many seconds.
    pub async fn hears_within(&self, seconds: i32) -> Vec<Value> {
        let receive = self.sqs.receive_message().queue_url(&self.queue_url);
        let receive = receive.max_number_of_messages(10).wait_time_seconds(seconds);
        let messages = receive.send().await.expect("the queue answers").messages;
        let mut heard = Vec::new();
        for message in messages.unwrap_or_default() {
            let body = message.body.expect("an event has a body");
            heard.push(serde_json::from_str(&body).expect("events are JSON"));
            let delete = self.sqs.delete_message().queue_url(&self.queue_url);
            let delete = delete.set_receipt_handle(message.receipt_handle);
            delete.send().await.expect("what was heard can be forgotten");
        }
        heard
    }

    async fn next(&self) -> Vec<Value> {
        self.hears_within(0).await
    }
}
