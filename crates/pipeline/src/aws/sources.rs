//! Sources in S3. Reads are pinned to a version or, in a bucket without versions, to an ETag.

use aws_sdk_s3::{
    config::{Config, RequestChecksumCalculation},
    error::{ProvideErrorMetadata, SdkError},
    operation::get_object::{GetObjectError, GetObjectOutput},
    primitives::ByteStreamError,
    types::ObjectIdentifier,
};

use super::{
    ObjectStore,
    errors::classify,
    object_store::{MAX_BATCH, valid_for},
};
use crate::{
    Failure, Result, Timestamp,
    messages::SourceObject,
    ports::{ByteReader, PresignTerms, PresignedPut, SourceVersion, Sources},
};

/// S3's error codes for a version that does not exist.
// The key, the version or the ETag is unknown, or the version is a delete marker.
const GONE: [&str; 4] = ["NoSuchKey", "NoSuchVersion", "PreconditionFailed", "MethodNotAllowed"];

/// The headers that an upload must send.
// In Lambda, the SDK also adds tracing headers, which are not signed.
const SIGNED_HEADERS: [&str; 3] = ["content-length", "content-type", "if-none-match"];

impl Sources for ObjectStore {
    async fn read_range(&self, source: &SourceObject, start: u64, end: u64) -> Result<Vec<u8>> {
        // The end of an HTTP range is included.
        let range = format!("bytes={start}-{}", end.saturating_sub(1));
        let body = self.get_object(source, Some(range)).await?.body.collect().await;
        let unavailable =
            |error: ByteStreamError| Failure::DependencyUnavailable { call: "s3:GetObject", source: error.into() };
        Ok(body.map_err(unavailable)?.to_vec())
    }

    async fn read_all(&self, source: &SourceObject) -> Result<ByteReader> {
        Ok(Box::new(self.get_object(source, None).await?.body.into_async_read()))
    }

    async fn current_version(&self, bucket: &str, key: &str) -> Result<Option<SourceVersion>> {
        let head = match self.s3.head_object().bucket(bucket).key(key).send().await {
            Ok(head) => head,
            // A HEAD has no body, so that S3 cannot send an error code: the status has to do.
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_not_found())
                    || error.raw_response().is_some_and(|raw| raw.status().as_u16() == 404) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(classify("s3:HeadObject", error)),
        };
        let seconds = head.last_modified().map_or(0, |time| time.secs());
        let byte_len = head.content_length().and_then(|len| u64::try_from(len).ok());
        Ok(Some(SourceVersion {
            etag: head.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
            byte_len: byte_len.unwrap_or(0),
            received_at: Timestamp::from_unix_seconds(seconds).unwrap_or_else(Timestamp::now),
            version_id: head.version_id,
        }))
    }

    async fn add_delete_marker(&self, bucket: &str, key: &str) -> Result<()> {
        let sent = self.s3.delete_object().bucket(bucket).key(key).send().await;
        sent.map_err(|error| classify("s3:DeleteObject", error))?;
        Ok(())
    }

    async fn delete_versions(&self, bucket: &str, key: &str) -> Result<()> {
        // Deleting does not move the start of the next page: it is a name, not a number.
        let (mut start, mut markers) = (Some(PageStart::default()), Vec::new());
        while let Some(page_start) = start {
            let page = self.list_versions(bucket, key, page_start).await?;
            self.delete_batch(bucket, page.versions).await?;
            markers.extend(page.delete_markers);
            start = page.next;
        }
        for batch in markers.chunks(MAX_BATCH) {
            self.delete_batch(bucket, batch.to_vec()).await?;
        }
        Ok(())
    }

    async fn presign_put(&self, bucket: &str, terms: &PresignTerms) -> Result<PresignedPut> {
        let byte_len = i64::try_from(terms.byte_len).map_err(|_| {
            Failure::misconfigured(format!("a profile allows {} bytes, which is more than S3 does", terms.byte_len))
        })?;
        // The default signs a checksum, which a client without an SDK does not send.
        let checksum = RequestChecksumCalculation::WhenRequired;
        let request = self
            .s3
            .put_object()
            .bucket(bucket)
            .key(&terms.key)
            .content_type(&terms.content_type)
            // S3 accepts the first upload only: a second one with the same URL is refused.
            .if_none_match("*")
            .content_length(byte_len)
            .customize()
            .config_override(Config::builder().request_checksum_calculation(checksum));
        let signed = request.presigned(valid_for(terms.valid)).await;
        let signed = signed.map_err(|error| classify("s3:PutObject", error))?;
        let headers = signed.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let required = headers.filter(|(name, _)| SIGNED_HEADERS.contains(&name.as_str()));
        Ok(PresignedPut { url: signed.uri().to_owned(), headers: required.collect() })
    }
}

/// Where a page of versions begins; by default with the first version.
#[derive(Default)]
struct PageStart {
    key: Option<String>,
    version: Option<String>,
}

/// A page of the versions of one key.
struct VersionPage {
    versions: Vec<ObjectIdentifier>,
    delete_markers: Vec<ObjectIdentifier>,
    /// Where the next page begins.
    next: Option<PageStart>,
}

impl ObjectStore {
    async fn get_object(&self, source: &SourceObject, range: Option<String>) -> Result<GetObjectOutput> {
        // Without a version, only the content that the event announced may be read.
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

    /// A page of the versions and delete markers of `key`.
    async fn list_versions(&self, bucket: &str, key: &str, start: PageStart) -> Result<VersionPage> {
        let request = self
            .s3
            .list_object_versions()
            .bucket(bucket)
            .prefix(key)
            .set_key_marker(start.key)
            .set_version_id_marker(start.version);
        let page = request.send().await.map_err(|e| classify("s3:ListObjectVersions", e))?;
        let identifier = |version: Option<&str>| {
            let object = ObjectIdentifier::builder().key(key).set_version_id(version.map(str::to_owned));
            object.build().expect("the key is set")
        };
        // The prefix also matches longer keys.
        let versions = page.versions().iter().filter(|found| found.key() == Some(key));
        let versions = versions.map(|found| identifier(found.version_id())).collect();
        let markers = page.delete_markers().iter().filter(|found| found.key() == Some(key));
        let delete_markers = markers.map(|found| identifier(found.version_id())).collect();
        // Keys are sorted: all versions of `key` come before those of longer keys.
        let more = page.is_truncated() == Some(true) && page.next_key_marker() == Some(key);
        let next = more.then_some(PageStart { key: page.next_key_marker, version: page.next_version_id_marker });
        Ok(VersionPage { versions, delete_markers, next })
    }
}

fn read_failure<R>(source: &SourceObject, error: SdkError<GetObjectError, R>) -> Failure
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let SourceObject { key, version_id, .. } = source;
    match error.code() {
        Some(code) if GONE.contains(&code) => Failure::SourceGone { key: key.clone(), version: version_id.clone() },
        // Without s3:ListBucket, S3 answers 403 for a missing object as well.
        Some("AccessDenied") => Failure::Misconfigured {
            what: format!("s3:GetObject of '{key}' was refused: the object is missing, or the role may not read it"),
            source: Some(error.into()),
        },
        _ => classify("s3:GetObject", error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{messages::Destination, ports::Renditions};

    #[tokio::test]
    async fn a_presigned_upload_signs_type_length_a_free_key_and_five_minutes() {
        let terms = PresignTerms {
            key: "uploads/1/a b+ü.jpg".to_owned(),
            content_type: "image/jpeg".to_owned(),
            byte_len: 12_345,
            valid: Duration::from_secs(300),
        };
        let put = store().presign_put("sources", &terms).await.unwrap();
        let PresignedPut { url, mut headers } = put;
        assert!(url.contains("/uploads/1/a%20b%2B%C3%BC.jpg?"), "{url}");
        assert!(url.contains("X-Amz-Expires=300"), "{url}");
        let signed = "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match";
        assert!(url.contains(signed), "{url}");
        headers.sort();
        let expected = [("content-length", "12345"), ("content-type", "image/jpeg"), ("if-none-match", "*")];
        assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[tokio::test]
    async fn a_presigned_rendition_can_be_read_for_an_hour() {
        let key = "a b+%/ü.jpg/medium-0123456789.webp".to_owned();
        let destination = Destination { bucket: "renditions".to_owned(), key };
        let url = store().presign_get(&destination).await.unwrap();
        assert!(url.contains("/a%20b%2B%25/%C3%BC.jpg/medium-0123456789.webp?"), "{url}");
        assert!(url.contains("X-Amz-Expires=3600"), "{url}");
    }

    fn store() -> ObjectStore {
        let credentials = aws_sdk_s3::config::Credentials::new("AKIA", "secret", None, None, "test");
        let config = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("eu-central-1"))
            .credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(credentials))
            .http_client(crate::aws::https_client())
            .build();
        ObjectStore::new(&config)
    }
}
