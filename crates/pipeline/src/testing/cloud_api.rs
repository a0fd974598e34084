//! The twins of what keeps pictures: catalogue, buckets, links and executions.

use super::cloud::{Cloud, Version};
use crate::{
    Failure, Record, Sequencer, Status, Timestamp,
    ports::{
        Archive, Burial, Catalogue, CurrentVersion, Executions, SignedPut, SourceVersions,
        StoredRenditions, UploadTerms, Urls, Window,
    },
};

impl Catalogue for Cloud {
    async fn sequencer(&self, key: &str) -> Result<Option<Sequencer>, Failure> {
        self.call("sequencer", |state| {
            let record = state.records.get(key).map(|entry| &entry.record.sequencer);
            Ok(record.or(state.buried.get(key)).cloned())
        })
        .await
    }

    async fn newest(
        &self,
        status: Status,
        window: Window,
        at_least: usize,
    ) -> Result<Vec<Record>, Failure> {
        self.call("newest", |state| {
            let records = state.records.values().map(|entry| &entry.record);
            let mut found: Vec<Record> = records
                .filter(|record| record.status == status && window.holds(record.received_at))
                .cloned()
                .collect();
            found.sort_by_key(|record| std::cmp::Reverse(record.received_at));
            if let Some(last) = found.get(at_least.saturating_sub(1)) {
                let oldest = last.received_at;
                found.retain(|record| record.received_at >= oldest);
            }
            Ok(found)
        })
        .await
    }

    async fn bury(
        &self,
        key: &str,
        sequencer: &Sequencer,
        _forgotten_at: Timestamp,
    ) -> Result<Burial, Failure> {
        self.call("bury", |state| {
            let record = state.records.get(key).map(|entry| &entry.record.sequencer);
            if record.or(state.buried.get(key)).is_some_and(|known| known > sequencer) {
                return Ok(Burial::Newer);
            }
            state.records.remove(key);
            state.buried.insert(key.to_owned(), sequencer.clone());
            Ok(Burial::Buried)
        })
        .await
    }
}

impl SourceVersions for Cloud {
    async fn current(&self, key: &str) -> Result<Option<CurrentVersion>, Failure> {
        self.call("current", |state| {
            let latest = state.versions.get(key).and_then(|versions| versions.last());
            let Some(Version::Source(version_id)) = latest else { return Ok(None) };
            let id = (key.to_owned(), version_id.clone());
            Ok(state.sources.get(&id).map(|bytes| CurrentVersion {
                bucket: "sources".to_owned(),
                version_id: version_id.clone(),
                etag: "content".to_owned(),
                byte_len: bytes.len() as u64,
                received_at: "2026-05-01T12:00:00Z".parse().expect("a literal time"),
            }))
        })
        .await
    }

    async fn mark_deleted(&self, key: &str) -> Result<(), Failure> {
        self.call("mark_deleted", |state| {
            state.versions.entry(key.to_owned()).or_default().push(Version::DeleteMarker);
            Ok(())
        })
        .await
    }

    async fn remove_all(&self, key: &str) -> Result<(), Failure> {
        self.call("remove_all", |state| {
            state.versions.remove(key);
            state.sources.retain(|(source, _), _| source != key);
            Ok(())
        })
        .await
    }
}

impl StoredRenditions for Cloud {
    async fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
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

    async fn remove(&self, keys: &[String]) -> Result<(), Failure> {
        self.call("remove", |state| {
            for key in keys {
                state.renditions.remove(key);
                state.superseded.remove(key);
            }
            Ok(())
        })
        .await
    }
}

impl Urls for Cloud {
    async fn put(&self, terms: &UploadTerms) -> Result<SignedPut, Failure> {
        self.call("sign_put", |_| {
            let headers = [
                ("content-length".to_owned(), terms.byte_len.to_string()),
                ("content-type".to_owned(), terms.content_type.to_owned()),
                ("if-none-match".to_owned(), "*".to_owned()),
            ];
            let url = format!("https://sources.example/{}?signed", terms.key);
            Ok(SignedPut { url, headers: headers.to_vec() })
        })
        .await
    }

    async fn get(&self, rendition_key: &str) -> Result<String, Failure> {
        self.call("sign_get", |_| Ok(format!("https://renditions.example/{rendition_key}"))).await
    }
}

impl Executions for Cloud {
    async fn start(&self, name: &str, input: &str) -> Result<String, Failure> {
        self.call("start", |state| {
            if state.executions.iter().all(|(known, _)| known != name) {
                state.executions.push((name.to_owned(), input.to_owned()));
            }
            Ok(format!("arn:aws:states:eu-central-1:123456789012:execution:image-pipeline:{name}"))
        })
        .await
    }
}

impl Archive for Cloud {
    type Records = Self;
    type Sources = Self;
    type Renditions = Self;
    type Urls = Self;
    type Executions = Self;

    fn records(&self) -> &Self {
        self
    }

    fn sources(&self) -> &Self {
        self
    }

    fn renditions(&self) -> &Self {
        self
    }

    fn urls(&self) -> &Self {
        self
    }

    fn executions(&self) -> &Self {
        self
    }
}
