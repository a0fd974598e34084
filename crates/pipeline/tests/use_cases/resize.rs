//! Stories of resize: the rendition lies where the job says, or the picture is at fault, or we are.

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
    messages::{ResizeJob, Resized, Source, Verdict},
    ports::{Body, Sources},
    resize,
    testing::{Cloud, Fault},
};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::fixture::{World, chart};

const A_MINUTE: Duration = Duration::from_secs(60);

async fn accepted(world: &World, bytes: Vec<u8>) -> Vec<ResizeJob> {
    match world.upload("cat.jpg", "01", bytes).await {
        Verdict::Accepted { jobs, .. } => jobs,
        verdict => panic!("{verdict:?}"),
    }
}

#[tokio::test]
async fn each_rendition_is_stored_within_its_box_where_its_job_says() {
    let world = World::new();
    for job in accepted(&world, chart()).await {
        let resized = resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
        let Resized::Rendered { rendition, .. } = resized else { panic!("{resized:?}") };
        assert_eq!(
            (rendition.key.as_str(), rendition.format),
            (&*job.destination.key, Format::Webp)
        );
        let stored = world.cloud.rendition(&rendition.key).unwrap();
        assert_eq!(stored.bytes.len() as u64, rendition.byte_len);
        let made = stored.rendition;
        assert_eq!((made.content_type, &*made.source_version), ("image/webp", "01"));
        assert_eq!(made.spec, serde_json::to_string(&job.spec).unwrap());
        let limit = job.spec.as_spec().width.map_or(640, |width| width.get().min(640));
        assert!(rendition.width <= limit, "{rendition:?}");
    }
}

#[tokio::test]
async fn a_rendition_that_its_format_cannot_hold_is_scaled_down_and_says_so() {
    let world = World::new();
    let wide = imaging::chart::jpeg(imaging::Size::new(17_000, 40), Default::default());
    for (job, limited_by) in accepted(&world, wide).await.into_iter().zip([
        None,
        None,
        None,
        Some(imaging::LimitedBy::Format),
    ]) {
        let name = job.spec.name().to_string();
        let resized = resize(job, A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
        let Resized::Rendered { rendition, .. } = resized else { panic!("{resized:?}") };
        assert_eq!(rendition.limited_by, limited_by, "{name}");
        assert_eq!(rendition.width == 16_383, limited_by.is_some(), "{name}: {rendition:?}");
    }
}

#[tokio::test]
async fn the_same_job_twice_writes_the_same_bytes() {
    let world = World::new();
    let job = accepted(&world, chart()).await.remove(0);
    resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
    let first = world.cloud.rendition(&job.destination.key);
    resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
    assert_eq!(world.cloud.rendition(&job.destination.key), first);
}

#[tokio::test]
async fn a_picture_that_is_cut_short_is_corrupt_and_nothing_is_stored() {
    let world = World::new();
    let whole = chart();
    let job = accepted(&world, whole[..whole.len() / 2].to_vec()).await.remove(0);
    assert_corrupt_and_not_stored(&world, job).await;
}

async fn assert_corrupt_and_not_stored(world: &World, job: ResizeJob) {
    let resized = resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
    assert!(
        matches!(resized, Resized::Rejected { code: RejectionCode::Corrupt, .. }),
        "{resized:?}"
    );
    assert_eq!(world.cloud.rendition(&job.destination.key), None);
}

#[tokio::test]
async fn a_picture_that_takes_too_long_is_a_verdict_with_both_times_and_nothing_is_stored() {
    let world = World::new();
    let job = accepted(&world, chart()).await.remove(0);
    let resized = resize(job.clone(), Duration::ZERO, &world.cloud, &world.cloud).await.unwrap();
    let Resized::Rejected { code: RejectionCode::TooMuchTime, message, .. } = resized else {
        panic!("{resized:?}")
    };
    assert!(message.ends_with("more than the limit of 0.0 s"), "{message}");
    assert_eq!(world.cloud.rendition(&job.destination.key), None);
}

#[tokio::test]
async fn a_download_that_breaks_off_is_not_the_pictures_fault() {
    let world = World::new();
    let job = accepted(&world, chart()).await.remove(0);
    for at in [0, 1, 700, 5_000] {
        world.cloud.fail("read_all", 1, Fault::CutAfter(at));
        let error = resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap_err();
        assert!(matches!(error, Failure::DependencyUnavailable { .. }), "at {at}: {error:?}");
    }
    let resized = resize(job, A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
    assert!(matches!(resized, Resized::Rendered { .. }), "{resized:?}");
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_our_failure_and_leaves_nothing() {
    let world = World::new();
    // Longer than the pipe to the upload is.
    let large = imaging::chart::jpeg(imaging::Size::new(2000, 1500), Default::default());
    let job = accepted(&world, large).await.remove(0);
    let job = ResizeJob { spec: serde_json::from_str(PNG).unwrap(), ..job };
    for at in [0, 1, 100_000] {
        world.cloud.fail("put", 1, Fault::CutAfter(at));
        let error = resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap_err();
        assert!(matches!(error, Failure::DependencyUnavailable { call: "put", .. }), "{error:?}");
        assert_eq!(world.cloud.rendition(&job.destination.key), None, "after {at} bytes");
    }
    resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
    assert!(world.cloud.rendition(&job.destination.key).unwrap().bytes.len() > 200_000);
}

const PNG: &str = r#"{"name": "whole", "format": "png"}"#;

#[tokio::test]
async fn what_was_encoded_before_the_corruption_is_not_stored_either() {
    let world = World::new();
    let (whole, spec) = (chart(), serde_json::from_str(PNG).unwrap());
    let job = accepted(&world, whole[..whole.len() * 9 / 10].to_vec()).await.remove(0);
    assert_corrupt_and_not_stored(&world, ResizeJob { spec, ..job }).await;
}

#[tokio::test]
async fn whatever_call_breaks_a_retry_stores_the_rendition() {
    for call in ["read_all", "put"] {
        for fault in [Fault::Error, Fault::Throttle, Fault::TimeOut, Fault::AnswerLost] {
            let world = World::new();
            let job = accepted(&world, chart()).await.remove(0);
            world.cloud.fail(call, 1, fault);
            resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap_err();
            resize(job.clone(), A_MINUTE, &world.cloud, &world.cloud).await.unwrap();
            assert!(world.cloud.rendition(&job.destination.key).is_some(), "{call} {fault:?}");
        }
    }
}

/// Sources whose bodies panic half-way through the first `panics` reads, in the middle of the decoder that reads them.
struct PanickingSources<'a> {
    cloud: &'a Cloud,
    bytes: Vec<u8>,
    panics: usize,
    reads: AtomicUsize,
}

impl Sources for PanickingSources<'_> {
    async fn read_range(&self, source: &Source, start: u64, end: u64) -> Result<Vec<u8>, Failure> {
        self.cloud.read_range(source, start, end).await
    }

    async fn read_all(&self, source: &Source) -> Result<Body, Failure> {
        if self.reads.fetch_add(1, Ordering::Relaxed) >= self.panics {
            return self.cloud.read_all(source).await;
        }
        let half = self.bytes[..self.bytes.len() / 2].to_vec();
        Ok(Box::new(io::Cursor::new(half).chain(Panicking)))
    }
}

struct Panicking;

impl AsyncRead for Panicking {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        panic!("this panic is part of the test")
    }
}

#[tokio::test]
async fn a_jpeg_on_which_our_decoder_panics_is_rendered_once_more_by_libjpeg() {
    let world = World::new();
    // More than the header reader buffers, so that it is the decoder which reads the second half.
    let bytes = imaging::chart::jpeg(Size::new(3200, 2400), Orientation::UPRIGHT);
    let job = accepted(&world, bytes.clone()).await.remove(0);
    for (panics, is_rendered) in [(1, true), (2, false)] {
        let (bytes, reads) = (bytes.clone(), AtomicUsize::new(0));
        let sources = PanickingSources { cloud: &world.cloud, bytes, panics, reads };
        let resized = resize(job.clone(), A_MINUTE, &sources, &world.cloud).await.unwrap();
        assert_eq!(sources.reads.into_inner(), 2, "{panics} panics");
        match resized {
            Resized::Rendered { rendition, .. } => {
                assert!(is_rendered);
                assert!(world.cloud.rendition(&rendition.key).is_some());
            }
            Resized::Rejected { code, .. } => {
                assert!(!is_rendered);
                assert_eq!(code, RejectionCode::Corrupt);
            }
        }
    }
}
