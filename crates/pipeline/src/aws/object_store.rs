//! Sources and renditions in S3.

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::get_object::{GetObjectError, GetObjectOutput},
    primitives::ByteStream,
    types::{Tag, Tagging},
};

use super::{
    errors::classify,
    multipart::{self, PART_BYTES, read_part},
    s3::{CACHE_CONTROL, client},
};
use crate::{
    Failure,
    messages::{Destination, Source},
    ports::{Body, NewRendition, Renditions, Sources},
};

/// S3, as sources and renditions need it. Reads are pinned to a version, or else to an ETag.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    s3: Client,
}

/// What S3 answers when the version that was asked for is not there: the object, the version or
/// the ETag is unknown, or the version is a delete marker.
const GONE: [&str; 4] = ["NoSuchKey", "NoSuchVersion", "PreconditionFailed", "MethodNotAllowed"];

impl ObjectStore {
    /// A client of its own.
    pub fn new(config: &SdkConfig) -> Self {
        Self { s3: client(config) }
    }

    async fn get(
        &self,
        source: &Source,
        range: Option<String>,
    ) -> Result<GetObjectOutput, Failure> {
        let unversioned = source.version_id.is_none();
        let request = self
            .s3
            .get_object()
            .bucket(&source.bucket)
            .key(&source.key)
            .set_version_id(source.version_id.clone())
            .set_if_match(unversioned.then(|| format!("\"{}\"", source.etag)))
            .set_range(range);
        request.send().await.map_err(|error| read_failure(source, error))
    }
}

fn read_failure<R>(source: &Source, error: SdkError<GetObjectError, R>) -> Failure
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let Source { key, version_id, .. } = source;
    match error.code() {
        Some(code) if GONE.contains(&code) => {
            Failure::SourceGone { key: key.clone(), version: version_id.clone() }
        }
        // Without s3:ListBucket, S3 answers 403 for a missing object too.
        Some("AccessDenied") => Failure::Misconfigured {
            what: format!(
                "s3:GetObject of '{key}' was refused: the object is missing, or the role may not read it"
            ),
            source: Some(error.into()),
        },
        _ => classify("s3:GetObject", error),
    }
}

impl Sources for ObjectStore {
    async fn read_range(&self, source: &Source, start: u64, end: u64) -> Result<Vec<u8>, Failure> {
        // HTTP counts the last byte in.
        let range = format!("bytes={start}-{}", end.saturating_sub(1));
        let body = self.get(source, Some(range)).await?.body.collect().await;
        let broken = |error: aws_sdk_s3::primitives::ByteStreamError| {
            Failure::DependencyUnavailable { call: "s3:GetObject", source: error.into() }
        };
        Ok(body.map_err(broken)?.to_vec())
    }

    async fn read_all(&self, source: &Source) -> Result<Body, Failure> {
        Ok(Box::new(self.get(source, None).await?.body.into_async_read()))
    }
}

impl Renditions for ObjectStore {
    async fn put(&self, rendition: NewRendition, mut bytes: Body) -> Result<(), Failure> {
        let first = read_part(&rendition, &mut bytes).await?;
        if first.len() == PART_BYTES {
            return multipart::upload(&self.s3, &rendition, first, bytes).await;
        }
        let request = self
            .s3
            .put_object()
            .bucket(rendition.destination.bucket)
            .key(rendition.destination.key)
            .content_type(rendition.content_type)
            .cache_control(CACHE_CONTROL)
            .metadata("source-version", rendition.source_version)
            .metadata("spec", rendition.spec)
            .body(ByteStream::from(first));
        request.send().await.map_err(|error| classify("s3:PutObject", error))?;
        Ok(())
    }

    async fn tag_superseded(&self, destination: &Destination) -> Result<(), Failure> {
        let tag = Tag::builder().key("superseded").value("true").build();
        let tagging = tag.and_then(|tag| Tagging::builder().tag_set(tag).build());
        let request = self
            .s3
            .put_object_tagging()
            .bucket(&destination.bucket)
            .key(&destination.key)
            .tagging(tagging.expect("a tag has a key and a value"));
        match request.send().await {
            Err(error) if error.code() == Some("NoSuchKey") => Ok(()),
            sent => sent.map(drop).map_err(|error| classify("s3:PutObjectTagging", error)),
        }
    }

    async fn untag_superseded(&self, destination: &Destination) -> Result<(), Failure> {
        let request =
            self.s3.delete_object_tagging().bucket(&destination.bucket).key(&destination.key);
        match request.send().await {
            Err(error) if error.code() == Some("NoSuchKey") => Ok(()),
            sent => sent.map(drop).map_err(|error| classify("s3:DeleteObjectTagging", error)),
        }
    }
}
