//! Records in memory: the conditions of the port in Rust instead of DynamoDB's expressions.

use super::cloud::{InMemoryCloud, RecordEntry, State};
use crate::{
    Record, Result, Sequencer, Status, Timestamp,
    ports::{CloseResult, OpenResult, Records, SupersedeResult, TimeRange, TombstoneResult},
};

impl Records for InMemoryCloud {
    async fn get(&self, key: &str) -> Result<Option<Record>> {
        self.call("get", |state| Ok(state.records.get(key).map(|entry| entry.record.clone()))).await
    }

    async fn open(&self, record: &Record) -> Result<OpenResult> {
        self.call("open", |state| {
            let sequencer = &record.upload.sequencer;
            if state.tombstones.get(&record.key).is_some_and(|deleted| deleted >= sequencer) {
                return Ok(OpenResult::Superseded);
            }
            let mut replaced = Vec::new();
            if let Some(entry) = state.records.get(&record.key) {
                if entry.record.upload.sequencer > *sequencer {
                    return Ok(OpenResult::Superseded);
                }
                if entry.record.upload.sequencer == *sequencer {
                    return Ok(OpenResult::Opened);
                }
                if entry.superseded_to.as_ref().is_some_and(|last| last >= sequencer) {
                    return Ok(OpenResult::Superseded);
                }
                replaced.extend(entry.replaced.iter().chain(&entry.record.renditions).cloned());
            }
            let entry = RecordEntry { record: record.clone(), replaced, superseded_to: None };
            state.records.insert(record.key.clone(), entry);
            state.tombstones.remove(&record.key);
            Ok(OpenResult::Opened)
        })
        .await
    }

    async fn close(&self, record: &Record) -> Result<CloseResult> {
        self.call("close", |state| {
            let Some(entry) = state.records.get_mut(&record.key) else {
                return Ok(CloseResult::Refused { current: None });
            };
            if !may_close(&entry.record, record) {
                return Ok(CloseResult::Refused { current: Some(Box::new(entry.record.clone())) });
            }
            entry.record = record.clone();
            Ok(CloseResult::Closed { replaced: entry.replaced.clone() })
        })
        .await
    }

    async fn forget_replaced(&self, record: &Record) -> Result<()> {
        self.call("forget_replaced", |state| {
            if let Some(entry) = state.records.get_mut(&record.key)
                && entry.record.upload.sequencer == record.upload.sequencer
            {
                entry.replaced.clear();
            }
            Ok(())
        })
        .await
    }

    async fn supersede_events(&self, key: &str, sequencer: &Sequencer) -> Result<SupersedeResult> {
        self.call("supersede_events", |state| {
            let is_later = state.last_sequencer(key).is_some_and(|last| last > sequencer);
            let Some(entry) = state.records.get_mut(key) else { return Ok(SupersedeResult::NotRecorded) };
            if is_later {
                return Ok(SupersedeResult::Superseded);
            }
            entry.superseded_to = Some(sequencer.clone());
            Ok(SupersedeResult::Recorded(Box::new(entry.record.clone())))
        })
        .await
    }

    async fn last_sequencer(&self, key: &str) -> Result<Option<Sequencer>> {
        self.call("last_sequencer", |state| Ok(state.last_sequencer(key).cloned())).await
    }

    async fn list_newest(&self, status: Status, received: TimeRange, at_least: usize) -> Result<Vec<Record>> {
        self.call("list_newest", |state| {
            let in_range =
                |at: Timestamp| received.from.is_none_or(|from| from <= at) && received.to.is_none_or(|to| at <= to);
            let records = state.records.values().map(|entry| &entry.record);
            let mut found: Vec<Record> = records
                .filter(|record| record.status == status && in_range(record.upload.received_at))
                .cloned()
                .collect();
            found.sort_by_key(|record| std::cmp::Reverse(record.upload.received_at));
            if let Some(last) = found.get(at_least.saturating_sub(1)) {
                let oldest = last.upload.received_at;
                found.retain(|record| record.upload.received_at >= oldest);
            }
            Ok(found)
        })
        .await
    }

    async fn write_tombstone(
        &self,
        key: &str,
        sequencer: &Sequencer,
        _expires_at: Timestamp,
    ) -> Result<TombstoneResult> {
        self.call("write_tombstone", |state| {
            if state.last_sequencer(key).is_some_and(|last| last > sequencer) {
                return Ok(TombstoneResult::Superseded);
            }
            let replaced = state.records.remove(key);
            state.tombstones.insert(key.to_owned(), sequencer.clone());
            let renditions = replaced.map(|entry| entry.record.renditions).unwrap_or_default();
            Ok(TombstoneResult::Written { renditions })
        })
        .await
    }
}

impl State {
    fn last_sequencer(&self, key: &str) -> Option<&Sequencer> {
        let record = self.records.get(key);
        let last = record.map(|entry| entry.superseded_to.as_ref().max(Some(&entry.record.upload.sequencer)));
        last.unwrap_or_else(|| self.tombstones.get(key))
    }
}

fn may_close(current: &Record, closed: &Record) -> bool {
    let same_execution = current.upload.execution == closed.upload.execution;
    current.upload.sequencer == closed.upload.sequencer
        && match (current.status, closed.status) {
            (Status::Processing, _) => true,
            (Status::Failed, Status::Failed) => same_execution,
            (Status::Failed, _) => true,
            (_, Status::Failed) => false,
            _ => same_execution,
        }
}
