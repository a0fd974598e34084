//! Executions in Step Functions.

use aws_config::SdkConfig;
use aws_sdk_sfn::{Client, operation::start_execution::StartExecutionError};

use super::errors::classify;
use crate::{Failure, ports::Executions};

/// One state machine.
#[derive(Debug, Clone)]
pub struct StateMachine {
    step_functions: Client,
    arn: String,
}

impl StateMachine {
    /// The state machine of that ARN.
    pub fn new(config: &SdkConfig, arn: &str) -> Self {
        Self { step_functions: Client::new(config), arn: arn.to_owned() }
    }
}

impl Executions for StateMachine {
    async fn start(&self, name: &str, input: &str) -> Result<String, Failure> {
        let request = self
            .step_functions
            .start_execution()
            .state_machine_arn(&self.arn)
            .name(name)
            .input(input);
        match request.send().await {
            Ok(started) => Ok(started.execution_arn),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(StartExecutionError::is_execution_already_exists) =>
            {
                Ok(execution_arn(&self.arn, name))
            }
            Err(error) => Err(classify("states:StartExecution", error)),
        }
    }
}

/// Only a standard workflow knows its executions by name, and those have ARNs of this form.
fn execution_arn(machine: &str, name: &str) -> String {
    format!("{}:{name}", machine.replacen(":stateMachine:", ":execution:", 1))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_execution_is_named_after_its_machine() {
        assert_eq!(
            super::execution_arn("arn:aws:states:eu-central-1:1:stateMachine:m", "a"),
            "arn:aws:states:eu-central-1:1:execution:m:a"
        );
    }
}
