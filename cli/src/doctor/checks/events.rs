//! The event of the picture that was uploaded straight into S3 is heard on the bus.

use std::time::Instant;

use super::{
    super::{
        finding::{Checked, good, skipped, trouble},
        patient::Patient,
    },
    listener,
};

/// An event follows its record within a second; on AWS a moment more for the queue.
const WITHIN_S: u64 = 20;

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    if !listener::hears(patient) {
        return skipped("there is no listener");
    }
    if !patient.pipeline_works {
        return skipped("no picture was completed");
    }
    let start = Instant::now();
    while start.elapsed().as_secs() < WITHIN_S && !patient.interrupt.has_happened() {
        for event in listener::hear(patient, 1).await? {
            if event["source"] == "darkroom" && event["detail-type"] == "Image Completed" {
                return good(format!("Image Completed about {}", event["detail"]["key"]));
            }
        }
    }
    let bus = patient.output("EventBusName")?;
    Err(trouble(
        format!("no event on the bus {bus} {WITHIN_S} s after the picture was completed"),
        format!("aws logs tail /aws/lambda/{}-notify --since 10m", patient.stack),
    ))
}
