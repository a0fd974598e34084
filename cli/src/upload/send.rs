//! The way up and the way back: a file into the source bucket, renditions out of the other.

use std::{
    convert::Infallible,
    fs,
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

use crate::stack::Stack;

/// What S3 said of an upload.
pub(super) struct Sent {
    pub(super) key: String,
    pub(super) version_id: Option<String>,
    /// The version that the key's record was about before.
    pub(super) earlier_version_id: Option<String>,
}

impl Stack {
    /// Fails if there is an object of that key.
    ///
    /// # Errors
    /// If there is one, or S3 does not answer.
    pub(super) async fn refuse_taken(&self, key: &str) -> anyhow::Result<()> {
        let request = self.s3.head_object().bucket(&self.source_bucket).key(key);
        match request.send().await.map_err(aws_sdk_s3::Error::from) {
            Ok(_) => bail!("there is a picture with the key '{key}': --replace uploads over it"),
            Err(aws_sdk_s3::Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("looking for {key}")),
        }
    }

    /// Uploads `file` as `key`.
    ///
    /// # Errors
    /// If the file cannot be read, or S3 does not take it.
    pub(super) async fn send(
        &self,
        file: &Path,
        key: &str,
        bar: &ProgressBar,
    ) -> anyhow::Result<Sent> {
        let bytes = Bytes::from(fs::read(file)?);
        let earlier = self.records.get(key).await?;
        let bar = bar.clone();
        // Retryable: a second attempt starts over, and so does the bar.
        let body = SdkBody::retryable(move || {
            bar.set_position(0);
            SdkBody::from_body_1_x(Counted { left: bytes.clone(), bar: bar.clone() })
        });
        let request = self.s3.put_object().bucket(&self.source_bucket).key(key);
        let answer = request
            .body(ByteStream::new(body))
            .send()
            .await
            .map_err(aws_sdk_s3::Error::from)
            .with_context(|| format!("uploading to s3://{}/{key}", self.source_bucket))?;
        Ok(Sent {
            key: key.to_owned(),
            version_id: answer.version_id,
            earlier_version_id: earlier.and_then(|record| record.version_id),
        })
    }

    /// Fetches the renditions of `record` into `folder`, in the record's order.
    ///
    /// # Errors
    /// If one cannot be fetched or written.
    pub(super) async fn fetch(
        &self,
        record: &Record,
        folder: &Path,
        prefix: &str,
    ) -> anyhow::Result<Vec<PathBuf>> {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let mut paths = Vec::new();
        for rendition in &record.renditions {
            let request = self.s3.get_object().bucket(&self.destination_bucket).key(&rendition.key);
            let answer = request.send().await.map_err(aws_sdk_s3::Error::from);
            let answer = answer.with_context(|| format!("fetching {}", rendition.key))?;
            let bytes = answer.body.collect().await?.into_bytes();
            let extension = rendition.format.extension();
            let path = folder.join(format!("{prefix}-{}.{extension}", rendition.name));
            fs::write(&path, &bytes).with_context(|| format!("writing {}", path.display()))?;
            paths.push(path);
        }
        Ok(paths)
    }
}

/// A body in pieces, each counted by the progress bar as it is sent.
struct Counted {
    left: Bytes,
    bar: ProgressBar,
}

const PIECE_LEN: usize = 64 * 1024;

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let len = PIECE_LEN.min(self.left.len());
        let piece = self.left.split_to(len);
        self.bar.inc(len as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
