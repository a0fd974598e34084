//! The rule that starts executions, for tests that break it.

use aws_sdk_eventbridge::{Client, types::Target};
use aws_sdk_sqs::types::QueueAttributeName;

use crate::Cloud;

/// The rule of the deployed stack, and what it hands uploads to.
#[derive(Debug)]
pub struct UploadRule {
    events: Client,
    name: String,
    target: Target,
}

impl UploadRule {
    /// The rule that hands uploads to the state machine.
    pub async fn of(cloud: &Cloud) -> Self {
        let events = Client::new(&cloud.sdk);
        let machine = cloud.output("StateMachineAliasArn");
        let rules = events.list_rule_names_by_target().target_arn(machine).send().await;
        let rules = rules.expect("rules can be listed").rule_names.unwrap_or_default();
        let name = rules.into_iter().next().expect("a rule starts executions");
        let targets = events.list_targets_by_rule().rule(&name).send().await;
        let targets = targets.expect("targets can be listed").targets.unwrap_or_default();
        let target = targets.into_iter().next().expect("a rule has a target");
        Self { events, name, target }
    }

    /// As if the state machine had been deleted by hand: what it is to get is undeliverable.
    pub async fn lose_target(&self) {
        let mut target = self.target.clone();
        target.arn.push_str("-that-is-not");
        self.point_at(target).await;
    }

    /// As if the stack had been deployed again.
    pub async fn restore(&self) {
        self.point_at(self.target.clone()).await;
    }

    async fn point_at(&self, target: Target) {
        let put = self.events.put_targets().rule(&self.name).targets(target);
        put.send().await.expect("a target can be set");
    }
}

impl Cloud {
    /// How many messages wait in the dead-letter queue.
    pub async fn dead_letters(&self) -> usize {
        let sqs = aws_sdk_sqs::Client::new(&self.sdk);
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let ask = sqs.get_queue_attributes().queue_url(self.output("DeadLetterQueueUrl"));
        let told = ask.attribute_names(name.clone()).send().await.expect("the queue answers");
        let count = told.attributes.and_then(|mut all| all.remove(&name));
        count.and_then(|count| count.parse().ok()).expect("a queue knows its length")
    }
}
