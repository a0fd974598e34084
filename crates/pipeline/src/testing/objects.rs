//! Sources and renditions in memory.

use std::io;

use tokio::io::AsyncReadExt;

use super::{
    cloud::{InMemoryCloud, State, StoredRendition, Version},
    faults::{self, Fault},
};
use crate::{
    Failure, Result,
    messages::{Destination, SourceObject},
    ports::{ByteReader, NewRendition, PresignTerms, PresignedPut, Renditions, SourceVersion, Sources},
};

impl Sources for InMemoryCloud {
    async fn read_range(&self, source: &SourceObject, start: u64, end: u64) -> Result<Vec<u8>> {
        self.call("read_range", |state| {
            let bytes = state.source(source)?;
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            Ok(bytes[index(start)..index(end)].to_vec())
        })
        .await
    }

    async fn read_all(&self, source: &SourceObject) -> Result<ByteReader> {
        let fault = self.begin_call("read_all").await?;
        let bytes = self.state().source(source)?.to_vec();
        match fault {
            None => Ok(Box::new(io::Cursor::new(bytes))),
            Some(Fault::CutAfter(len)) => Ok(faults::cut_after(bytes, len)),
            Some(_) => Err(faults::unavailable("read_all")),
        }
    }

    async fn current_version(&self, _bucket: &str, key: &str) -> Result<Option<SourceVersion>> {
        self.call("current_version", |state| {
            let latest = state.versions.get(key).and_then(|versions| versions.last());
            let Some(Version::Source(version_id)) = latest else { return Ok(None) };
            let id = (key.to_owned(), version_id.clone());
            Ok(state.sources.get(&id).map(|bytes| SourceVersion {
                version_id: version_id.clone(),
                etag: "content".to_owned(),
                byte_len: bytes.len() as u64,
                received_at: "2026-05-01T12:00:00Z".parse().expect("a literal time"),
            }))
        })
        .await
    }

    async fn add_delete_marker(&self, _bucket: &str, key: &str) -> Result<()> {
        self.call("add_delete_marker", |state| {
            state.versions.entry(key.to_owned()).or_default().push(Version::DeleteMarker);
            Ok(())
        })
        .await
    }

    async fn delete_versions(&self, _bucket: &str, key: &str) -> Result<()> {
        self.call("delete_versions", |state| {
            state.versions.remove(key);
            state.sources.retain(|(source, _), _| source != key);
            Ok(())
        })
        .await
    }

    async fn presign_put(&self, _bucket: &str, terms: &PresignTerms) -> Result<PresignedPut> {
        self.call("presign_put", |_| {
            let headers = [
                ("content-length".to_owned(), terms.byte_len.to_string()),
                ("content-type".to_owned(), terms.content_type.clone()),
                ("if-none-match".to_owned(), "*".to_owned()),
            ];
            let url = format!("https://sources.example/{}?signed", terms.key);
            Ok(PresignedPut { url, headers: headers.to_vec() })
        })
        .await
    }
}

impl Renditions for InMemoryCloud {
    async fn put(&self, rendition: NewRendition, bytes: ByteReader) -> Result<()> {
        let fault = self.begin_call("put").await?;
        let limit = match fault {
            Some(Fault::CutAfter(len)) => len as u64,
            _ => u64::MAX,
        };
        let (key, mut stored) = (rendition.destination.key.clone(), Vec::new());
        let read = bytes.take(limit).read_to_end(&mut stored).await;
        read.map_err(|source| Failure::RenderFailed { rendition: key.clone(), source: source.into() })?;
        if let Some(Fault::CutAfter(_)) = fault {
            return Err(faults::unavailable("put"));
        }
        let mut state = self.state();
        // As in S3, an overwritten object loses its tags.
        state.superseded.remove(&key);
        state.renditions.insert(key, StoredRendition { rendition, bytes: stored });
        match fault {
            None => Ok(()),
            Some(_) => Err(faults::unavailable("put")),
        }
    }

    async fn tag_superseded(&self, destination: &Destination) -> Result<()> {
        self.call("tag_superseded", |state| {
            if state.renditions.contains_key(&destination.key) {
                state.superseded.insert(destination.key.clone());
            }
            Ok(())
        })
        .await
    }

    async fn untag_superseded(&self, destination: &Destination) -> Result<()> {
        self.call("untag_superseded", |state| {
            state.superseded.remove(&destination.key);
            Ok(())
        })
        .await
    }

    async fn list(&self, _bucket: &str, prefix: &str) -> Result<Vec<String>> {
        self.call("list", |state| {
            let mut keys: Vec<String> = state.renditions.keys().cloned().collect();
            keys.retain(|key| {
                let rest = key.strip_prefix(prefix);
                rest.is_some_and(|rest| !prefix.ends_with('/') || !rest.contains('/'))
            });
            Ok(keys)
        })
        .await
    }

    async fn delete(&self, _bucket: &str, keys: &[String]) -> Result<()> {
        self.call("delete", |state| {
            for key in keys {
                state.renditions.remove(key);
                state.superseded.remove(key);
            }
            Ok(())
        })
        .await
    }

    async fn presign_get(&self, destination: &Destination) -> Result<String> {
        let url = format!("https://renditions.example/{}", destination.key);
        self.call("presign_get", |_| Ok(url)).await
    }
}

impl State {
    fn source(&self, source: &SourceObject) -> Result<&[u8]> {
        let id = (source.key.clone(), source.version_id.clone());
        self.sources
            .get(&id)
            .map(Vec::as_slice)
            .ok_or_else(|| Failure::SourceGone { key: source.key.clone(), version: source.version_id.clone() })
    }
}
