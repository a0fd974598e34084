//! What the doctor prints: a line for each check, for people or for programs.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::finding::{Checked, Finding};
use crate::report;

/// How many checks ended how.
#[derive(Debug, Default)]
pub(super) struct Page {
    json: bool,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
}

impl Page {
    pub(super) fn new(json: bool) -> Self {
        Self { json, ..Self::default() }
    }

    /// A spinner for the check that is made now; it goes away when it is dropped.
    pub(super) fn spinner(&self, title: &str) -> ProgressBar {
        if self.json {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
        let spinner = ProgressBar::new_spinner();
        spinner.set_style(style.expect("a literal template"));
        spinner.set_message(title.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(100));
        spinner
    }

    /// Prints a check's line, and counts it.
    pub(super) fn note(&mut self, title: &str, checked: &Checked, taken: Duration) {
        let (result, line) = match checked {
            Ok(Finding::Good(seen)) => {
                self.passed += 1;
                ("passed", json!({"seen": seen}))
            }
            Ok(Finding::Skipped(reason)) => {
                self.skipped += 1;
                ("skipped", json!({"reason": reason}))
            }
            Err(trouble) => {
                self.failed += 1;
                ("failed", json!({"cause": trouble.cause, "fix": trouble.fix}))
            }
        };
        if self.json {
            let mut object = json!({"check": title, "result": result, "ms": taken.as_millis()});
            for (name, value) in line.as_object().into_iter().flatten() {
                object[name] = value.clone();
            }
            report::say(masked(&object.to_string()));
            return;
        }
        let seconds = taken.as_secs_f64();
        match checked {
            Ok(Finding::Good(seen)) => {
                report::say(format_args!("✓ {title:<34} {seconds:>6.2} s  {seen}"))
            }
            Ok(Finding::Skipped(reason)) => {
                report::say(format_args!("– {title:<34} {seconds:>6.2} s  skipped: {reason}"));
            }
            Err(trouble) => {
                report::say(format_args!("✗ {title:<34} {seconds:>6.2} s"));
                report::say(format_args!("    cause: {}", trouble.cause));
                report::say(format_args!("    fix:   {}", trouble.fix));
            }
        }
    }

    /// Prints the sum of it.
    pub(super) fn sum_up(&self, taken: Duration, interrupted: bool) {
        let Self { passed, failed, skipped, .. } = self;
        if self.json {
            let version = env!("CARGO_PKG_VERSION");
            report::say(json!({"darkroom": version, "passed": passed, "failed": failed,
                    "skipped": skipped, "interrupted": interrupted, "ms": taken.as_millis()}));
            return;
        }
        let seconds = taken.as_secs_f64();
        report::say(format_args!(
            "{passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s"
        ));
        if *failed > 0 {
            report::say(format_args!(
                "Begin with the first ✗: those below it may be its consequences."
            ));
        }
    }
}

/// The text without the numbers of accounts (12 digits) and the ids of access keys (`AKIA…`, `ASIA…`).
fn masked(text: &str) -> String {
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
    fn accounts_and_access_keys_are_masked() {
        for (text, expected) in [
            ("arn:aws:iam::123456789012:role/x", "arn:aws:iam::ACCOUNT:role/x"),
            ("AKIAIOSFODNN7EXAMPLE is unknown", "ACCESS-KEY is unknown"),
            ("bucket-1234567890123, 12345", "bucket-1234567890123, 12345"),
            ("123456789012", "ACCOUNT"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }
}
