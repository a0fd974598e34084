//! A damaged picture, with a profile that renders it and with one that does not.

use std::time::Duration;

use imaging::{Damage, RejectionCode};
use pipeline::{
    Profiles, Status,
    messages::{ResizeJob, ResizeResult, Verdict},
    ports::Records,
    resize,
};
use serde_json::json;

use crate::fixture::{Fixture, chart};

const A_MINUTE: Duration = Duration::from_secs(60);

/// The small rendition shows a part of the picture that is sound.
const PROFILE: &str = r#"{"one": {"damaged": "render", "renditions": [
    {"name": "whole", "format": "png"},
    {"name": "banner", "fit": "cover", "width": 640, "height": 640, "format": "jpeg"}
]}}"#;

fn fixture(profiles: &str) -> Fixture {
    let mut fixture = Fixture::new();
    fixture.settings.profiles = Profiles::from_json(profiles, "one").unwrap();
    fixture
}

/// A JPEG that is cut short.
fn cut() -> Vec<u8> {
    let mut bytes = chart();
    bytes.truncate(bytes.len() * 6 / 10);
    bytes
}

async fn upload_cut(fixture: &Fixture) -> (pipeline::Picture, Vec<ResizeJob>) {
    match fixture.upload("cat.jpg", "01", cut()).await {
        Verdict::Accepted { picture, jobs } => (picture, jobs),
        verdict => panic!("{verdict:?}"),
    }
}

#[tokio::test]
async fn a_damaged_picture_is_rendered_and_record_and_event_say_so() {
    let fixture = fixture(PROFILE);
    let (picture, jobs) = upload_cut(&fixture).await;
    let mut results = Vec::new();
    for job in jobs {
        assert_eq!(json!(job)["damaged"], "render");
        results.push(resize(job, A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap());
    }
    fixture.complete(picture, results).await.unwrap();

    let record = fixture.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!(record.status, Status::Completed);
    let worst = record.renditions.iter().filter_map(|rendition| rendition.damaged.clone()).min_by_key(|it| it.decoded);
    let Some(Damage { reason, decoded }) = &worst else { panic!("{record:?}") };
    assert!(reason.starts_with("the file ends at byte "), "{reason}");
    assert!((20..90).contains(&decoded.percent()), "{decoded}");
    assert_eq!(record.damaged, worst);
    let event = json!(fixture.cloud.events()[0]);
    assert_eq!(event["damaged"]["decoded"], f64::from(*decoded));
    assert_eq!(event["renditions"][0]["damaged"]["reason"], reason.as_str());
}

#[tokio::test]
async fn by_default_it_is_rejected_and_its_jobs_have_no_such_field() {
    let fixture = fixture(&PROFILE.replace(r#""damaged": "render","#, ""));
    let (picture, jobs) = upload_cut(&fixture).await;
    let mut results = Vec::new();
    for job in jobs {
        assert_eq!(json!(job).get("damaged"), None);
        results.push(resize(job, A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap());
    }
    let ResizeResult::Rejected { code, message, .. } = &results[0] else { panic!("{results:?}") };
    assert_eq!(*code, RejectionCode::Corrupt);
    assert!(message.starts_with("the file ends at byte ") && message.ends_with(" % of the picture"), "{message}");
    fixture.complete(picture, results).await.unwrap();
    let record = fixture.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!((record.status, record.damaged), (Status::Rejected, None));
}

#[tokio::test]
async fn the_keys_do_not_depend_on_it() {
    let keys = |jobs: Vec<ResizeJob>| jobs.into_iter().map(|job| job.destination.key).collect::<Vec<_>>();
    let (_, render) = upload_cut(&fixture(PROFILE)).await;
    let (_, reject) = upload_cut(&fixture(&PROFILE.replace("\"render\"", "\"reject\""))).await;
    assert_eq!(keys(render), keys(reject));
}

#[test]
fn an_unknown_value_is_refused() {
    let error = Profiles::from_json(&PROFILE.replace("\"render\"", "\"repair\""), "one").unwrap_err();
    assert!(error.to_string().contains("unknown variant `repair`"), "{error}");
}
