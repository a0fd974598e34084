//! Verdicts of validate, and the requests that they cost.

use imaging::RejectionCode;
use pipeline::{Failure, Status, messages::Verdict, ports::Records, testing::Fault};

use crate::fixture::{Fixture, chart, upload};

#[tokio::test]
async fn an_accepted_picture_has_one_job_per_rendition() {
    let fixture = Fixture::new();
    let Verdict::Accepted { picture, jobs } = fixture.upload("uploads/a b+%.jpg", "01", chart()).await else {
        panic!("it is accepted")
    };
    assert_eq!((picture.upload.width, picture.upload.height), (Some(640), Some(480)));
    let names: Vec<_> = jobs.iter().map(|job| job.spec.name().to_string()).collect();
    assert_eq!(names, ["thumbnail", "medium", "large", "original"]);
    for job in jobs {
        assert_eq!(job.source.version_id.as_deref(), Some("01"));
        assert_eq!(job.destination.bucket, "renditions");
        let prefix = format!("uploads/a b+%.jpg/{}-", job.spec.name());
        assert!(job.destination.key.starts_with(&prefix), "{}", job.destination.key);
    }
    let record = fixture.cloud.get("uploads/a b+%.jpg").await.unwrap().unwrap();
    assert_eq!(record.status, Status::Processing);
}

#[tokio::test]
async fn the_key_names_the_profile_and_the_format_source_is_resolved() {
    let fixture = Fixture::new();
    let Verdict::Accepted { picture, jobs } = fixture.upload("widths/a.jpg", "01", chart()).await else {
        panic!("it is accepted")
    };
    assert_eq!(picture.upload.profile, "widths");
    assert!(jobs.iter().all(|job| job.destination.key.ends_with(".jpg")));
}

#[tokio::test]
async fn a_file_that_is_not_a_picture_is_rejected_with_a_code() {
    for (key, bytes, expected) in [
        ("a.jpg", b"Dear diary".to_vec(), RejectionCode::NotAnImage),
        ("b.jpg", Vec::new(), RejectionCode::Empty),
        (
            "proxies/c.gif",
            b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02L\x01\0;".to_vec(),
            RejectionCode::UnsupportedFormat,
        ),
        ("d.jpg", chart()[..100].to_vec(), RejectionCode::Corrupt),
    ] {
        let verdict = Fixture::new().upload(key, "01", bytes).await;
        let Verdict::Rejected { rejection, .. } = verdict else { panic!("{key}: {verdict:?}") };
        assert_eq!(rejection.code, expected, "{key}: {}", rejection.message);
    }
}

#[tokio::test]
async fn a_file_that_is_too_long_is_rejected_without_reading_it() {
    let fixture = Fixture::new();
    fixture.cloud.fail("read_range", 1, Fault::Error);
    let upload = upload("huge.jpg", "01", 100_000_001);
    let verdict = fixture.validate(upload).await.unwrap();
    let Verdict::Rejected { rejection, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(rejection.code, RejectionCode::TooManyBytes);
    assert!(rejection.message.contains("100000001"), "{}", rejection.message);
}

#[tokio::test]
async fn a_header_of_a_million_tiny_segments_takes_few_requests() {
    let fixture = Fixture::new();
    let segments = [0xFF, 0xFE, 0, 2].repeat(1_000_000);
    let verdict = fixture.upload("segments.jpg", "01", [&chart()[..2], &segments, &chart()[2..]].concat());
    assert!(matches!(verdict.await, Verdict::Accepted { .. }));
    // The length read grows fourfold with each request: 64 KiB, then three more requests up to 4 MB.
    assert_eq!(requests(&fixture), 4);
}

#[tokio::test]
async fn a_jpeg_with_metadata_of_any_length_takes_few_requests() {
    // Extended XMP, in which phones store depth maps.
    let segment = [b"\xFF\xE1\xFF\xFFhttp://ns.adobe.com/xmp/extension/\0".as_slice(), &[b'A'; 65_498]].concat();
    for (segments, most) in [(2, 3), (310, 7), (1500, 17)] {
        let fixture = Fixture::new();
        let jpeg = [&chart()[..2], &segment.repeat(segments), &chart()[2..]].concat();
        let verdict = fixture.upload("depth.jpg", "01", jpeg).await;
        assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
        let requests = requests(&fixture);
        assert!(requests <= most, "{segments} segments of 64 KiB took {requests} requests");
    }
}

fn requests(fixture: &Fixture) -> usize {
    fixture.cloud.calls().iter().filter(|call| **call == "read_range").count()
}

#[tokio::test]
async fn a_picture_that_needs_too_much_memory_is_rejected_with_the_numbers() {
    let mut fixture = Fixture::new();
    fixture.settings.profiles = fixture.settings.profiles.limit_memory(20_000_000);
    // 12 MP, rendered as WebP without resizing.
    let large = imaging::chart::jpeg(imaging::Size::new(4000, 3000), Default::default());
    let verdict = fixture.upload("large.jpg", "01", large.clone()).await;
    let Verdict::Rejected { rejection, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(rejection.code, RejectionCode::TooMuchMemory);
    assert!(rejection.message.contains("more than the limit of 20 MB"), "{}", rejection.message);

    // Renditions of a baseline JPEG that are resized are streamed.
    let verdict = fixture.upload("widths/large.jpg", "01", large).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn an_earlier_event_is_superseded_and_a_repeated_event_has_the_same_verdict() {
    let fixture = Fixture::new();
    let first = fixture.upload("cat.jpg", "02", chart()).await;
    let older = fixture.upload("cat.jpg", "01", chart()).await;
    assert!(matches!(older, Verdict::Superseded { .. }), "{older:?}");
    assert_eq!(fixture.upload("cat.jpg", "02", chart()).await, first);
}

#[tokio::test]
async fn a_header_longer_than_the_first_read_is_read_to_its_end() {
    let fixture = Fixture::new();
    let verdict = fixture.upload("long.jpg", "01", with_long_header(chart())).await;
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
    let verdict = Fixture::new().upload("long.png", "01", long).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_header_longer_than_the_limit_is_rejected_with_both_numbers() {
    let segment = [b"\xFF\xE2\xFF\xFFICC_PROFILE\0".as_slice(), &[0; 65_521]].concat();
    let jpeg = [&chart()[..2], &segment.repeat(257), &chart()[2..]].concat();
    let verdict = Fixture::new().upload("long.jpg", "01", jpeg).await;
    let Verdict::Rejected { rejection, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(rejection.code, RejectionCode::Corrupt);
    let expected = "the header has at least 16777475 bytes, more than the limit of 16777216";
    assert!(rejection.message.contains(expected), "{}", rejection.message);
}

#[tokio::test]
async fn a_missing_source_is_a_failure_not_a_rejection() {
    let fixture = Fixture::new();
    let upload = upload("gone.jpg", "01", 1000);
    let error = fixture.validate(upload).await.unwrap_err();
    assert!(matches!(error, Failure::SourceGone { .. }), "{error:?}");
}

#[tokio::test]
async fn keys_are_used_as_they_are() {
    let long = format!("uploads/{}.jpg", "ü".repeat(506));
    let keys = ["a b.jpg", "a+b.jpg", "a%2Bb.jpg", "100%.jpg", "a%20b.jpg", "日本.jpg", &long];
    let fixture = Fixture::new();
    for key in keys {
        let verdict = fixture.upload(key, "01", chart()).await;
        let Verdict::Accepted { picture, .. } = verdict else { panic!("{key}: {verdict:?}") };
        assert_eq!(picture.key, key);
    }
}

#[tokio::test]
async fn a_key_is_never_decoded_and_only_its_header_is_read() {
    let fixture = Fixture::new();
    fixture.cloud.put_source("a b.jpg", Some("01"), chart());
    let missing = upload("a+b.jpg", "01", chart().len());
    let error = fixture.validate(missing).await.unwrap_err();
    assert!(matches!(&error, Failure::SourceGone { key, .. } if key == "a+b.jpg"), "{error:?}");

    // The whole source is not read.
    fixture.cloud.fail("read_all", 1, Fault::Error);
    let verdict = fixture.try_upload("a%2Bb.jpg", "01", chart()).await.unwrap();
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn after_any_failed_call_a_retry_has_the_same_verdict() {
    let clean = Fixture::new().upload("cat.jpg", "01", chart()).await;
    for call in ["open", "read_range"] {
        for fault in [Fault::Error, Fault::Throttle, Fault::TimeOut, Fault::AnswerLost] {
            let fixture = Fixture::new();
            fixture.cloud.fail(call, 1, fault);
            let error = fixture.try_upload("cat.jpg", "01", chart()).await.unwrap_err();
            assert!(matches!(error, Failure::DependencyUnavailable { .. }), "{error:?}");
            assert_eq!(fixture.upload("cat.jpg", "01", chart()).await, clean, "{call} {fault:?}");
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
