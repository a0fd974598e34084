//! What the use cases need from the outside: five ports.
//!
//! Each port has an adapter in [`aws`](crate::aws) and an in-memory implementation in `testing`. One conformance suite
//! checks that both behave as documented here.

use std::time::Duration;

use tokio::io::AsyncRead;

use crate::model::{
    Record, Rendition, Result, Sequencer, Status, Timestamp,
    messages::{Destination, ImageEvent, SourceObject},
};

/// Reads the bytes of a source or of a rendition as they arrive.
pub type ByteReader = Box<dyn AsyncRead + Send + Unpin>;

/// The source bucket.
#[trait_variant::make(Send)]
pub trait Sources: Sync {
    /// Reads the bytes from `start` up to but excluding `end`; fewer if the source ends before.
    ///
    /// # Errors
    /// [`Failure::SourceGone`](crate::Failure::SourceGone) if that version does not exist.
    async fn read_range(&self, source: &SourceObject, start: u64, end: u64) -> Result<Vec<u8>>;

    /// Reads the whole source as a stream.
    ///
    /// # Errors
    /// [`Failure::SourceGone`](crate::Failure::SourceGone) if that version does not exist. A later I/O error is an
    /// error of the stream.
    async fn read_all(&self, source: &SourceObject) -> Result<ByteReader>;

    /// The current version of a key; none if the key was never written or ends in a delete marker.
    async fn current_version(&self, bucket: &str, key: &str) -> Result<Option<SourceVersion>>;

    /// Adds a delete marker to the key. Its versions stay. In a bucket without versions, the object is deleted.
    async fn add_delete_marker(&self, bucket: &str, key: &str) -> Result<()>;

    /// Deletes every version of exactly this key, and then every delete marker of it.
    ///
    /// If a delete marker is current, no version becomes current in between.
    async fn delete_versions(&self, bucket: &str, key: &str) -> Result<()>;

    /// Signs a URL that accepts exactly one upload. S3 refuses it if the key already holds an object.
    async fn presign_put(&self, bucket: &str, terms: &PresignTerms) -> Result<PresignedPut>;
}

/// The current version of a source key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceVersion {
    /// Absent if the bucket is not versioned.
    pub version_id: Option<String>,
    /// Hash of the content, without quotes.
    pub etag: String,
    /// Size in bytes.
    pub byte_len: u64,
    /// Time at which S3 received it.
    pub received_at: Timestamp,
}

impl SourceVersion {
    /// Whether `record` is of this version or, in a bucket without versions, of this content.
    pub fn is_content_of(&self, record: &Record) -> bool {
        let is_same_version = record.upload.version_id == self.version_id;
        is_same_version && (self.version_id.is_some() || record.upload.etag == self.etag)
    }
}

/// What a presigned upload must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignTerms {
    /// The source key.
    pub key: String,
    /// The media type that must be sent, character for character.
    pub content_type: String,
    /// The number of bytes that must be sent.
    pub byte_len: u64,
    /// How long the URL is valid.
    pub valid: Duration,
}

/// A URL to send a `PUT` to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignedPut {
    /// The signed URL.
    pub url: String,
    /// The headers that the request must have; names in lower case.
    pub headers: Vec<(String, String)>,
}

/// The destination bucket.
#[trait_variant::make(Send)]
pub trait Renditions: Sync {
    /// Stores a rendition. An existing one is overwritten: the same key always has the same bytes.
    ///
    /// At most two parts of a multipart upload are in memory at once. The object appears when all of `bytes` were
    /// read. If reading fails, it never appears.
    ///
    /// # Errors
    /// [`Failure::RenderFailed`](crate::Failure::RenderFailed) if reading `bytes` fails.
    async fn put(&self, rendition: NewRendition, bytes: ByteReader) -> Result<()>;

    /// Tags a rendition as superseded: a lifecycle rule deletes it later. No-op if it does not exist.
    async fn tag_superseded(&self, destination: &Destination) -> Result<()>;

    /// Removes that tag. No-op if the rendition has no such tag or does not exist.
    async fn untag_superseded(&self, destination: &Destination) -> Result<()>;

    /// Lists all keys that begin with `prefix`. If `prefix` ends in a slash, keys with a further slash are left out:
    /// they belong to other pictures.
    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>>;

    /// Deletes these keys. No-op for keys that do not exist.
    async fn delete(&self, bucket: &str, keys: &[String]) -> Result<()>;

    /// Signs a URL from which the rendition can be downloaded for an hour.
    async fn presign_get(&self, destination: &Destination) -> Result<String>;
}

/// A rendition to store, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRendition {
    /// Where to store it.
    pub destination: Destination,
    /// Media type.
    pub content_type: &'static str,
    /// Version of the source, for the object's metadata.
    pub source_version: String,
    /// The spec as JSON, for the object's metadata.
    pub spec: String,
}

/// The record table: one record per source key.
///
/// A deleted record leaves a tombstone: events up to its sequencer neither open nor close a record of that key.
#[trait_variant::make(Send)]
pub trait Records: Sync {
    /// The record of a key.
    async fn get(&self, key: &str) -> Result<Option<Record>>;

    /// Writes `record`, unless this upload or a later one is already recorded. The renditions of the upload that it
    /// replaces are remembered until [`forget_replaced`](Records::forget_replaced).
    async fn open(&self, record: &Record) -> Result<OpenResult>;

    /// Writes `record`, which has an outcome, over the open record of the same upload.
    ///
    /// It is only written over a record of the same upload. `completed` and `rejected` replace `processing`, `failed`,
    /// and any outcome of the same execution. `failed` replaces `processing` and a failure of the same execution.
    async fn close(&self, record: &Record) -> Result<CloseResult>;

    /// Forgets the replaced renditions of `record`, after they were tagged. No-op if a later upload is recorded.
    async fn forget_replaced(&self, record: &Record) -> Result<()>;

    /// Makes every event up to `sequencer` obsolete, and keeps the record of `key`: a late event opens no record from
    /// now on. The execution of the record may still close it.
    async fn supersede_events(&self, key: &str, sequencer: &Sequencer) -> Result<SupersedeResult>;

    /// The last known sequencer of a key: of its record, of its tombstone, or of
    /// [`supersede_events`](Records::supersede_events).
    async fn last_sequencer(&self, key: &str) -> Result<Option<Sequencer>>;

    /// The newest records with that status and time of upload, newest first: `at_least` this number, unless there are fewer.
    ///
    /// All records of the oldest time in the result are included. Records of the same time are in no particular order.
    async fn list_newest(&self, status: Status, received: TimeRange, at_least: usize) -> Result<Vec<Record>>;

    /// Replaces the record of `key` by a tombstone, unless a sequencer after `sequencer` is known.
    ///
    /// Until `expires_at`, running executions and late events up to `sequencer` cannot recreate the record.
    async fn write_tombstone(&self, key: &str, sequencer: &Sequencer, expires_at: Timestamp)
    -> Result<TombstoneResult>;
}

/// Result of [`Records::open`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenResult {
    /// The record is of this upload. It may have been opened before: events are delivered at least once.
    Opened,
    /// A later upload or a later deletion of the key is recorded.
    Superseded,
}

/// Result of [`Records::close`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseResult {
    /// The record has the outcome of this execution.
    Closed {
        /// Renditions of earlier uploads of the key that are not tagged yet.
        replaced: Vec<Rendition>,
    },
    /// Nothing was written: another outcome or another upload is recorded.
    Refused {
        /// The current record; none if it was deleted.
        current: Option<Box<Record>>,
    },
}

/// Result of [`Records::write_tombstone`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TombstoneResult {
    /// The key has no record.
    Written {
        /// The renditions that the replaced record listed.
        renditions: Vec<Rendition>,
    },
    /// A later sequencer is known. Nothing was changed.
    Superseded,
}

/// Result of [`Records::supersede_events`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupersedeResult {
    /// Done. The record is unchanged.
    Recorded(Box<Record>),
    /// The key has no record, perhaps a tombstone. Nothing was changed.
    NotRecorded,
    /// The record, or a deletion that kept it, has a later sequencer. Nothing was changed.
    Superseded,
}

/// A range of times; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The earliest time; absent: no lower bound.
    pub from: Option<Timestamp>,
    /// The latest time; absent: no upper bound.
    pub to: Option<Timestamp>,
}

impl TimeRange {
    /// The range of exactly one time.
    pub fn at(time: Timestamp) -> Self {
        Self { from: Some(time), to: Some(time) }
    }
}

/// The event bus.
#[trait_variant::make(Send)]
pub trait Events: Sync {
    /// Publishes one event.
    async fn publish(&self, event: &ImageEvent) -> Result<()>;
}

/// The state machine.
#[trait_variant::make(Send)]
pub trait Executions: Sync {
    /// Starts an execution with that name and returns its ARN. If the name is taken, nothing is started, and the ARN
    /// is that of the existing execution.
    async fn start(&self, name: &str, input: &str) -> Result<String>;
}
