//! A rendition that is longer than one part: uploaded part by part while it is still encoded.
//!
//! No object is there before the last part is, and a rendition that breaks off takes its parts
//! along. Where even that fails, the bucket's lifecycle rule removes them.

use aws_sdk_s3::{
    Client,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use tokio::io::AsyncReadExt;

use super::{errors::classify, s3::CACHE_CONTROL};
use crate::{
    Failure,
    ports::{Body, NewRendition},
};

/// What is sent in one request. S3 takes 10,000 parts of 5 MiB or more; two of them are held at a
/// time, so that they are kept small.
pub(super) const PART_BYTES: usize = 8 * 1024 * 1024;

/// The next part of a rendition: shorter than [`PART_BYTES`] at its end only.
pub(super) async fn read_part(
    rendition: &NewRendition,
    bytes: &mut Body,
) -> Result<Vec<u8>, Failure> {
    // Memory that nothing is written to takes none.
    let mut part = Vec::with_capacity(PART_BYTES);
    let read = bytes.take(PART_BYTES as u64).read_to_end(&mut part).await;
    read.map_err(|source| Failure::RenderFailed {
        rendition: rendition.destination.key.clone(),
        source: source.into(),
    })?;
    Ok(part)
}

/// Uploads `first` and all that follows it in `rest`, or leaves nothing behind.
pub(super) async fn upload(
    s3: &Client,
    rendition: &NewRendition,
    first: Vec<u8>,
    rest: Body,
) -> Result<(), Failure> {
    let upload = Upload::create(s3, rendition).await?;
    let sent = async { upload.complete(upload.send(first, rest).await?).await };
    let outcome = sent.await;
    if outcome.is_err() {
        upload.abort().await;
    }
    outcome
}

struct Upload<'a> {
    s3: &'a Client,
    rendition: &'a NewRendition,
    id: Option<String>,
}

impl<'a> Upload<'a> {
    async fn create(s3: &'a Client, rendition: &'a NewRendition) -> Result<Self, Failure> {
        let request = s3
            .create_multipart_upload()
            .bucket(&rendition.destination.bucket)
            .key(&rendition.destination.key)
            .content_type(rendition.content_type)
            .cache_control(CACHE_CONTROL)
            .metadata("source-version", &rendition.source_version)
            .metadata("spec", &rendition.spec)
            .checksum_algorithm(ChecksumAlgorithm::Crc32);
        let created = request.send().await;
        let created = created.map_err(|error| classify("s3:CreateMultipartUpload", error))?;
        Ok(Self { s3, rendition, id: created.upload_id })
    }

    /// Sends each part while the next one is gathered.
    async fn send(&self, first: Vec<u8>, mut rest: Body) -> Result<Vec<CompletedPart>, Failure> {
        let mut sent = Vec::new();
        let mut part = first;
        for number in 1.. {
            let (done, next) = tokio::try_join!(
                self.send_part(number, part),
                read_part(self.rendition, &mut rest)
            )?;
            sent.push(done);
            if next.is_empty() {
                break;
            }
            part = next;
        }
        Ok(sent)
    }

    async fn send_part(&self, number: i32, part: Vec<u8>) -> Result<CompletedPart, Failure> {
        let request = self
            .s3
            .upload_part()
            .bucket(&self.rendition.destination.bucket)
            .key(&self.rendition.destination.key)
            .set_upload_id(self.id.clone())
            .part_number(number)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .body(ByteStream::from(part));
        let sent = request.send().await.map_err(|error| classify("s3:UploadPart", error))?;
        // S3 wants both back, and checks them.
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag)
            .set_checksum_crc32(sent.checksum_crc32)
            .build())
    }

    async fn complete(&self, parts: Vec<CompletedPart>) -> Result<(), Failure> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = self
            .s3
            .complete_multipart_upload()
            .bucket(&self.rendition.destination.bucket)
            .key(&self.rendition.destination.key)
            .set_upload_id(self.id.clone())
            .multipart_upload(parts);
        let completed = request.send().await;
        completed.map_err(|error| classify("s3:CompleteMultipartUpload", error))?;
        Ok(())
    }

    async fn abort(&self) {
        let request = self
            .s3
            .abort_multipart_upload()
            .bucket(&self.rendition.destination.bucket)
            .key(&self.rendition.destination.key)
            .set_upload_id(self.id.clone());
        if let Err(error) = request.send().await {
            let failure = classify("s3:AbortMultipartUpload", error);
            tracing::warn!(cause = failure.chain(), "parts of a rendition are left behind");
        }
    }
}
