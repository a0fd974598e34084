//! The use case behind `Resize Rendition`: read the source, render, store.
//!
//! The body streams into the renderer while it arrives: a blocking reader on a thread of its own,
//! held back by the download and holding it back in turn.

use std::{
    io::{self, Read},
    time::Instant,
};

use imaging::{Rejection, RenderError, Rendered, RenditionSpec};
use tokio_util::io::SyncIoBridge;

use crate::{
    Failure,
    messages::{ResizeJob, Resized},
    ports::{Body, NewRendition, Renditions, Sources},
    record::Rendition,
};

/// Makes one rendition and stores it.
///
/// # Errors
/// When a port fails, the source is gone, or the renderer cannot write the format. A corrupt
/// picture is a [`Resized`].
pub async fn resize(
    job: ResizeJob,
    sources: &impl Sources,
    renditions: &impl Renditions,
) -> Result<Resized, Failure> {
    let name = job.spec.name.to_string();
    let body = sources.read_all(&job.source).await?;
    let start = Instant::now();
    match render(body, &job.spec).await? {
        Ok((rendered, bytes)) => {
            let render_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            renditions.put(stored(&job, &rendered, bytes)).await?;
            let rendition = Rendition::of(&name, &job.destination.key, &rendered);
            Ok(Resized::Rendered { rendition, render_ms })
        }
        Err(rejection) => Ok(Resized::Corrupt { name, message: rejection.to_string() }),
    }
}

async fn render(
    body: Body,
    spec: &RenditionSpec,
) -> Result<Result<(Rendered, Vec<u8>), Rejection>, Failure> {
    let spec = spec.clone();
    let rendition = spec.name.to_string();
    let failed = |source| Failure::RenderFailed { rendition, source };
    let mut source = Watched { inner: SyncIoBridge::new(body), broken: None };
    let rendering = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        let rendered = imaging::render(&mut source, &spec, &mut bytes);
        (rendered.map(|rendered| (rendered, bytes)), source.broken)
    });
    match rendering.await {
        Ok((Ok(rendition), _)) => Ok(Ok(rendition)),
        // A decoder that is cut off may call the picture corrupt, when it is the download that broke.
        Ok((Err(_), Some(broken))) | Ok((Err(RenderError::Read(broken)), None)) => {
            Err(Failure::DependencyUnavailable { call: "s3:GetObject", source: broken.into() })
        }
        Ok((Err(RenderError::Rejected(rejection)), None)) => Ok(Err(rejection)),
        Ok((Err(error), None)) => Err(failed(error.into())),
        Err(panic) => Err(failed(panic.into())),
    }
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

fn stored(job: &ResizeJob, rendered: &Rendered, bytes: Vec<u8>) -> NewRendition {
    NewRendition {
        destination: job.destination.clone(),
        bytes,
        content_type: rendered.format.content_type(),
        source_version: job.source.version_id.clone().unwrap_or_else(|| job.source.etag.clone()),
        spec: serde_json::to_string(&job.spec).expect("a spec is plain data"),
    }
}
