//! Panics of a decoder, as a sentence instead of a back trace.
//!
//! The renderer catches a panic and rejects the picture. The hook here only remembers it: the line about the picture says
//! then what to do. A panic that is not caught ends the command with one line.

use std::{
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    sync::Mutex,
};

use crate::terminal;

/// The last panic that was not reported yet. A panic hook belongs to the process.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Where to report a defect.
const REPORT: &str = "this is a defect of Darkroom: please report it, with the picture";

/// Runs the command. If it panics, prints one line and returns the exit code 2.
pub(crate) fn run_catching(command: impl FnOnce() -> ExitCode) -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("a panic");
        remember(format!("{message}, at {at}"));
    }));
    // `AssertUnwindSafe`: after a panic, nothing of `command` is used.
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        terminal::print_error(format_args!("darkroom: {}", take_advice().unwrap_or_else(|| REPORT.to_owned())));
        ExitCode::from(2)
    })
}

/// What to do about a panic since the last call; none if there was none.
pub(crate) fn take_advice() -> Option<String> {
    let last = LAST.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    last.map(|panic| format!("{REPORT} ({panic})"))
}

fn remember(panic: String) {
    *LAST.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(panic);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_one_sentence_and_the_exit_code_2() {
        let mut advice = None;
        let caught = run_catching(|| {
            let caught = panic::catch_unwind(|| panic!("index {} out of range", 7));
            assert!(caught.is_err());
            advice = take_advice();
            assert_eq!(take_advice(), None, "it is reported once");
            ExitCode::SUCCESS
        });
        assert_eq!(format!("{caught:?}"), format!("{:?}", ExitCode::SUCCESS));
        let advice = advice.unwrap();
        assert!(advice.starts_with(REPORT) && advice.contains("index 7 out of range, at "), "{advice}");
        assert_eq!(advice.lines().count(), 1, "{advice}");

        let uncaught = run_catching(|| panic!("lost"));
        assert_eq!(format!("{uncaught:?}"), format!("{:?}", ExitCode::from(2)));
    }
}
