//! What is printed of an execution: what is true of the whole, a line a state, then what broke.

use std::fmt;

use aws_sdk_sfn::{operation::describe_execution::DescribeExecutionOutput, types::ExecutionStatus};

use super::steps::Step;
use crate::report;

pub(super) struct Page<'a> {
    pub(super) execution: &'a DescribeExecutionOutput,
    pub(super) console: Option<&'a str>,
    /// What was decided about the picture, if it has no renditions.
    pub(super) verdict: Option<String>,
    pub(super) steps: &'a [Step],
    /// Whether inputs and outputs are printed, too.
    pub(super) full: bool,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.heading(f)?;
        writeln!(f, "{}", self.table())?;
        for step in self.steps {
            for (index, failure) in step.failures.iter().enumerate() {
                writeln!(f, "{}, try {}: {failure}", step.title().trim_start(), index + 1)?;
            }
        }
        if self.full {
            self.payloads(f)?;
        }
        Ok(())
    }
}

impl Page<'_> {
    fn heading(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let execution = self.execution;
        write!(f, "{}", execution.status)?;
        let start = execution.start_date.to_millis().unwrap_or_default();
        match execution.stop_date.and_then(|stop| stop.to_millis().ok()) {
            Some(stop) => writeln!(f, " after {} ms", stop - start)?,
            None if execution.status == ExecutionStatus::Running => writeln!(f)?,
            None => writeln!(f, ", no end is known")?,
        }
        let mut line = |name, value: &str| writeln!(f, "  {name:<9}  {value}");
        line("execution", &execution.execution_arn)?;
        line("started", &execution.start_date.to_string())?;
        if let Some(redrives) = execution.redrive_count.filter(|&count| count > 0) {
            line("redriven", &format!("{redrives}×"))?;
        }
        for (name, value) in [
            ("picture", self.verdict.as_deref()),
            ("error", execution.error.as_deref()),
            ("cause", execution.cause.as_deref()),
            ("console", self.console),
        ] {
            if let Some(value) = value {
                line(name, value)?;
            }
        }
        Ok(())
    }

    fn table(&self) -> comfy_table::Table {
        let rows = self.steps.iter().map(|step| {
            vec![
                step.title(),
                step.after_ms.to_string(),
                step.ms.map_or("not left".to_owned(), |ms| ms.to_string()),
                step.failures.len().to_string(),
                step.said(),
            ]
        });
        report::table(&["state", "at ms", "took ms", "failed tries", "result"], rows)
    }

    fn payloads(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.steps {
            for (name, payload) in [("input", &step.input), ("output", &step.output)] {
                if let Some(json) = payload {
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
