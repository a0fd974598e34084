//! What the use cases need of the world, in their own words.
//!
//! Each port has an adapter under [`aws`](crate::aws) and a twin in memory (feature `twins`), and
//! one conformance suite holds them all to what is promised here.

use std::future::Future;

use tokio::io::AsyncRead;

use crate::{
    Failure, Record, Rendition,
    messages::{Destination, ImageEvent, Source},
};

pub use crate::ports_api::{
    Archive, Burial, Catalogue, CurrentVersion, Executions, SignedPut, SourceVersions,
    StoredRenditions, UploadTerms, Urls, Window,
};

/// Where sources are read.
pub trait Sources: Sync {
    /// The source's bytes from `start` up to and without `end`, fewer where it ends before.
    ///
    /// # Errors
    /// [`Failure::SourceGone`] if that version is not there.
    fn read_range(
        &self,
        source: &Source,
        start: u64,
        end: u64,
    ) -> impl Future<Output = Result<Vec<u8>, Failure>> + Send;

    /// The source's bytes from its first to its last, as they arrive.
    ///
    /// # Errors
    /// [`Failure::SourceGone`] if that version is not there. What breaks later is an error of the stream.
    fn read_all(&self, source: &Source) -> impl Future<Output = Result<Body, Failure>> + Send;
}

/// Bytes on their way: a source's, or a rendition's.
pub type Body = Box<dyn AsyncRead + Send + Unpin>;

/// Where renditions are written.
pub trait Renditions: Sync {
    /// Stores one rendition, over whatever the key held: same key, same bytes.
    ///
    /// `bytes` are taken as they come, and no more of them are held than a part of an upload or
    /// two. Until their end nothing is seen under the key; where they break off nothing ever is.
    ///
    /// # Errors
    /// [`Failure::RenderFailed`] if reading `bytes` fails.
    fn put(
        &self,
        rendition: NewRendition,
        bytes: Body,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Marks a rendition for removal; one that is gone already is well.
    fn tag_superseded(
        &self,
        destination: &Destination,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Takes that mark away; one without it is well, and so is one that is gone.
    fn untag_superseded(
        &self,
        destination: &Destination,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// A rendition to store: all but its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRendition {
    /// Where.
    pub destination: Destination,
    /// A media type.
    pub content_type: &'static str,
    /// The version it was made from, for the object's metadata.
    pub source_version: String,
    /// The spec it was made by, as JSON, for the object's metadata.
    pub spec: String,
}

/// The records, one per source key.
pub trait Records: Sync {
    /// The record of a key.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Record>, Failure>> + Send;

    /// Writes `record` unless a later upload, or this one, is recorded already. The renditions of
    /// the upload that it replaces are remembered until they are [forgotten](Records::forget_replaced).
    fn open(&self, record: &Record) -> impl Future<Output = Result<Opening, Failure>> + Send;

    /// Writes `record`, which has an outcome, if the record of its key is still of the same upload
    /// and is either without an outcome (processing, failed) or was closed by this very execution.
    /// A failed outcome is written over `processing` and its own alone: it never undoes a better one.
    fn close(&self, record: &Record) -> impl Future<Output = Result<Closing, Failure>> + Send;

    /// Forgets the replaced renditions of `record`, once they are tagged, if it is still current.
    fn forget_replaced(&self, record: &Record) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// How [`Records::open`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// The record is of this upload: now, or since an earlier delivery of the same event.
    Opened,
    /// A later upload of the same key is recorded, or that it was deleted since.
    Superseded,
}

/// How [`Records::close`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// The record has this execution's outcome.
    Closed {
        /// Renditions of earlier uploads of the key that nobody has tagged yet.
        replaced: Vec<Rendition>,
    },
    /// It has another's, and keeps it.
    Lost {
        /// The record that stands; none if it was deleted.
        standing: Option<Box<Record>>,
    },
}

/// Where the world is told.
pub trait Events: Sync {
    /// Publishes one event.
    fn publish(&self, event: &ImageEvent) -> impl Future<Output = Result<(), Failure>> + Send;
}
