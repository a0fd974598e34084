//! Stories of validate: the verdict, and what it cost to reach it.

use imaging::RejectionCode;
use pipeline::{Failure, Status, messages::Verdict, ports::Records, testing::Fault, validate};

use crate::fixture::{World, chart, upload};

#[tokio::test]
async fn an_accepted_picture_gets_one_complete_job_per_rendition() {
    let world = World::new();
    let Verdict::Accepted { picture, jobs } =
        world.upload("uploads/a b+%.jpg", "01", chart()).await
    else {
        panic!("it is a picture")
    };
    assert_eq!((picture.width, picture.height), (Some(640), Some(480)));
    let names: Vec<_> = jobs.iter().map(|job| job.spec.name().to_string()).collect();
    assert_eq!(names, ["thumbnail", "medium", "large", "original"]);
    for job in jobs {
        assert_eq!(job.source.version_id.as_deref(), Some("01"));
        assert_eq!(job.destination.bucket, "renditions");
        let prefix = format!("uploads/a b+%.jpg/{}-", job.spec.name());
        assert!(job.destination.key.starts_with(&prefix), "{}", job.destination.key);
    }
    let record = world.cloud.get("uploads/a b+%.jpg").await.unwrap().unwrap();
    assert_eq!(record.status, Status::Processing);
}

#[tokio::test]
async fn the_key_chooses_the_profile_and_source_means_the_sources_format() {
    let world = World::new();
    let Verdict::Accepted { picture, jobs } = world.upload("widths/a.jpg", "01", chart()).await
    else {
        panic!("it is a picture")
    };
    assert_eq!(picture.profile, "widths");
    assert!(jobs.iter().all(|job| job.destination.key.ends_with(".jpg")));
}

#[tokio::test]
async fn what_is_no_picture_is_rejected_with_its_code() {
    for (key, bytes, expected) in [
        ("a.jpg", b"Dear diary".to_vec(), RejectionCode::NotAnImage),
        ("b.jpg", Vec::new(), RejectionCode::Empty),
        ("proxies/c.gif", b"GIF89a\x10\0\x10\0\0\0\0;".to_vec(), RejectionCode::UnsupportedFormat),
        ("d.jpg", chart()[..100].to_vec(), RejectionCode::Corrupt),
    ] {
        let verdict = World::new().upload(key, "01", bytes).await;
        let Verdict::Rejected { rejection, .. } = verdict else { panic!("{key}: {verdict:?}") };
        assert_eq!(rejection.code, expected, "{key}: {}", rejection.message);
    }
}

#[tokio::test]
async fn what_is_too_long_is_rejected_without_reading_a_byte() {
    let world = World::new();
    world.cloud.fail("read_range", 1, Fault::Error);
    let upload = upload("huge.jpg", "01", 100_000_001);
    let verdict = validate(upload, &world.rules, &world.cloud, &world.cloud).await.unwrap();
    let Verdict::Rejected { rejection, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(rejection.code, RejectionCode::TooManyBytes);
    assert!(rejection.message.contains("100000001"), "{}", rejection.message);
}

#[tokio::test]
async fn a_header_of_a_million_crumbs_takes_few_requests() {
    let world = World::new();
    let crumbs = [0xFF, 0xFE, 0, 2].repeat(1_000_000);
    let verdict =
        world.upload("crumbs.jpg", "01", [&chart()[..2], &crumbs, &chart()[2..]].concat());
    assert!(matches!(verdict.await, Verdict::Accepted { .. }));
    let requests = world.cloud.calls().iter().filter(|call| **call == "read_range").count();
    // Each twice as long as all before: 64 KiB, and six times more to 4 MB.
    assert_eq!(requests, 7);
}

#[tokio::test]
async fn what_would_not_fit_the_resize_functions_memory_is_rejected_with_the_numbers() {
    let mut world = World::new();
    world.rules.profiles = world.rules.profiles.within(20_000_000);
    // 12 MP, as WebP of their own size.
    let large = imaging::chart::jpeg(imaging::Size::new(4000, 3000), Default::default());
    let verdict = world.upload("large.jpg", "01", large.clone()).await;
    let Verdict::Rejected { rejection, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(rejection.code, RejectionCode::TooMuchMemory);
    assert!(rejection.message.contains("more than the limit of 20 MB"), "{}", rejection.message);

    // The widths of a baseline JPEG flow by.
    let verdict = world.upload("widths/large.jpg", "01", large).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn an_older_event_is_superseded_and_the_same_again_is_answered_again() {
    let world = World::new();
    let first = world.upload("cat.jpg", "02", chart()).await;
    let older = world.upload("cat.jpg", "01", chart()).await;
    assert!(matches!(older, Verdict::Superseded { .. }), "{older:?}");
    assert_eq!(world.upload("cat.jpg", "02", chart()).await, first);
}

#[tokio::test]
async fn a_header_longer_than_the_first_read_is_read_to_its_end() {
    let world = World::new();
    let verdict = world.upload("long.jpg", "01", with_long_header(chart())).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_png_with_9_mb_of_text_before_its_pixels_is_accepted() {
    let png = imaging::chart::encoded(imaging::Size::new(40, 30), imaging::Encoding::Png);
    let (header, pixels) = png.split_at(33);
    let text = vec![b'a'; 9_000_000];
    let len = u32::try_from(text.len()).unwrap().to_be_bytes();
    let mut long = [header, &len, b"tEXt", &text, &[0; 4], pixels].concat();
    long.resize(30_000_000, 0);
    let verdict = World::new().upload("long.png", "01", long).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_header_longer_than_the_limit_is_rejected_with_both_numbers() {
    let segment = [b"\xFF\xE2\xFF\xFF".as_slice(), &[0; 65_533]].concat();
    let jpeg = [&chart()[..2], &segment.repeat(257), &chart()[2..]].concat();
    let verdict = World::new().upload("long.jpg", "01", jpeg).await;
    let Verdict::Rejected { rejection, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(rejection.code, RejectionCode::Corrupt);
    let expected = "the header has at least 16777475 bytes, more than the limit of 16777216";
    assert!(rejection.message.contains(expected), "{}", rejection.message);
}

#[tokio::test]
async fn a_source_that_is_gone_is_our_failure_not_the_pictures() {
    let world = World::new();
    let upload = upload("gone.jpg", "01", 1000);
    let error = validate(upload, &world.rules, &world.cloud, &world.cloud).await.unwrap_err();
    assert!(matches!(error, Failure::SourceGone { .. }), "{error:?}");
}

#[tokio::test]
async fn every_key_is_read_as_it_is() {
    let long = format!("uploads/{}.jpg", "ü".repeat(506));
    let keys = ["a b.jpg", "a+b.jpg", "a%2Bb.jpg", "100%.jpg", "a%20b.jpg", "日本.jpg", &long];
    let world = World::new();
    for key in keys {
        let verdict = world.upload(key, "01", chart()).await;
        let Verdict::Accepted { picture, .. } = verdict else { panic!("{key}: {verdict:?}") };
        assert_eq!(picture.key, key);
    }
}

#[tokio::test]
async fn a_key_is_never_decoded_and_asks_s3_for_nothing_more() {
    let world = World::new();
    world.cloud.put_source("a b.jpg", Some("01"), chart());
    let missing = upload("a+b.jpg", "01", chart().len());
    let error = validate(missing, &world.rules, &world.cloud, &world.cloud).await.unwrap_err();
    assert!(matches!(&error, Failure::SourceGone { key, .. } if key == "a+b.jpg"), "{error:?}");

    // Only headers are read.
    world.cloud.fail("read_all", 1, Fault::Error);
    let verdict = world.try_upload("a%2Bb.jpg", "01", chart()).await.unwrap();
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn whatever_call_breaks_a_retry_reaches_the_same_verdict() {
    let clean = World::new().upload("cat.jpg", "01", chart()).await;
    for call in ["open", "read_range"] {
        for fault in [Fault::Error, Fault::Throttle, Fault::TimeOut, Fault::AnswerLost] {
            let world = World::new();
            world.cloud.fail(call, 1, fault);
            let error = world.try_upload("cat.jpg", "01", chart()).await.unwrap_err();
            assert!(matches!(error, Failure::DependencyUnavailable { .. }), "{error:?}");
            assert_eq!(world.upload("cat.jpg", "01", chart()).await, clean, "{call} {fault:?}");
        }
    }
}

/// `jpeg` with 130,000 bytes of application data before its picture.
fn with_long_header(jpeg: Vec<u8>) -> Vec<u8> {
    let mut long = jpeg[..2].to_vec();
    for _ in 0..2 {
        long.extend([0xFF, 0xEB]);
        long.extend(65_000_u16.to_be_bytes());
        long.extend([0; 64_998]);
    }
    long.extend(&jpeg[2..]);
    long
}
