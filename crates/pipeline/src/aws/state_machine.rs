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

/// Only a standard workflow knows its executions by name, and those have ARNs of this form: of the
/// machine, even where an alias or a version of it was started.
fn execution_arn(machine: &str, name: &str) -> String {
    let unqualified: Vec<&str> = machine.split(':').take(MACHINE_ARN_PARTS).collect();
    format!("{}:{name}", unqualified.join(":").replacen(":stateMachine:", ":execution:", 1))
}

/// `arn:aws:states:region:account:stateMachine:name`; behind them an alias or a version.
const MACHINE_ARN_PARTS: usize = 7;

#[cfg(test)]
mod tests {
    #[test]
    fn an_execution_is_named_after_its_machine() {
        for qualifier in ["", ":live", ":12"] {
            let machine = format!("arn:aws:states:eu-central-1:1:stateMachine:m{qualifier}");
            let execution = super::execution_arn(&machine, "a");
            assert_eq!(execution, "arn:aws:states:eu-central-1:1:execution:m:a", "{machine}");
        }
    }
}
