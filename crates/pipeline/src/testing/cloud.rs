//! All ports in memory, with faults and an order of calls on request.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use super::{
    call_gate::CallGate,
    faults::{self, Fault, FaultPlan, Faults},
};
use crate::{
    Record, Rendition, Result, Sequencer,
    api::ApiPorts,
    messages::ImageEvent,
    ports::{Events, Executions, NewRendition, Records, Renditions, Sources},
};

/// An in-memory implementation of every port. Clones share their state.
#[derive(Debug, Clone, Default)]
pub struct InMemoryCloud {
    state: Arc<Mutex<State>>,
    faults: Arc<Mutex<Faults>>,
    gate: Option<CallGate>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// Content by key and version.
    pub(super) sources: BTreeMap<(String, Option<String>), Vec<u8>>,
    /// Versions by key, the latest last.
    pub(super) versions: BTreeMap<String, Vec<Version>>,
    pub(super) renditions: BTreeMap<String, StoredRendition>,
    /// Keys of tagged renditions.
    pub(super) superseded: BTreeSet<String>,
    pub(super) records: BTreeMap<String, RecordEntry>,
    /// Sequencers of deleted records by key.
    pub(super) tombstones: BTreeMap<String, Sequencer>,
    pub(super) events: Vec<ImageEvent>,
    /// Name and input.
    pub(super) executions: Vec<(String, String)>,
}

/// One version of a source key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Version {
    Source(Option<String>),
    DeleteMarker,
}

/// A rendition in the destination bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRendition {
    /// The rendition as it was put.
    pub rendition: NewRendition,
    /// All of its bytes.
    pub bytes: Vec<u8>,
}

/// A record, and the renditions of earlier uploads that are not tagged yet.
#[derive(Debug, Clone)]
pub(super) struct RecordEntry {
    pub(super) record: Record,
    pub(super) replaced: Vec<Rendition>,
    /// The last sequencer of a deletion that kept the record.
    pub(super) superseded_to: Option<Sequencer>,
}

impl InMemoryCloud {
    /// Stores a source, like an upload.
    pub fn put_source(&self, key: &str, version_id: Option<&str>, bytes: Vec<u8>) {
        let (mut state, id) = (self.state(), version_id.map(str::to_owned));
        let versions = state.versions.entry(key.to_owned()).or_default();
        versions.retain(|stored| *stored != Version::Source(id.clone()));
        versions.push(Version::Source(id.clone()));
        state.sources.insert((key.to_owned(), id), bytes);
    }

    /// Deletes a source without naming a version: its versions stay below a delete marker.
    pub fn delete_source(&self, key: &str) {
        self.state().versions.entry(key.to_owned()).or_default().push(Version::DeleteMarker);
    }

    /// Deletes one version of a source permanently, as one call. The version below it is current then.
    pub async fn delete_source_version(&self, key: &str, version_id: &str) {
        let deleted = self.call("delete_source_version", |state| {
            let id = Some(version_id.to_owned());
            if let Some(versions) = state.versions.get_mut(key) {
                versions.retain(|version| *version != Version::Source(id.clone()));
            }
            state.sources.remove(&(key.to_owned(), id));
            Ok(())
        });
        deleted.await.expect("no test lets the deletion of a version fail");
    }

    /// Number of delete markers of a source key.
    pub fn delete_markers(&self, key: &str) -> usize {
        let state = self.state();
        let versions = state.versions.get(key).into_iter().flatten();
        versions.filter(|version| matches!(version, Version::DeleteMarker)).count()
    }

    /// Removes the delete marker at the end of a source key, so that the source is back.
    pub fn remove_delete_marker(&self, key: &str) {
        if let Some(versions) = self.state().versions.get_mut(key) {
            versions.pop_if(|last| *last == Version::DeleteMarker);
        }
    }

    /// Lets the `nth` call (from 1) with that name fail, counted from now.
    pub fn fail(&self, call: &str, nth: usize, fault: Fault) {
        self.plan(FaultPlan { call: call.to_owned(), nth, times: 1, fault });
    }

    /// Lets calls fail as planned; occurrences are counted from now.
    pub fn plan(&self, plan: FaultPlan) {
        self.faults().plan(plan);
    }

    /// Removes every plan.
    pub fn clear_faults(&self) {
        self.faults().clear();
    }

    /// The same cloud; its user waits at `gate` before each call.
    pub fn with_gate(&self, gate: CallGate) -> Self {
        Self { gate: Some(gate), ..self.clone() }
    }

    /// The names of all calls that were made, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.faults().calls().to_vec()
    }

    /// The rendition with that key.
    pub fn rendition(&self, key: &str) -> Option<StoredRendition> {
        self.state().renditions.get(key).cloned()
    }

    /// The keys of all renditions.
    pub fn rendition_keys(&self) -> Vec<String> {
        self.state().renditions.keys().cloned().collect()
    }

    /// The keys of all records.
    pub fn record_keys(&self) -> Vec<String> {
        self.state().records.keys().cloned().collect()
    }

    /// The keys of all renditions that are tagged as superseded.
    pub fn superseded(&self) -> Vec<String> {
        self.state().superseded.iter().cloned().collect()
    }

    /// Name and input of all started executions, in order.
    pub fn executions(&self) -> Vec<(String, String)> {
        self.state().executions.clone()
    }

    /// All published events, in order.
    pub fn events(&self) -> Vec<ImageEvent> {
        self.state().events.clone()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the state")
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().expect("no test panics while it holds the faults")
    }

    /// Makes one call: runs `effect` unless a planned fault prevents it.
    pub(super) async fn call<T>(&self, name: &'static str, effect: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        // The lock is not held while the call waits at the gate.
        let fault = self.begin_call(name).await?;
        let result = effect(&mut self.state())?;
        match fault {
            None => Ok(result),
            Some(_) => Err(faults::unavailable(name)),
        }
    }

    /// Waits at the gate and counts the call. Returns the fault of a call that takes effect and fails afterwards.
    pub(super) async fn begin_call(&self, name: &'static str) -> Result<Option<Fault>> {
        if let Some(gate) = &self.gate {
            gate.wait(name).await;
        }
        let fault = self.faults().record_call(name);
        match fault {
            Some(Fault::Error | Fault::Throttle | Fault::TimeOut) => Err(faults::unavailable(name)),
            Some(Fault::Refusal) => Err(faults::refused(name)),
            Some(Fault::CutAfter(_) | Fault::AnswerLost) | None => Ok(fault),
        }
    }
}

impl Events for InMemoryCloud {
    async fn publish(&self, event: &ImageEvent) -> Result<()> {
        self.call("publish", |state| {
            state.events.push(event.clone());
            Ok(())
        })
        .await
    }
}

impl Executions for InMemoryCloud {
    async fn start(&self, name: &str, input: &str) -> Result<String> {
        self.call("start", |state| {
            if state.executions.iter().all(|(existing, _)| existing != name) {
                state.executions.push((name.to_owned(), input.to_owned()));
            }
            Ok(format!("arn:aws:states:eu-central-1:123456789012:execution:image-pipeline:{name}"))
        })
        .await
    }
}

impl ApiPorts for InMemoryCloud {
    fn sources(&self) -> &impl Sources {
        self
    }

    fn renditions(&self) -> &impl Renditions {
        self
    }

    fn records(&self) -> &impl Records {
        self
    }

    fn executions(&self) -> &impl Executions {
        self
    }

    fn source_bucket(&self) -> &str {
        "sources"
    }

    fn destination_bucket(&self) -> &str {
        "renditions"
    }
}
