//! The report of an execution: a summary, a table with a line for each state, then each failed attempt.

use std::fmt;

use aws_sdk_sfn::{operation::describe_execution::DescribeExecutionOutput, types::ExecutionStatus};

use crate::{history::Step, terminal};

/// Everything that is printed of an execution.
pub(super) struct ExecutionReport<'a> {
    pub(super) execution: &'a DescribeExecutionOutput,
    /// Link to the execution in the console.
    pub(super) console: Option<&'a str>,
    /// Why the picture was rejected or failed, if it was.
    pub(super) picture: Option<String>,
    pub(super) steps: &'a [Step],
    /// Whether inputs and outputs are printed as well.
    pub(super) full: bool,
}

impl fmt::Display for ExecutionReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_summary(f)?;
        writeln!(f, "{}", self.step_table())?;
        for step in self.steps {
            for (index, failure) in step.failures.iter().enumerate() {
                writeln!(f, "{}, attempt {}: {failure}", step.title().trim_start(), index + 1)?;
            }
        }
        if self.full {
            self.write_inputs_and_outputs(f)?;
        }
        Ok(())
    }
}

impl ExecutionReport<'_> {
    fn write_summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let execution = self.execution;
        write!(f, "{}", execution.status)?;
        let start = execution.start_date.to_millis().unwrap_or_default();
        match execution.stop_date.and_then(|stop| stop.to_millis().ok()) {
            Some(stop) => writeln!(f, " after {} ms", stop - start)?,
            None if execution.status == ExecutionStatus::Running => writeln!(f)?,
            None => writeln!(f, ", end time unknown")?,
        }
        let redrives = execution.redrive_count.filter(|&count| count > 0);
        for (name, value) in [
            ("execution", Some(execution.execution_arn.clone())),
            ("started", Some(execution.start_date.to_string())),
            ("redriven", redrives.map(|count| format!("{count}×"))),
            ("picture", self.picture.clone()),
            ("error", execution.error.clone()),
            ("cause", execution.cause.clone()),
            ("console", self.console.map(str::to_owned)),
        ] {
            if let Some(value) = value {
                writeln!(f, "  {name:<9}  {value}")?;
            }
        }
        Ok(())
    }

    fn step_table(&self) -> comfy_table::Table {
        let rows = self.steps.iter().map(|step| {
            vec![
                step.title(),
                step.entered_after_ms.to_string(),
                step.duration_ms.map_or("not exited".to_owned(), |ms| ms.to_string()),
                step.failures.len().to_string(),
                step.result(),
            ]
        });
        terminal::table(&["state", "at ms", "took ms", "failed attempts", "result"], rows)
    }

    fn write_inputs_and_outputs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.steps {
            for (name, json) in [("input", &step.input), ("output", &step.output)] {
                if let Some(json) = json {
                    writeln!(f, "\n{}, {name}:\n{}", step.title().trim_start(), pretty(json))?;
                }
            }
        }
        Ok(())
    }
}

fn pretty(json: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(json);
    value.map_or_else(|_| json.to_owned(), |value| format!("{value:#}"))
}
