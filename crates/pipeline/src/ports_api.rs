//! What it takes to keep pictures once they are there: to find them, link to them, process them
//! again and remove them.

use std::{future::Future, time::Duration};

use crate::{Failure, Record, Sequencer, Status, Timestamp, ports::Records};

/// All that the images function works with.
pub trait Archive: Send + Sync + 'static {
    /// Records, by key and by time.
    type Records: Records + Catalogue;
    /// The source bucket.
    type Sources: SourceVersions;
    /// The destination bucket.
    type Renditions: StoredRenditions;
    /// Links into both.
    type Urls: Urls;
    /// The state machine.
    type Executions: Executions;

    /// Records, by key and by time.
    fn records(&self) -> &Self::Records;
    /// The source bucket.
    fn sources(&self) -> &Self::Sources;
    /// The destination bucket.
    fn renditions(&self) -> &Self::Renditions;
    /// Links into both buckets.
    fn urls(&self) -> &Self::Urls;
    /// The state machine.
    fn executions(&self) -> &Self::Executions;
}

/// The records as a whole.
pub trait Catalogue: Sync {
    /// The place of the last that is known of a key: of its record, or of its burial.
    fn sequencer(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Sequencer>, Failure>> + Send;

    /// The newest records of that status within the window, newest first: `at_least` so many, if
    /// there are, and always all of the oldest moment among them. Those of one moment come in any order.
    fn newest(
        &self,
        status: Status,
        window: Window,
        at_least: usize,
    ) -> impl Future<Output = Result<Vec<Record>, Failure>> + Send;

    /// Puts an end to the record of `key`, unless something later than `sequencer` is known of it.
    /// From then on, and until `forgotten_at`, no event up to `sequencer` opens a record of that
    /// key, and none closes one: executions that are still under way cannot raise it.
    fn bury(
        &self,
        key: &str,
        sequencer: &Sequencer,
        forgotten_at: Timestamp,
    ) -> impl Future<Output = Result<Burial, Failure>> + Send;
}

/// When S3 had taken an upload: both ends are within.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// The earliest moment; absent: since ever.
    pub from: Option<Timestamp>,
    /// The latest moment; absent: until now.
    pub to: Option<Timestamp>,
}

impl Window {
    /// That moment alone.
    pub fn moment(at: Timestamp) -> Self {
        Self { from: Some(at), to: Some(at) }
    }

    /// Whether it holds that moment.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to)
    }
}

/// How [`Catalogue::bury`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Burial {
    /// There is no record.
    Buried,
    /// Something later is known of the key, and stands.
    Newer,
}

/// The source bucket, as whoever keeps it sees it.
pub trait SourceVersions: Sync {
    /// What a key holds now; nothing if it never did, or ends in a delete marker.
    fn current(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<CurrentVersion>, Failure>> + Send;

    /// Puts a delete marker on the key: it holds nothing, and its versions stay. Where the bucket is not versioned, what
    /// the key held is gone.
    fn mark_deleted(&self, key: &str) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Removes every version and every delete marker of exactly this key.
    fn remove_all(&self, key: &str) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What a source key holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentVersion {
    /// The bucket that it lies in.
    pub bucket: String,
    /// Absent where the bucket is not versioned.
    pub version_id: Option<String>,
    /// Hash of the content, without quotes.
    pub etag: String,
    /// Bytes.
    pub byte_len: u64,
    /// When S3 had taken it.
    pub received_at: Timestamp,
}

/// The destination bucket, as whoever keeps it sees it.
pub trait StoredRenditions: Sync {
    /// All keys that begin with `prefix`. Where it ends in a slash, those with a further slash are
    /// left out: they are other pictures'.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>, Failure>> + Send;

    /// Removes these keys; those that are gone already are well.
    fn remove(&self, keys: &[String]) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Links into the buckets.
pub trait Urls: Sync {
    /// A link to which exactly one source can be put, once: a key that holds an object takes no other by a link.
    fn put(&self, terms: &UploadTerms) -> impl Future<Output = Result<SignedPut, Failure>> + Send;

    /// A link to a rendition.
    fn get(&self, rendition_key: &str) -> impl Future<Output = Result<String, Failure>> + Send;
}

/// What a signed upload is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTerms {
    /// The source key.
    pub key: String,
    /// The media type that must be sent.
    pub content_type: &'static str,
    /// How many bytes must be sent.
    pub byte_len: u64,
    /// For how long.
    pub valid: Duration,
}

/// A link to put to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPut {
    /// The link.
    pub url: String,
    /// The headers that the request must have, in lower case.
    pub headers: Vec<(String, String)>,
}

/// The state machine.
pub trait Executions: Sync {
    /// Starts an execution of that name; its ARN. If there is one of that name, it is that one's,
    /// and nothing is started.
    fn start(
        &self,
        name: &str,
        input: &str,
    ) -> impl Future<Output = Result<String, Failure>> + Send;
}
