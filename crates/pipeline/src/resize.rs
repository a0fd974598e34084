//! The use case behind `Resize Rendition`: read the source, render, store.
//!
//! All three at once. The body streams into the renderer while it arrives, and what the renderer
//! writes streams into the upload: a thread of its own between two pipes, each of which holds back
//! whoever is ahead. Neither the source nor the rendition is ever held whole here.

use std::{
    io::{self, BufWriter, Read},
    time::{Duration, Instant},
};

use imaging::{JpegDecoder, Rejection, RenderError, Rendered, RenditionSpec};
use tokio_util::io::SyncIoBridge;

use crate::{
    Failure, Rendition,
    messages::{ResizeJob, Resized},
    ports::{Body, NewRendition, Renditions, Sources},
    rendition_pipe::{Inlet, pipe},
};

/// Makes one rendition and stores it, in less than the time that is left to the function. Of that
/// the renderer gets two thirds for itself: it does not look at the clock all the time, and what is
/// taken by reading and writing is no part of its share.
///
/// # Errors
/// When a port fails, the source is gone, or the renderer cannot write the format. A corrupt
/// picture, and one that takes too long, is a [`Resized`].
///
/// If our own JPEG decoder panics, the source is read and rendered once more, by libjpeg.
pub async fn resize(
    job: ResizeJob,
    time_left: Duration,
    sources: &impl Sources,
    renditions: &impl Renditions,
) -> Result<Resized, Failure> {
    let name = job.spec.name().to_string();
    let start = Instant::now();
    let mut rendering =
        render_and_store(&job, JpegDecoder::Own, time_left, sources, renditions).await?;
    if let Rendering::JpegDecoderPanicked(_) = rendering {
        let time_left = time_left.saturating_sub(start.elapsed());
        rendering =
            render_and_store(&job, JpegDecoder::Libjpeg, time_left, sources, renditions).await?;
    }
    match rendering {
        Rendering::Rendered(rendered, took) => {
            let rendition = Rendition::of(&name, &job.destination.key, &rendered);
            let render_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            Ok(Resized::Rendered { rendition, render_ms })
        }
        Rendering::Rejected(rejection) => {
            Ok(Resized::Rejected { name, code: rejection.code(), message: rejection.to_string() })
        }
        Rendering::NotTaken(error) => {
            Err(Failure::RenderFailed { rendition: name, source: error.into() })
        }
        Rendering::JpegDecoderPanicked(error) => {
            Err(Failure::RenderFailed { rendition: name, source: error.into() })
        }
    }
}

/// Reads the source, renders and stores at the same time.
async fn render_and_store(
    job: &ResizeJob,
    jpeg_decoder: JpegDecoder,
    time_left: Duration,
    sources: &impl Sources,
    renditions: &impl Renditions,
) -> Result<Rendering, Failure> {
    let body = sources.read_all(&job.source).await?;
    let limit = time_left / 3 * 2;
    let (inlet, outlet) = pipe();
    let (rendering, stored) = tokio::join!(
        render(body, jpeg_decoder, job.spec.as_spec(), limit, inlet),
        renditions.put(new_rendition(job), Box::new(outlet))
    );
    let rendering = rendering?;
    match rendering {
        Rendering::Rendered(..) | Rendering::NotTaken(_) => stored?,
        // The upload failed because the rendition broke off.
        Rendering::Rejected(_) | Rendering::JpegDecoderPanicked(_) => {}
    }
    Ok(rendering)
}

/// How a rendering ended that nothing of ours broke.
enum Rendering {
    /// It was written to its end, in that time.
    Rendered(Rendered, Duration),
    /// It is the picture's fault.
    Rejected(Rejection),
    /// The upload took no more of it, and knows why.
    NotTaken(io::Error),
    /// Our own JPEG decoder panicked, and the source was read without an error.
    JpegDecoderPanicked(RenderError),
}

async fn render(
    body: Body,
    jpeg_decoder: JpegDecoder,
    spec: &RenditionSpec,
    limit: Duration,
    inlet: Inlet,
) -> Result<Rendering, Failure> {
    let spec = spec.clone();
    let rendition = spec.name.to_string();
    let failed = |source| Failure::RenderFailed { rendition, source };
    let mut source = Watched { inner: SyncIoBridge::new(body), broken: None };
    let rendering = tokio::task::spawn_blocking(move || {
        let start = Instant::now();
        let rendered = write(&mut source, jpeg_decoder, &spec, limit, inlet);
        (rendered.map(|rendered| Rendering::Rendered(rendered, start.elapsed())), source.broken)
    });
    match rendering.await {
        Ok((Ok(rendered), _)) => Ok(rendered),
        // A decoder that is cut off may call the picture corrupt, when it is the download that broke.
        Ok((Err(_), Some(broken))) | Ok((Err(RenderError::Read(broken)), None)) => {
            Err(Failure::DependencyUnavailable { call: "s3:GetObject", source: broken.into() })
        }
        Ok((Err(RenderError::Rejected(rejection)), None)) => Ok(Rendering::Rejected(rejection)),
        Ok((Err(RenderError::Write(error)), None)) => Ok(Rendering::NotTaken(error)),
        Ok((Err(error @ RenderError::JpegDecoderPanicked), None)) => {
            Ok(Rendering::JpegDecoderPanicked(error))
        }
        Ok((Err(error), None)) => Err(failed(error.into())),
        Err(panic) => Err(failed(panic.into())),
    }
}

/// Renders into the inlet, and finishes it if all went well.
fn write(
    source: impl Read,
    jpeg_decoder: JpegDecoder,
    spec: &RenditionSpec,
    limit: Duration,
    inlet: Inlet,
) -> Result<Rendered, RenderError> {
    let mut out = BufWriter::new(inlet);
    let rendered = imaging::render_within(limit, jpeg_decoder, source, spec, &mut out)?;
    let inlet = out.into_inner().map_err(|error| RenderError::Write(error.into_error()))?;
    inlet.finish();
    Ok(rendered)
}

/// A reader that remembers that it broke, whatever its user makes of the error.
struct Watched<R> {
    inner: R,
    broken: Option<io::Error>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.broken = Some(io::Error::new(error.kind(), error.to_string()));
            }
        })
    }
}

fn new_rendition(job: &ResizeJob) -> NewRendition {
    NewRendition {
        destination: job.destination.clone(),
        content_type: job.spec.encoding().format().content_type(),
        source_version: job.source.version_id.clone().unwrap_or_else(|| job.source.etag.clone()),
        spec: serde_json::to_string(&job.spec).expect("a spec is plain data"),
    }
}
