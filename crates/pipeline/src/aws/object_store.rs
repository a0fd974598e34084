//! Sources and renditions in S3.

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    config::Builder,
    presigning::PresigningConfig,
    types::{Delete, ObjectIdentifier},
};

use super::errors::classify;
use crate::{Failure, Result};

/// S3's limit of objects in one request to delete them.
pub(super) const MAX_BATCH: usize = 1000;

/// S3: the adapter of [`Sources`](crate::ports::Sources) and [`Renditions`](crate::ports::Renditions).
#[derive(Debug, Clone)]
pub struct ObjectStore {
    pub(super) s3: Client,
}

impl ObjectStore {
    /// A store with its own client.
    pub fn new(config: &SdkConfig) -> Self {
        // The local cloud, which AWS_ENDPOINT_URL names, has the bucket in the path, not in the host name.
        let local = config.endpoint_url().is_some();
        let config = Builder::from(config).force_path_style(local).build();
        Self { s3: Client::from_conf(config) }
    }

    /// Deletes at most [`MAX_BATCH`] objects.
    pub(super) async fn delete_batch(&self, bucket: &str, objects: Vec<ObjectIdentifier>) -> Result<()> {
        // S3 refuses an empty list.
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.expect("`objects` is set");
        let sent = self.s3.delete_objects().bucket(bucket).delete(delete).send().await;
        let answer = sent.map_err(|error| classify("s3:DeleteObjects", error))?;
        // S3 answers 200, with an error for each object that it did not delete.
        // A version that is already gone is no error.
        let mut errors = answer.errors().iter();
        let Some(refused) = errors.find(|error| error.code() != Some("NoSuchVersion")) else {
            return Ok(());
        };
        let cause = format!("{:?}: {:?}", refused.code(), refused.message());
        Err(match refused.code() {
            Some("AccessDenied") => {
                Failure::Misconfigured { what: "s3:DeleteObjects was refused".to_owned(), source: Some(cause.into()) }
            }
            _ => Failure::DependencyUnavailable { call: "s3:DeleteObjects", source: cause.into() },
        })
    }
}

pub(super) fn valid_for(duration: std::time::Duration) -> PresigningConfig {
    PresigningConfig::expires_in(duration).expect("shorter than S3's limit of a week")
}
