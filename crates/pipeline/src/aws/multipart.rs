//! Multipart uploads: a long rendition is uploaded part by part while it is encoded.
//!
//! The object does not exist until the last part is there. If the rendition fails, its parts are deleted; if that fails
//! as well, the bucket's lifecycle rule deletes them.

use aws_sdk_s3::{
    Client,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use tokio::io::AsyncReadExt;

use super::errors::classify;
use crate::{
    Failure, Result,
    ports::{ByteReader, NewRendition},
};

/// Size of a part in bytes.
// S3 accepts 10,000 parts of 5 MiB or more. Two parts are in memory at once, so they are kept small.
pub(super) const PART_BYTES: usize = 8 * 1024 * 1024;

/// Lets clients keep renditions for a year.
// The bytes of a rendition key never change.
pub(super) const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Reads the next part of a rendition. Only the last part is shorter than [`PART_BYTES`].
pub(super) async fn read_part(rendition: &NewRendition, bytes: &mut ByteReader) -> Result<Vec<u8>> {
    // The system allocates pages when they are first written to: a short part takes little memory.
    let mut part = Vec::with_capacity(PART_BYTES);
    let read = bytes.take(PART_BYTES as u64).read_to_end(&mut part).await;
    read.map_err(|source| Failure::RenderFailed {
        rendition: rendition.destination.key.clone(),
        source: source.into(),
    })?;
    Ok(part)
}

/// Uploads `first` and everything in `rest`. On failure, the parts are deleted.
pub(super) async fn upload(s3: &Client, rendition: &NewRendition, first: Vec<u8>, rest: ByteReader) -> Result<()> {
    let upload = MultipartUpload::create(s3, rendition).await?;
    let send_all = async { upload.complete(upload.send_parts(first, rest).await?).await };
    let result = send_all.await;
    if result.is_err() {
        upload.abort().await;
    }
    result
}

struct MultipartUpload<'a> {
    s3: &'a Client,
    rendition: &'a NewRendition,
    id: Option<String>,
}

impl<'a> MultipartUpload<'a> {
    async fn create(s3: &'a Client, rendition: &'a NewRendition) -> Result<Self> {
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

    /// Sends each part while the next one is read.
    async fn send_parts(&self, first: Vec<u8>, mut rest: ByteReader) -> Result<Vec<CompletedPart>> {
        let mut sent = Vec::new();
        let mut part = first;
        for number in 1.. {
            let (completed, next) =
                tokio::try_join!(self.send_part(number, part), read_part(self.rendition, &mut rest))?;
            sent.push(completed);
            // The rendition ends at the end of a part.
            if next.is_empty() {
                break;
            }
            part = next;
        }
        Ok(sent)
    }

    async fn send_part(&self, number: i32, part: Vec<u8>) -> Result<CompletedPart> {
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
        // S3 compares both when the upload is completed.
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag)
            .set_checksum_crc32(sent.checksum_crc32)
            .build())
    }

    async fn complete(&self, parts: Vec<CompletedPart>) -> Result<()> {
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
            tracing::warn!(cause = failure.chain(), "the parts of a failed rendition were not deleted");
        }
    }
}
