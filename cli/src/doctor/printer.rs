//! Prints a line for each check, as text or as JSON.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::check_result::{CheckOutcome, CheckResult};
use crate::terminal;

/// Prints the results of checks, and counts them.
#[derive(Debug, Default)]
pub(super) struct ResultPrinter {
    json: bool,
    passed: usize,
    pub(super) failed: usize,
    skipped: usize,
}

impl ResultPrinter {
    pub(super) fn new(json: bool) -> Self {
        Self { json, ..Self::default() }
    }

    /// A spinner for the check that runs now. Hidden with `--json`.
    pub(super) fn start_spinner(&self, title: &str) -> ProgressBar {
        if self.json {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
        let spinner = ProgressBar::new_spinner();
        spinner.set_style(style.expect("the template is valid"));
        spinner.set_message(title.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(100));
        spinner
    }

    /// Prints the result of a check, and counts it.
    pub(super) fn print(&mut self, title: &str, result: &CheckResult, elapsed: Duration) {
        *match result {
            Ok(CheckOutcome::Passed(_)) => &mut self.passed,
            Ok(CheckOutcome::Skipped(_)) => &mut self.skipped,
            Err(_) => &mut self.failed,
        } += 1;
        if self.json {
            let mut object = match result {
                Ok(CheckOutcome::Passed(seen)) => json!({"result": "passed", "seen": seen}),
                Ok(CheckOutcome::Skipped(reason)) => {
                    json!({"result": "skipped", "reason": reason})
                }
                Err(why) => json!({"result": "failed", "cause": why.cause, "fix": why.fix}),
            };
            object["check"] = json!(title);
            object["ms"] = json!(elapsed.as_millis());
            terminal::print(mask_secrets(&object.to_string()));
            return;
        }
        let line = format!("{title:<34} {:>6.2} s", elapsed.as_secs_f64());
        match result {
            Ok(CheckOutcome::Passed(seen)) => terminal::print(format_args!("✓ {line}  {seen}")),
            Ok(CheckOutcome::Skipped(reason)) => {
                terminal::print(format_args!("– {line}  skipped: {reason}"));
            }
            Err(why) => {
                let (cause, fix) = (&why.cause, &why.fix);
                terminal::print(format_args!("✗ {line}\n    cause: {cause}\n    fix:   {fix}"));
            }
        }
    }

    /// Prints how many checks passed, failed and were skipped.
    pub(super) fn print_summary(&self, elapsed: Duration, interrupted: bool) {
        let Self { passed, failed, skipped, .. } = self;
        if self.json {
            let version = env!("CARGO_PKG_VERSION");
            terminal::print(json!({"darkroom": version, "passed": passed, "failed": failed,
                    "skipped": skipped, "interrupted": interrupted, "ms": elapsed.as_millis()}));
            return;
        }
        let seconds = elapsed.as_secs_f64();
        terminal::print(format_args!("{passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s"));
        if *failed > 0 {
            terminal::print("Begin with the first ✗: those below it may be its consequences.");
        }
    }
}

/// Replaces account numbers (12 digits) and access key ids (`AKIA…`, `ASIA…`).
fn mask_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars().chain(std::iter::once('\n')) {
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
            continue;
        }
        let is_account = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_key = word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
        out.push_str(match () {
            () if is_account => "ACCOUNT",
            () if is_key => "ACCESS-KEY",
            () => &word,
        });
        word.clear();
        out.push(letter);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_and_access_key_ids_are_masked() {
        for (text, expected) in [
            ("arn:aws:iam::123456789012:role/x", "arn:aws:iam::ACCOUNT:role/x"),
            ("AKIAIOSFODNN7EXAMPLE is unknown", "ACCESS-KEY is unknown"),
            ("bucket-1234567890123, 12345", "bucket-1234567890123, 12345"),
            ("123456789012", "ACCOUNT"),
        ] {
            assert_eq!(mask_secrets(text), expected);
        }
    }
}
