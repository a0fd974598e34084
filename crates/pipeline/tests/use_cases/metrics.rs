//! The metrics of each function's answers. Nothing is counted twice.

use imaging::{Format, RejectionCode};
use pipeline::{
    NotifyOutcome, Status,
    lambda::metrics::{Dimension, HasMetrics, Metric},
    messages::Verdict,
};

use crate::fixture::{Fixture, corrupt, rendered};

/// The metrics as text: `Metric=value by Dimension:word`.
fn metrics(answer: &impl HasMetrics) -> Vec<String> {
    let by = |(dimension, word): &(Dimension, String)| format!(" by {dimension:?}:{word}");
    answer
        .metrics()
        .iter()
        .map(|it| {
            let by: String = it.dimensions.iter().map(by).collect();
            format!("{:?}={}{by}", it.metric, it.value)
        })
        .collect()
}

#[tokio::test]
async fn a_validated_upload_is_counted_with_its_bytes() {
    let fixture = Fixture::new();
    let verdict = fixture.upload("notes.txt", "01", b"not a picture".to_vec()).await;
    assert!(matches!(verdict, Verdict::Rejected { .. }));
    assert_eq!(metrics(&verdict), ["Uploads=1", "BytesIn=13"], "the rejection is counted when the record is closed");
    assert_eq!(verdict.key(), Some("notes.txt"));
}

#[tokio::test]
async fn a_superseded_upload_is_counted_by_the_function_that_finds_it() {
    let fixture = Fixture::new();
    fixture.upload("cat.jpg", "02", b"newer".to_vec()).await;
    let verdict = fixture.upload("cat.jpg", "01", b"older".to_vec()).await;
    assert_eq!(metrics(&verdict), ["Uploads=1", "BytesIn=5", "Outcomes=1 by Outcome:superseded"]);
    let superseded = NotifyOutcome::Superseded { key: "cat.jpg".to_owned() };
    assert_eq!(metrics(&superseded), ["Outcomes=1 by Outcome:superseded"]);
}

#[test]
fn a_rendition_is_counted_by_format_and_by_name() {
    let by = " by Format:webp by Rendition:thumbnail";
    let result = rendered("cat.jpg/thumbnail.webp");
    assert_eq!(metrics(&result), [format!("RenderTime=12{by}"), format!("BytesOut=9000{by}")]);
    assert_eq!(result.memory_dimensions(), result.metrics()[0].dimensions);
    assert!(metrics(&corrupt("large")).is_empty());
}

#[test]
fn an_outcome_is_counted_once_and_only_completion_has_a_time() {
    for (status, rejection, expected) in [
        (Status::Completed, None, vec!["Outcomes=1 by Outcome:completed", "TimeToCompletion=1500"]),
        (
            Status::Rejected,
            Some(RejectionCode::TooManyPixels),
            vec!["Outcomes=1 by Outcome:rejected", "Rejections=1 by Code:too_many_pixels"],
        ),
        (Status::Failed, None, vec!["Outcomes=1 by Outcome:failed"]),
    ] {
        let outcome = NotifyOutcome::Published { key: "cat.jpg".to_owned(), status, rejection, after_ms: 1_500 };
        assert_eq!(metrics(&outcome), expected);
    }
    let ignored = NotifyOutcome::Ignored { execution: "arn".to_owned() };
    assert!(ignored.metrics().is_empty());
}

#[test]
fn a_dimension_never_has_a_key_as_value() {
    let result = rendered("uploads/a secret.jpg/thumbnail.webp");
    for value in result.metrics() {
        assert_ne!(value.metric, Metric::Uploads);
        for (_, word) in &value.dimensions {
            assert!(word == "thumbnail" || *word == Format::Webp.to_string(), "{word}");
        }
    }
}
