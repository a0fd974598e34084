//! What lies in the destination bucket.

use aws_config::SdkConfig;
use aws_sdk_s3::{Client, types::ObjectIdentifier};

use super::{
    errors::classify,
    s3::{client, delete},
};
use crate::{Failure, ports::StoredRenditions};

/// One destination bucket.
#[derive(Debug, Clone)]
pub struct DestinationBucket {
    s3: Client,
    name: String,
}

/// As many as S3 deletes at once.
const BATCH: usize = 1000;

impl DestinationBucket {
    /// The bucket of that name.
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self { s3: client(config), name: name.to_owned() }
    }
}

impl StoredRenditions for DestinationBucket {
    async fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mut keys = Vec::new();
        let request = self
            .s3
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(prefix)
            .set_delimiter(prefix.ends_with('/').then(|| "/".to_owned()));
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify("s3:ListObjectsV2", error))?;
            keys.extend(page.contents.into_iter().flatten().filter_map(|object| object.key));
        }
        Ok(keys)
    }

    async fn remove(&self, keys: &[String]) -> Result<(), Failure> {
        for batch in keys.chunks(BATCH) {
            let object = |key: &String| ObjectIdentifier::builder().key(key).build();
            let objects = batch.iter().map(object).collect::<Result<_, _>>();
            delete(&self.s3, &self.name, objects.expect("an object has a key")).await?;
        }
        Ok(())
    }
}
