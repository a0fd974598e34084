//! What all who call S3 share.

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    config::Builder,
    types::{Delete, ObjectIdentifier},
};

use super::errors::classify;
use crate::Failure;

/// Rendition keys never see other bytes, so whoever has one may keep it for ever.
pub(super) const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Where `AWS_ENDPOINT_URL` names a local cloud, buckets are in the path.
pub(super) fn client(config: &SdkConfig) -> Client {
    let local = config.endpoint_url().is_some();
    Client::from_conf(Builder::from(config).force_path_style(local).build())
}

/// Deletes up to a thousand objects at once, as many as a page of a listing has.
pub(super) async fn delete(
    s3: &Client,
    bucket: &str,
    objects: Vec<ObjectIdentifier>,
) -> Result<(), Failure> {
    if objects.is_empty() {
        return Ok(());
    }
    let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
    let delete = delete.expect("there are objects");
    let sent = s3.delete_objects().bucket(bucket).delete(delete).send().await;
    let answer = sent.map_err(|error| classify("s3:DeleteObjects", error))?;
    // A batch answers 200, and says object by object what was refused.
    let Some(refused) = answer.errors().iter().find(|error| error.code() != Some("NoSuchVersion"))
    else {
        return Ok(());
    };
    let said = format!("{:?}: {:?}", refused.code(), refused.message());
    Err(match refused.code() {
        Some("AccessDenied") => Failure::Misconfigured {
            what: "s3:DeleteObjects was refused".to_owned(),
            source: Some(said.into()),
        },
        _ => Failure::DependencyUnavailable { call: "s3:DeleteObjects", source: said.into() },
    })
}
