//! Resize stores the rendition, rejects the picture, or fails.

use std::{
    io,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use imaging::{Format, Orientation, RejectionCode, Size};
use pipeline::{
    Failure,
    messages::{ResizeJob, ResizeResult, SourceObject, Verdict},
    ports::{ByteReader, PresignTerms, PresignedPut, SourceVersion, Sources},
    resize,
    testing::{Fault, InMemoryCloud},
};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::fixture::{Fixture, chart};

const A_MINUTE: Duration = Duration::from_secs(60);

async fn jobs(fixture: &Fixture, bytes: Vec<u8>) -> Vec<ResizeJob> {
    match fixture.upload("cat.jpg", "01", bytes).await {
        Verdict::Accepted { jobs, .. } => jobs,
        verdict => panic!("{verdict:?}"),
    }
}

#[tokio::test]
async fn each_rendition_fits_its_box_and_is_stored_at_its_destination() {
    let fixture = Fixture::new();
    for job in jobs(&fixture, chart()).await {
        let result = resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
        let ResizeResult::Rendered { rendition, .. } = result else { panic!("{result:?}") };
        assert_eq!((rendition.key.as_str(), rendition.format), (&*job.destination.key, Format::Webp));
        let stored = fixture.cloud.rendition(&rendition.key).unwrap();
        assert_eq!(stored.bytes.len() as u64, rendition.byte_len);
        let new = stored.rendition;
        assert_eq!((new.content_type, &*new.source_version), ("image/webp", "01"));
        assert_eq!(new.spec, serde_json::to_string(&job.spec).unwrap());
        let limit = job.spec.as_spec().width.map_or(640, |width| width.get().min(640));
        assert!(rendition.width <= limit, "{rendition:?}");
    }
}

#[tokio::test]
async fn a_rendition_that_is_too_wide_for_its_format_is_scaled_down_and_marked() {
    let fixture = Fixture::new();
    let wide = imaging::chart::jpeg(imaging::Size::new(17_000, 40), Default::default());
    for (job, limited_by) in
        jobs(&fixture, wide).await.into_iter().zip([None, None, None, Some(imaging::LimitedBy::Format)])
    {
        let name = job.spec.name().to_string();
        let result = resize(job, A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
        let ResizeResult::Rendered { rendition, .. } = result else { panic!("{result:?}") };
        assert_eq!(rendition.limited_by, limited_by, "{name}");
        assert_eq!(rendition.width == 16_383, limited_by.is_some(), "{name}: {rendition:?}");
    }
}

#[tokio::test]
async fn a_rendition_of_a_picture_with_a_high_dynamic_range_says_that_it_was_tone_mapped() {
    // The numbers of BT.2020 and PQ, before the pixels.
    const NUMBERS: &[u8] = b"\0\0\0\x04cICP\x09\x10\0\x01M##\xFE";
    let fixture = Fixture::new();
    let png = imaging::chart::encoded(imaging::Size::new(40, 30), imaging::Encoding::Png);
    for (source, expected) in
        [([&png[..33], NUMBERS, &png[33..]].concat(), Some(imaging::HdrTransfer::Pq)), (png, None)]
    {
        let job = jobs(&fixture, source).await.remove(0);
        let result = resize(job, A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
        let ResizeResult::Rendered { rendition, .. } = result else { panic!("{result:?}") };
        assert_eq!(rendition.tone_mapped, expected);
        let json = serde_json::to_value(&rendition).unwrap();
        assert_eq!(json.get("tone_mapped").and_then(|value| value.as_str()), expected.map(|_| "pq"));
    }
}

#[tokio::test]
async fn the_same_job_twice_writes_the_same_bytes() {
    let fixture = Fixture::new();
    let job = jobs(&fixture, chart()).await.remove(0);
    resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
    let first = fixture.cloud.rendition(&job.destination.key);
    resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
    assert_eq!(fixture.cloud.rendition(&job.destination.key), first);
}

#[tokio::test]
async fn a_truncated_picture_is_corrupt_and_nothing_is_stored() {
    let fixture = Fixture::new();
    let whole = chart();
    let job = jobs(&fixture, whole[..whole.len() / 2].to_vec()).await.remove(0);
    assert_corrupt_and_not_stored(&fixture, job).await;
}

async fn assert_corrupt_and_not_stored(fixture: &Fixture, job: ResizeJob) {
    let result = resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
    assert!(matches!(result, ResizeResult::Rejected { code: RejectionCode::Corrupt, .. }), "{result:?}");
    assert_eq!(fixture.cloud.rendition(&job.destination.key), None);
}

#[tokio::test]
async fn a_picture_that_takes_too_long_is_rejected_with_both_times_and_nothing_is_stored() {
    let fixture = Fixture::new();
    let job = jobs(&fixture, chart()).await.remove(0);
    let result = resize(job.clone(), Duration::ZERO, &fixture.cloud, &fixture.cloud).await.unwrap();
    let ResizeResult::Rejected { code: RejectionCode::TooMuchTime, message, .. } = result else { panic!("{result:?}") };
    assert!(message.ends_with("more than the limit of 0.0 s"), "{message}");
    assert_eq!(fixture.cloud.rendition(&job.destination.key), None);
}

#[tokio::test]
async fn a_failed_download_is_our_failure() {
    let fixture = Fixture::new();
    let job = jobs(&fixture, chart()).await.remove(0);
    for at in [0, 1, 700, 5_000] {
        fixture.cloud.fail("read_all", 1, Fault::CutAfter(at));
        let error = resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap_err();
        assert!(matches!(error, Failure::DependencyUnavailable { .. }), "at {at}: {error:?}");
    }
    let result = resize(job, A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
    assert!(matches!(result, ResizeResult::Rendered { .. }), "{result:?}");
}

#[tokio::test]
async fn a_failed_upload_is_our_failure_and_stores_nothing() {
    let fixture = Fixture::new();
    // Longer than the pipe between renderer and upload.
    let large = imaging::chart::jpeg(imaging::Size::new(2000, 1500), Default::default());
    let job = jobs(&fixture, large).await.remove(0);
    let job = ResizeJob { spec: serde_json::from_str(PNG).unwrap(), ..job };
    for at in [0, 1, 100_000] {
        fixture.cloud.fail("put", 1, Fault::CutAfter(at));
        let error = resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap_err();
        assert!(matches!(error, Failure::DependencyUnavailable { call: "put", .. }), "{error:?}");
        assert_eq!(fixture.cloud.rendition(&job.destination.key), None, "after {at} bytes");
    }
    resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
    assert!(fixture.cloud.rendition(&job.destination.key).unwrap().bytes.len() > 200_000);
}

const PNG: &str = r#"{"name": "whole", "format": "png"}"#;

#[tokio::test]
async fn the_part_that_was_encoded_before_the_damage_is_not_stored() {
    let fixture = Fixture::new();
    let (whole, spec) = (chart(), serde_json::from_str(PNG).unwrap());
    let job = jobs(&fixture, whole[..whole.len() * 9 / 10].to_vec()).await.remove(0);
    assert_corrupt_and_not_stored(&fixture, ResizeJob { spec, ..job }).await;
}

#[tokio::test]
async fn after_any_failed_call_a_retry_stores_the_rendition() {
    for call in ["read_all", "put"] {
        for fault in [Fault::Error, Fault::Throttle, Fault::TimeOut, Fault::AnswerLost] {
            let fixture = Fixture::new();
            let job = jobs(&fixture, chart()).await.remove(0);
            fixture.cloud.fail(call, 1, fault);
            resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap_err();
            resize(job.clone(), A_MINUTE, &fixture.cloud, &fixture.cloud).await.unwrap();
            assert!(fixture.cloud.rendition(&job.destination.key).is_some(), "{call} {fault:?}");
        }
    }
}

/// Sources whose first `panics` bodies panic after half of their bytes, while the decoder reads them.
struct PanickingSources<'a> {
    cloud: &'a InMemoryCloud,
    bytes: Vec<u8>,
    panics: usize,
    reads: AtomicUsize,
}

impl Sources for PanickingSources<'_> {
    async fn read_all(&self, source: &SourceObject) -> Result<ByteReader, Failure> {
        if self.reads.fetch_add(1, Ordering::Relaxed) >= self.panics {
            return self.cloud.read_all(source).await;
        }
        let half = self.bytes[..self.bytes.len() / 2].to_vec();
        Ok(Box::new(io::Cursor::new(half).chain(PanickingReader)))
    }

    async fn read_range(&self, _: &SourceObject, _: u64, _: u64) -> Result<Vec<u8>, Failure> {
        not_called()
    }

    async fn current_version(&self, _: &str, _: &str) -> Result<Option<SourceVersion>, Failure> {
        not_called()
    }

    async fn add_delete_marker(&self, _: &str, _: &str) -> Result<(), Failure> {
        not_called()
    }

    async fn delete_versions(&self, _: &str, _: &str) -> Result<(), Failure> {
        not_called()
    }

    async fn presign_put(&self, _: &str, _: &PresignTerms) -> Result<PresignedPut, Failure> {
        not_called()
    }
}

fn not_called() -> ! {
    unreachable!("resize reads whole sources only")
}

struct PanickingReader;

impl AsyncRead for PanickingReader {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        panic!("this panic is part of the test")
    }
}

#[tokio::test]
async fn a_jpeg_on_which_our_decoder_panics_is_rendered_once_more_by_libjpeg() {
    let fixture = Fixture::new();
    // Longer than the buffer of the header reader, so that the decoder reads the second half.
    let bytes = imaging::chart::jpeg(Size::new(3200, 2400), Orientation::UPRIGHT);
    let job = jobs(&fixture, bytes.clone()).await.remove(0);
    for (panics, is_rendered) in [(1, true), (2, false)] {
        let (bytes, reads) = (bytes.clone(), AtomicUsize::new(0));
        let sources = PanickingSources { cloud: &fixture.cloud, bytes, panics, reads };
        let result = resize(job.clone(), A_MINUTE, &sources, &fixture.cloud).await.unwrap();
        assert_eq!(sources.reads.into_inner(), 2, "{panics} panics");
        match result {
            ResizeResult::Rendered { rendition, .. } => {
                assert!(is_rendered);
                assert!(fixture.cloud.rendition(&rendition.key).is_some());
            }
            ResizeResult::Rejected { code, .. } => {
                assert!(!is_rendered);
                assert_eq!(code, RejectionCode::Corrupt);
            }
        }
    }
}

#[tokio::test]
async fn a_progressive_jpeg_without_an_end_is_read_once_more_for_a_thumbnail() {
    let fixture = Fixture::new();
    let encoding =
        imaging::Encoding::Jpeg { quality: 80.try_into().unwrap(), scan_mode: imaging::ScanMode::Progressive };
    let whole = imaging::chart::encoded(Size::new(1600, 1200), encoding);
    let without_end = whole[..whole.len() - 2].to_vec();
    let cut = whole[..whole.len() - 200].to_vec();
    for (bytes, is_rendered) in [(without_end, true), (cut, false)] {
        let mut job = jobs(&fixture, bytes.clone()).await.remove(0);
        // An eighth of the width and height is enough, so that the last scans are not decoded at first.
        let spec = serde_json::from_str(r#"{"name": "tiny", "width": 50, "format": "webp"}"#).unwrap();
        job.spec = imaging::ResolvedSpec::new(spec, Format::Jpeg);
        let sources = PanickingSources { cloud: &fixture.cloud, bytes, panics: 0, reads: AtomicUsize::new(0) };
        let result = resize(job, A_MINUTE, &sources, &fixture.cloud).await.unwrap();
        assert_eq!(sources.reads.into_inner(), 2);
        assert_eq!(matches!(result, ResizeResult::Rendered { .. }), is_rendered, "{result:?}");
    }
}
