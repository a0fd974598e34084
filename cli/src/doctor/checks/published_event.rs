//! Checks that the event of the picture that was uploaded to S3 is published on the bus.

use std::time::{Duration, Instant};

use super::event_listener;
use crate::doctor::{
    check_result::{CheckResult, check_failure, passed, skipped},
    context::CheckContext,
};

// An event follows its record within a second. On AWS, the queue takes a moment more.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    if !event_listener::is_listening(context) {
        return skipped("there is no listener");
    }
    if !context.pipeline_works {
        return skipped("no picture was completed");
    }
    let start = Instant::now();
    while start.elapsed() < EVENT_TIMEOUT && !context.interrupt.has_happened() {
        for event in event_listener::receive_events(context, 1).await? {
            if event["source"] == "darkroom" && event["detail-type"] == "Image Completed" {
                return passed(format!("Image Completed about {}", event["detail"]["key"]));
            }
        }
    }
    let (bus, seconds) = (context.output("EventBusName")?, EVENT_TIMEOUT.as_secs());
    Err(check_failure(
        format!("no event on the bus {bus} {seconds} s after the picture was completed"),
        context.log_command("notify"),
    ))
}
