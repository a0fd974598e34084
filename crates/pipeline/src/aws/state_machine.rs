//! Executions in Step Functions.

use aws_config::SdkConfig;
use aws_sdk_sfn::{Client, operation::start_execution::StartExecutionError};

use super::errors::classify;
use crate::{Result, ports::Executions};

/// One state machine.
#[derive(Debug, Clone)]
pub struct StateMachine {
    step_functions: Client,
    arn: String,
}

impl StateMachine {
    /// The state machine with that ARN, or an alias or a version of it.
    pub fn new(config: &SdkConfig, arn: &str) -> Self {
        Self { step_functions: Client::new(config), arn: arn.to_owned() }
    }
}

impl Executions for StateMachine {
    async fn start(&self, name: &str, input: &str) -> Result<String> {
        let request = self.step_functions.start_execution().state_machine_arn(&self.arn).name(name).input(input);
        match request.send().await {
            Ok(started) => Ok(started.execution_arn),
            Err(error) if error.as_service_error().is_some_and(StartExecutionError::is_execution_already_exists) => {
                Ok(execution_arn(&self.arn, name))
            }
            Err(error) => Err(classify("states:StartExecution", error)),
        }
    }
}

/// The ARN of an execution. Only standard workflows reject a used name, so this is the form of their executions: it has
/// the name of the state machine, and no alias or version.
fn execution_arn(state_machine: &str, name: &str) -> String {
    let unqualified: Vec<&str> = state_machine.split(':').take(STATE_MACHINE_ARN_PARTS).collect();
    format!("{}:{name}", unqualified.join(":").replacen(":stateMachine:", ":execution:", 1))
}

/// Number of parts of a state machine's ARN without alias and version.
// arn:aws:states:region:account:stateMachine:name
const STATE_MACHINE_ARN_PARTS: usize = 7;

#[cfg(test)]
mod tests {
    #[test]
    fn the_arn_of_an_execution_has_no_alias_and_no_version() {
        for qualifier in ["", ":live", ":12"] {
            let machine = format!("arn:aws:states:eu-central-1:1:stateMachine:m{qualifier}");
            let execution = super::execution_arn(&machine, "a");
            assert_eq!(execution, "arn:aws:states:eu-central-1:1:execution:m:a", "{machine}");
        }
    }
}
