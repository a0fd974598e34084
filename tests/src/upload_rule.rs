//! The rule that starts executions, for tests that break it.

use aws_sdk_eventbridge::{Client, types::Target};
use aws_sdk_sqs::types::QueueAttributeName;

use crate::DeployedStack;

/// The deployed rule that sends uploads to the state machine.
#[derive(Debug)]
pub struct UploadRule {
    events: Client,
    name: String,
    target: Target,
}

impl UploadRule {
    /// Finds the rule by its target, the alias of the state machine.
    pub async fn find(stack: &DeployedStack) -> Self {
        let events = Client::new(&stack.sdk);
        let machine = stack.output("StateMachineAliasArn");
        let rules = events.list_rule_names_by_target().target_arn(machine).send().await;
        let rules = rules.expect("rules can be listed").rule_names.unwrap_or_default();
        let name = rules.into_iter().next().expect("a rule starts executions");
        let targets = events.list_targets_by_rule().rule(&name).send().await;
        let targets = targets.expect("targets can be listed").targets.unwrap_or_default();
        let target = targets.into_iter().next().expect("a rule has a target");
        Self { events, name, target }
    }

    /// Replaces the target by one that does not exist. Events then become dead letters.
    pub async fn break_target(&self) {
        let mut target = self.target.clone();
        target.arn.push_str("-that-does-not-exist");
        self.set_target(target).await;
    }

    /// Sets the target that the stack was deployed with.
    pub async fn restore_target(&self) {
        self.set_target(self.target.clone()).await;
    }

    async fn set_target(&self, target: Target) {
        let put = self.events.put_targets().rule(&self.name).targets(target);
        put.send().await.expect("a target can be set");
    }
}

impl DeployedStack {
    /// The number of messages in the dead-letter queue.
    pub async fn dead_letter_count(&self) -> usize {
        let sqs = aws_sdk_sqs::Client::new(&self.sdk);
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let request = sqs.get_queue_attributes().queue_url(self.output("DeadLetterQueueUrl"));
        let response = request.attribute_names(name.clone()).send().await;
        let attributes = response.expect("the queue answers").attributes;
        let count = attributes.and_then(|mut all| all.remove(&name));
        count.and_then(|count| count.parse().ok()).expect("a queue has a number of messages")
    }
}
