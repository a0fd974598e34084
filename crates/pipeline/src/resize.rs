//! The use case behind `Resize Rendition`: read the source, render it, store the rendition.
//!
//! All three run at the same time. The source streams into the renderer, which runs in its own thread, and the
//! rendition streams into the upload; both pipes apply backpressure. Neither the source nor the rendition is in memory
//! as a whole.

use std::{
    io::{self, BufWriter, Read},
    time::{Duration, Instant},
};

use imaging::{JpegDecoder, Rejection, RenderError, RenderOptions, Rendered, RenditionSpec};
use tokio_util::io::SyncIoBridge;

use crate::{
    Failure, Rendition, Result,
    messages::{ResizeJob, ResizeResult},
    ports::{ByteReader, NewRendition, Renditions, Sources},
    rendition_pipe::{RenditionWriter, rendition_pipe},
};

/// Makes and stores one rendition within `time_left`, the time until the function's timeout.
///
/// If our own JPEG decoder panics, the source is read and rendered once more, by libjpeg.
///
/// # Errors
/// If a port fails, the source is gone, or the renderer cannot write the format. A picture that is corrupt or takes too
/// long is a [`ResizeResult`].
pub async fn resize(
    job: ResizeJob,
    time_left: Duration,
    sources: &impl Sources,
    renditions: &impl Renditions,
) -> Result<ResizeResult> {
    let name = job.spec.name().to_string();
    let start = Instant::now();
    let mut outcome = render_and_store(&job, JpegDecoder::Own, time_left, sources, renditions).await?;
    if let RenderOutcome::NeedsLibjpeg(_) = outcome {
        let time_left = time_left.saturating_sub(start.elapsed());
        outcome = render_and_store(&job, JpegDecoder::Libjpeg, time_left, sources, renditions).await?;
    }
    match outcome {
        RenderOutcome::Rendered(rendered, duration) => {
            let rendition = Rendition::new(&name, &job.destination.key, &rendered);
            let render_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            Ok(ResizeResult::Rendered { rendition, render_ms })
        }
        RenderOutcome::Rejected(rejection) => {
            Ok(ResizeResult::Rejected { name, code: rejection.code(), message: rejection.to_string() })
        }
        RenderOutcome::UploadStopped(source) | RenderOutcome::NeedsLibjpeg(source) => {
            Err(Failure::RenderFailed { rendition: name, source: source.into() })
        }
    }
}

/// How rendering ended, unless it failed on our side.
enum RenderOutcome {
    /// The whole rendition was written, in that time.
    Rendered(Rendered, Duration),
    /// The picture is at fault.
    Rejected(Rejection),
    /// The upload has stopped reading, without an error of its own.
    UploadStopped(RenderError),
    /// Only libjpeg can decide, and the source was read without an error: our own JPEG decoder panicked, or it passed over
    /// the last scan of a JPEG without an end.
    NeedsLibjpeg(RenderError),
}

/// Reads the source, renders it and stores the rendition, all at the same time.
async fn render_and_store(
    job: &ResizeJob,
    jpeg_decoder: JpegDecoder,
    time_left: Duration,
    sources: &impl Sources,
    renditions: &impl Renditions,
) -> Result<RenderOutcome> {
    let body = sources.read_all(&job.source).await?;
    // A third is reserved: the renderer checks the time only now and then, and the time of reading and writing does not
    // count.
    let limit = time_left / 3 * 2;
    let (writer, reader) = rendition_pipe();
    let (outcome, stored) = tokio::join!(
        render(body, RenderOptions { limit, jpeg_decoder, damaged: job.damaged }, job.spec.as_spec(), writer),
        renditions.put(new_rendition(job), Box::new(reader))
    );
    let outcome = outcome?;
    match outcome {
        RenderOutcome::Rendered(..) | RenderOutcome::UploadStopped(_) => stored?,
        // The upload has failed because the rendition is incomplete.
        RenderOutcome::Rejected(_) | RenderOutcome::NeedsLibjpeg(_) => {}
    }
    Ok(outcome)
}

/// Renders `body` in a thread of its own.
async fn render(
    body: ByteReader,
    options: RenderOptions,
    spec: &RenditionSpec,
    writer: RenditionWriter,
) -> Result<RenderOutcome> {
    let spec = spec.clone();
    let rendition = spec.name.to_string();
    let failed = |source| Failure::RenderFailed { rendition, source };
    let mut source = ErrorCapture { inner: SyncIoBridge::new(body), error: None };
    // Decoding would block the runtime, which has one thread and also reads and uploads.
    let rendering = tokio::task::spawn_blocking(move || {
        let start = Instant::now();
        let rendered = write_rendition(&mut source, options, &spec, writer);
        let outcome = rendered.map(|it| RenderOutcome::Rendered(it, start.elapsed()));
        (outcome, source.error)
    });
    match rendering.await {
        Ok((Ok(rendered), _)) => Ok(rendered),
        // If the download fails, the decoder may report a corrupt picture: the captured error takes precedence.
        Ok((Err(_), Some(error))) | Ok((Err(RenderError::Read(error)), None)) => {
            Err(Failure::DependencyUnavailable { call: "s3:GetObject", source: error.into() })
        }
        Ok((Err(RenderError::Rejected(rejection)), None)) => Ok(RenderOutcome::Rejected(rejection)),
        Ok((Err(error @ RenderError::Write(_)), None)) => Ok(RenderOutcome::UploadStopped(error)),
        Ok((Err(error @ (RenderError::JpegDecoderPanicked | RenderError::JpegEndUnknown)), None)) => {
            Ok(RenderOutcome::NeedsLibjpeg(error))
        }
        Ok((Err(error), None)) => Err(failed(error.into())),
        Err(panic) => Err(failed(panic.into())),
    }
}

/// Writes the rendition, and sends the end signal if all of it was written.
fn write_rendition(
    source: impl Read,
    options: RenderOptions,
    spec: &RenditionSpec,
    writer: RenditionWriter,
) -> Result<Rendered, RenderError> {
    // Encoders write a few bytes at a time, and each write to the pipe waits for the runtime's thread.
    let mut out = BufWriter::new(writer.bytes);
    let rendered = imaging::render_within(options, source, spec, &mut out)?;
    out.into_inner().map_err(|error| RenderError::Write(error.into_error()))?;
    // If the upload has failed, nobody receives it.
    let _ = writer.end.send(());
    Ok(rendered)
}

/// Keeps a copy of the last I/O error, because a decoder may hide it.
struct ErrorCapture<R> {
    inner: R,
    error: Option<io::Error>,
}

impl<R: Read> Read for ErrorCapture<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|error| {
            // An interrupted read is repeated by its caller.
            if error.kind() != io::ErrorKind::Interrupted {
                self.error = Some(io::Error::new(error.kind(), error.to_string()));
            }
        })
    }
}

fn new_rendition(job: &ResizeJob) -> NewRendition {
    NewRendition {
        destination: job.destination.clone(),
        content_type: job.spec.encoding().format().content_type(),
        // In a bucket without versions, the ETag identifies the content.
        source_version: job.source.version_id.clone().unwrap_or_else(|| job.source.etag.clone()),
        spec: serde_json::to_string(&job.spec).expect("a spec is plain data"),
    }
}
