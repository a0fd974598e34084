//! Stories of what is counted: each answer of each function, and nothing twice.

use imaging::{Format, RejectionCode};
use pipeline::{
    Notice, Status,
    lambda::metrics::{Dimension, Measured, Metric},
    messages::Verdict,
};

use crate::fixture::{World, corrupt, rendered};

/// The measures as text: `Metric=value by Dimension:word`.
fn told(answer: &impl Measured) -> Vec<String> {
    let by = |(dimension, word): &(Dimension, String)| format!(" by {dimension:?}:{word}");
    answer
        .measures()
        .iter()
        .map(|it| {
            let by: String = it.by.iter().map(by).collect();
            format!("{:?}={}{by}", it.metric, it.value)
        })
        .collect()
}

#[tokio::test]
async fn an_upload_counts_with_its_bytes_when_it_is_looked_at() {
    let world = World::new();
    let verdict = world.upload("notes.txt", "01", b"not a picture".to_vec()).await;
    assert!(matches!(verdict, Verdict::Rejected { .. }));
    assert_eq!(
        told(&verdict),
        ["Uploads=1", "BytesIn=13"],
        "its rejection counts when it is closed"
    );
    assert_eq!(verdict.key(), Some("notes.txt"));
}

#[tokio::test]
async fn an_overtaken_upload_ends_where_it_is_seen_to_be() {
    let world = World::new();
    world.upload("cat.jpg", "02", b"newer".to_vec()).await;
    let verdict = world.upload("cat.jpg", "01", b"older".to_vec()).await;
    assert_eq!(told(&verdict), ["Uploads=1", "BytesIn=5", "Outcomes=1 by Outcome:superseded"]);
    let lost = Notice::Superseded { key: "cat.jpg".to_owned() };
    assert_eq!(told(&lost), ["Outcomes=1 by Outcome:superseded"]);
}

#[test]
fn a_rendition_counts_by_its_format_and_by_its_name() {
    let by = " by Format:webp by Rendition:thumbnail";
    let made = rendered("cat.jpg/thumbnail.webp");
    assert_eq!(told(&made), [format!("RenderTime=12{by}"), format!("BytesOut=9000{by}")]);
    assert_eq!(made.memory_by(), made.measures()[0].by);
    assert!(told(&corrupt("large")).is_empty());
}

#[test]
fn an_outcome_counts_once_and_only_completion_has_a_time() {
    for (status, rejection, expected) in [
        (Status::Completed, None, vec!["Outcomes=1 by Outcome:completed", "TimeToCompletion=1500"]),
        (
            Status::Rejected,
            Some(RejectionCode::TooManyPixels),
            vec!["Outcomes=1 by Outcome:rejected", "Rejections=1 by Code:too_many_pixels"],
        ),
        (Status::Failed, None, vec!["Outcomes=1 by Outcome:failed"]),
    ] {
        let notice =
            Notice::Published { key: "cat.jpg".to_owned(), status, rejection, after_ms: 1_500 };
        assert_eq!(told(&notice), expected);
    }
    let ignored = Notice::Ignored { execution: "arn".to_owned() };
    assert!(ignored.measures().is_empty());
}

#[test]
fn dimensions_are_words_of_ours_and_never_a_key() {
    let made = rendered("uploads/a secret.jpg/thumbnail.webp");
    for measure in made.measures() {
        assert_ne!(measure.metric, Metric::Uploads);
        for (_, word) in &measure.by {
            assert!(word == "thumbnail" || *word == Format::Webp.to_string(), "{word}");
        }
    }
}
