//! Renditions in S3.

use std::time::Duration;

use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    primitives::ByteStream,
    types::{ObjectIdentifier, Tag, Tagging},
};

use super::{
    ObjectStore,
    errors::classify,
    multipart::{self, CACHE_CONTROL, PART_BYTES, read_part},
    object_store::{MAX_BATCH, valid_for},
};
use crate::{
    Result,
    messages::Destination,
    ports::{ByteReader, NewRendition, Renditions},
};

/// How long a signed URL of a rendition is valid.
const GET_VALID: Duration = Duration::from_secs(60 * 60);

impl Renditions for ObjectStore {
    async fn put(&self, rendition: NewRendition, mut bytes: ByteReader) -> Result<()> {
        let first = read_part(&rendition, &mut bytes).await?;
        // Most renditions are shorter than a part: one request instead of three.
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

    async fn tag_superseded(&self, destination: &Destination) -> Result<()> {
        let tag = Tag::builder().key("superseded").value("true").build();
        let tagging = tag.and_then(|tag| Tagging::builder().tag_set(tag).build());
        let request = self
            .s3
            .put_object_tagging()
            .bucket(&destination.bucket)
            .key(&destination.key)
            .tagging(tagging.expect("the tag has a key and a value"));
        match request.send().await {
            Err(error) if error.code() == Some("NoSuchKey") => Ok(()),
            sent => sent.map(drop).map_err(|error| classify("s3:PutObjectTagging", error)),
        }
    }

    async fn untag_superseded(&self, destination: &Destination) -> Result<()> {
        let request = self.s3.delete_object_tagging().bucket(&destination.bucket).key(&destination.key);
        match request.send().await {
            Err(error) if error.code() == Some("NoSuchKey") => Ok(()),
            sent => sent.map(drop).map_err(|error| classify("s3:DeleteObjectTagging", error)),
        }
    }

    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        let request = self
            .s3
            .list_objects_v2()
            .bucket(bucket)
            .prefix(prefix)
            // With the delimiter, S3 leaves out keys with a further slash.
            .set_delimiter(prefix.ends_with('/').then(|| "/".to_owned()));
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify("s3:ListObjectsV2", error))?;
            keys.extend(page.contents.into_iter().flatten().filter_map(|object| object.key));
        }
        Ok(keys)
    }

    async fn delete(&self, bucket: &str, keys: &[String]) -> Result<()> {
        for batch in keys.chunks(MAX_BATCH) {
            let object = |key: &String| ObjectIdentifier::builder().key(key).build();
            let objects = batch.iter().map(object).collect::<Result<_, _>>();
            self.delete_batch(bucket, objects.expect("the key is set")).await?;
        }
        Ok(())
    }

    async fn presign_get(&self, destination: &Destination) -> Result<String> {
        let request = self.s3.get_object().bucket(&destination.bucket).key(&destination.key);
        let signed = request.presigned(valid_for(GET_VALID)).await;
        Ok(signed.map_err(|error| classify("s3:GetObject", error))?.uri().to_owned())
    }
}
