//! The versions of sources in S3.

use aws_config::SdkConfig;
use aws_sdk_s3::{Client, types::ObjectIdentifier};

use super::{
    errors::classify,
    s3::{client, delete},
};
use crate::{
    Failure, Timestamp,
    ports::{CurrentVersion, SourceVersions},
};

/// One source bucket.
#[derive(Debug, Clone)]
pub struct SourceBucket {
    s3: Client,
    name: String,
}

impl SourceBucket {
    /// The bucket of that name.
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self { s3: client(config), name: name.to_owned() }
    }

    /// A page of versions and delete markers of `key`, with those of keys that begin with it.
    async fn page(
        &self,
        key: &str,
        from: Marker,
    ) -> Result<(Vec<ObjectIdentifier>, Marker), Failure> {
        let request = self
            .s3
            .list_object_versions()
            .bucket(&self.name)
            .prefix(key)
            .set_key_marker(from.key)
            .set_version_id_marker(from.version);
        let page = request.send().await.map_err(|e| classify("s3:ListObjectVersions", e))?;
        let versions = page.versions().iter().map(|found| (found.key(), found.version_id()));
        let markers = page.delete_markers().iter().map(|found| (found.key(), found.version_id()));
        let ours = versions.chain(markers).filter(|(found, _)| *found == Some(key));
        let ours = ours.map(|(_, version)| {
            let object =
                ObjectIdentifier::builder().key(key).set_version_id(version.map(str::to_owned));
            object.build().expect("an object has a key")
        });
        let ours = ours.collect();
        // Keys come in order: the key itself before all that begin with it.
        let more = page.is_truncated() == Some(true) && page.next_key_marker() == Some(key);
        let key = page.next_key_marker.filter(|_| more);
        Ok((ours, Marker { version: page.next_version_id_marker.filter(|_| more), key }))
    }
}

/// Where the next page begins; without a key there is none.
#[derive(Default)]
struct Marker {
    key: Option<String>,
    version: Option<String>,
}

impl SourceVersions for SourceBucket {
    async fn current(&self, key: &str) -> Result<Option<CurrentVersion>, Failure> {
        let head = match self.s3.head_object().bucket(&self.name).key(key).send().await {
            Ok(head) => head,
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_not_found())
                    || error.raw_response().is_some_and(|raw| raw.status().as_u16() == 404) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(classify("s3:HeadObject", error)),
        };
        let seconds = head.last_modified().map_or(0, |moment| moment.secs());
        let byte_len = head.content_length().and_then(|len| u64::try_from(len).ok());
        Ok(Some(CurrentVersion {
            bucket: self.name.clone(),
            etag: head.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
            byte_len: byte_len.unwrap_or(0),
            received_at: Timestamp::from_unix_seconds(seconds).unwrap_or_else(Timestamp::now),
            version_id: head.version_id,
        }))
    }

    async fn mark_deleted(&self, key: &str) -> Result<(), Failure> {
        let sent = self.s3.delete_object().bucket(&self.name).key(key).send().await;
        sent.map_err(|error| classify("s3:DeleteObject", error))?;
        Ok(())
    }

    async fn remove_all(&self, key: &str) -> Result<(), Failure> {
        let mut from = Marker::default();
        loop {
            let (versions, next) = self.page(key, from).await?;
            delete(&self.s3, &self.name, versions).await?;
            if next.key.is_none() {
                return Ok(());
            }
            from = next;
        }
    }
}
