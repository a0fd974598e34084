//! Uploads files to the source bucket, and downloads renditions from the destination bucket.

use std::{
    convert::Infallible,
    fs, io,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context as TaskContext, Poll},
};

use anyhow::{Context, bail};
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use indicatif::ProgressBar;
use pipeline::{Record, ports::Records};
use tokio::task::spawn_blocking;

use crate::stack::Stack;

/// An object that was uploaded.
pub(super) struct UploadedObject {
    pub(super) key: String,
    pub(super) version_id: Option<String>,
    /// The version in the record of this key before the upload.
    pub(super) earlier_version_id: Option<String>,
}

/// Checks that no object has the key.
///
/// # Errors
/// If there is such an object, or S3 does not answer.
pub(super) async fn ensure_key_is_free(stack: &Stack, key: &str) -> anyhow::Result<()> {
    let request = stack.s3.head_object().bucket(&stack.source_bucket).key(key);
    match request.send().await.map_err(aws_sdk_s3::Error::from) {
        Ok(_) => bail!("there is a picture with the key '{key}': --replace uploads over it"),
        Err(aws_sdk_s3::Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("looking for {key}")),
    }
}

/// Uploads a file, and advances the progress bar.
///
/// # Errors
/// If the file cannot be read, or S3 does not accept it.
pub(super) async fn upload_file(
    stack: &Stack,
    file: &Path,
    key: &str,
    bar: &ProgressBar,
) -> anyhow::Result<UploadedObject> {
    let bytes: Bytes = run_blocking(file, fs::read).await?.into();
    let earlier = stack.records.get(key).await?;
    let bar = bar.clone();
    // The SDK calls this for each attempt. Each attempt sends the file from its start.
    let body = SdkBody::retryable(move || {
        bar.set_position(0);
        SdkBody::from_body_1_x(ProgressBody { remaining: bytes.clone(), bar: bar.clone() })
    });
    let request = stack.s3.put_object().bucket(&stack.source_bucket).key(key);
    let response = request
        .body(ByteStream::new(body))
        .send()
        .await
        .map_err(aws_sdk_s3::Error::from)
        .with_context(|| format!("uploading to s3://{}/{key}", stack.source_bucket))?;
    Ok(UploadedObject {
        key: key.to_owned(),
        version_id: response.version_id,
        earlier_version_id: earlier.and_then(|record| record.upload.version_id),
    })
}

/// Downloads the renditions of a record to a folder. Returns their paths in the order of the record.
///
/// # Errors
/// If a rendition cannot be downloaded or written.
pub(super) async fn download_renditions(
    stack: &Stack,
    record: &Record,
    folder: &Path,
    stem: &str,
) -> anyhow::Result<Vec<PathBuf>> {
    let created = run_blocking(folder, fs::create_dir_all).await;
    created.with_context(|| format!("creating {}", folder.display()))?;
    let mut paths = Vec::new();
    for rendition in &record.renditions {
        let request = stack.s3.get_object().bucket(&stack.destination_bucket).key(&rendition.key);
        let response = request.send().await.map_err(aws_sdk_s3::Error::from);
        let response = response.with_context(|| format!("fetching {}", rendition.key))?;
        let bytes = response.body.collect().await?.into_bytes();
        let extension = rendition.format.extension();
        let path = folder.join(format!("{stem}-{}.{extension}", rendition.name));
        let written = run_blocking(&path, move |path| fs::write(path, bytes)).await;
        written.with_context(|| format!("writing {}", path.display()))?;
        paths.push(path);
    }
    Ok(paths)
}

/// Runs file I/O on another thread, so that the other uploads continue.
async fn run_blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(PathBuf) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let path = path.to_owned();
    spawn_blocking(move || work(path)).await?
}

/// A request body that advances the progress bar as it is sent.
struct ProgressBody {
    remaining: Bytes,
    bar: ProgressBar,
}

const CHUNK_BYTES: usize = 64 * 1024;

impl http_body::Body for ProgressBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.remaining.is_empty() {
            return Poll::Ready(None);
        }
        let len = CHUNK_BYTES.min(self.remaining.len());
        let chunk = self.remaining.split_to(len);
        self.bar.inc(len as u64);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining.len() as u64)
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{process::Command, sync::mpsc, thread, time::Duration};

    use super::*;

    #[tokio::test]
    async fn other_tasks_continue_while_a_file_is_read() {
        let folder = tempfile::TempDir::new().unwrap();
        // Reading a named pipe takes until another thread writes to it.
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (sender, receiver) = mpsc::channel();
        let writer = thread::spawn({
            let pipe = pipe.clone();
            move || {
                let other_task_ran = receiver.recv_timeout(Duration::from_secs(10)).is_ok();
                fs::write(pipe, "picture").unwrap();
                other_task_ran
            }
        });

        let (bytes, _) = tokio::join!(run_blocking(&pipe, fs::read), async { sender.send(()).ok() });

        assert_eq!(bytes.unwrap(), b"picture");
        assert!(writer.join().unwrap(), "reading the file blocked the runtime");
    }
}
