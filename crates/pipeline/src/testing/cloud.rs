//! A world in memory: every port's twin, with faults and turns on request.
//!
//! It keeps the promises of [`ports`](crate::ports) as the AWS adapters do, and the same
//! [conformance suite](super::conformance) says so.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::io::AsyncReadExt;

use super::{
    faults::{self, Fault, FaultPlan, Faults},
    gate::Gate,
};
use crate::{
    Failure, Record, Rendition, Sequencer,
    messages::{Destination, ImageEvent, Source},
    ports::{Body, Events, NewRendition, Renditions, Sources},
};

/// Sources, renditions, records and events of one small cloud. A clone is the same cloud.
#[derive(Debug, Clone, Default)]
pub struct Cloud {
    state: Arc<Mutex<State>>,
    faults: Arc<Mutex<Faults>>,
    gate: Option<Gate>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// By key and version.
    pub(super) sources: BTreeMap<(String, Option<String>), Vec<u8>>,
    /// By key, the latest last.
    pub(super) versions: BTreeMap<String, Vec<Version>>,
    pub(super) renditions: BTreeMap<String, Stored>,
    pub(super) superseded: BTreeSet<String>,
    pub(super) records: BTreeMap<String, Entry>,
    /// Keys that were removed, and by which event.
    pub(super) buried: BTreeMap<String, Sequencer>,
    pub(super) events: Vec<ImageEvent>,
    /// Name and input.
    pub(super) executions: Vec<(String, String)>,
}

/// What a key of a versioned bucket may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Version {
    Source(Option<String>),
    DeleteMarker,
}

/// A rendition as it lies in the destination bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What it is.
    pub rendition: NewRendition,
    /// All of its bytes.
    pub bytes: Vec<u8>,
}

/// A record, and the renditions that it replaced.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) replaced: Vec<Rendition>,
}

impl Cloud {
    /// Puts a source there, as an upload would.
    pub fn put_source(&self, key: &str, version_id: Option<&str>, bytes: Vec<u8>) {
        let (mut state, id) = (self.state(), version_id.map(str::to_owned));
        let versions = state.versions.entry(key.to_owned()).or_default();
        versions.retain(|stored| *stored != Version::Source(id.clone()));
        versions.push(Version::Source(id.clone()));
        state.sources.insert((key.to_owned(), id), bytes);
    }

    /// Deletes a source as a client does who names no version: its versions stay under a marker.
    pub fn delete_source(&self, key: &str) {
        self.state().versions.entry(key.to_owned()).or_default().push(Version::DeleteMarker);
    }

    /// How many delete markers a source key has.
    pub fn markers(&self, key: &str) -> usize {
        let state = self.state();
        let versions = state.versions.get(key).into_iter().flatten();
        versions.filter(|version| matches!(version, Version::DeleteMarker)).count()
    }

    /// Removes the delete marker that a source key ends in, as an operator does who brings the source back.
    pub fn remove_marker(&self, key: &str) {
        let mut state = self.state();
        let versions = state.versions.get_mut(key);
        if let Some(versions) =
            versions.filter(|it| matches!(it.last(), Some(Version::DeleteMarker)))
        {
            versions.pop();
        }
    }

    /// Makes the `nth` call (from 1) of that name fail, counted from now.
    pub fn fail(&self, call: &str, nth: usize, fault: Fault) {
        self.plan(FaultPlan { call: call.to_owned(), nth, times: 1, fault });
    }

    /// Makes calls fail as planned; occurrences are counted from now.
    pub fn plan(&self, plan: FaultPlan) {
        self.faults().plan(plan);
    }

    /// Forgets every plan.
    pub fn heal(&self) {
        self.faults().heal();
    }

    /// The same cloud, for somebody who must pass a gate before each call.
    pub fn behind(&self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self.clone() }
    }

    /// The names of all calls that were made, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.faults().calls().to_vec()
    }

    /// What lies under a key in the destination bucket.
    pub fn rendition(&self, key: &str) -> Option<Stored> {
        self.state().renditions.get(key).cloned()
    }

    /// The keys of everything in the destination bucket.
    pub fn rendition_keys(&self) -> Vec<String> {
        self.state().renditions.keys().cloned().collect()
    }

    /// The keys of all records.
    pub fn record_keys(&self) -> Vec<String> {
        self.state().records.keys().cloned().collect()
    }

    /// The keys of all renditions that are tagged for removal.
    pub fn superseded(&self) -> Vec<String> {
        self.state().superseded.iter().cloned().collect()
    }

    /// Name and input of all executions that were started, in order.
    pub fn executions(&self) -> Vec<(String, String)> {
        self.state().executions.clone()
    }

    /// All events, in order.
    pub fn events(&self) -> Vec<ImageEvent> {
        self.state().events.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the state")
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().expect("no test panics while it holds the faults")
    }

    /// Does what a call does, unless a fault is planned for it.
    pub(super) async fn call<T>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let fault = self.begin(name).await?;
        let done = effect(&mut self.state())?;
        match fault {
            None => Ok(done),
            Some(_) => Err(faults::unavailable(name)),
        }
    }

    /// Waits for its turn; what still goes wrong with the call, if it takes effect at all.
    async fn begin(&self, name: &'static str) -> Result<Option<Fault>, Failure> {
        if let Some(gate) = &self.gate {
            gate.pass(name).await;
        }
        let fault = self.faults().next(name);
        match fault {
            Some(Fault::Error | Fault::Throttle | Fault::TimeOut) => Err(faults::unavailable(name)),
            Some(Fault::Refusal) => Err(faults::refused(name)),
            Some(Fault::CutAfter(_) | Fault::AnswerLost) | None => Ok(fault),
        }
    }
}

impl State {
    fn source(&self, source: &Source) -> Result<&[u8], Failure> {
        let id = (source.key.clone(), source.version_id.clone());
        self.sources.get(&id).map(Vec::as_slice).ok_or_else(|| Failure::SourceGone {
            key: source.key.clone(),
            version: source.version_id.clone(),
        })
    }
}

impl Sources for Cloud {
    async fn read_range(&self, source: &Source, start: u64, end: u64) -> Result<Vec<u8>, Failure> {
        self.call("read_range", |state| {
            let bytes = state.source(source)?;
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            Ok(bytes[place(start)..place(end)].to_vec())
        })
        .await
    }

    async fn read_all(&self, source: &Source) -> Result<Body, Failure> {
        let fault = self.begin("read_all").await?;
        let bytes = self.state().source(source)?.to_vec();
        match fault {
            None => Ok(Box::new(io::Cursor::new(bytes))),
            Some(Fault::CutAfter(at)) => Ok(faults::cut_off(bytes, at)),
            Some(_) => Err(faults::unavailable("read_all")),
        }
    }
}

impl Renditions for Cloud {
    async fn put(&self, rendition: NewRendition, bytes: Body) -> Result<(), Failure> {
        let fault = self.begin("put").await?;
        let taken = match fault {
            Some(Fault::CutAfter(at)) => at as u64,
            _ => u64::MAX,
        };
        let (key, mut held) = (rendition.destination.key.clone(), Vec::new());
        let read = bytes.take(taken).read_to_end(&mut held).await;
        read.map_err(|source| Failure::RenderFailed {
            rendition: key.clone(),
            source: source.into(),
        })?;
        if let Some(Fault::CutAfter(_)) = fault {
            return Err(faults::unavailable("put"));
        }
        let mut state = self.state();
        // As in S3: what is written over an object does not inherit its tags.
        state.superseded.remove(&key);
        state.renditions.insert(key, Stored { rendition, bytes: held });
        match fault {
            None => Ok(()),
            Some(_) => Err(faults::unavailable("put")),
        }
    }

    async fn tag_superseded(&self, destination: &Destination) -> Result<(), Failure> {
        self.call("tag_superseded", |state| {
            if state.renditions.contains_key(&destination.key) {
                state.superseded.insert(destination.key.clone());
            }
            Ok(())
        })
        .await
    }

    async fn untag_superseded(&self, destination: &Destination) -> Result<(), Failure> {
        self.call("untag_superseded", |state| {
            state.superseded.remove(&destination.key);
            Ok(())
        })
        .await
    }
}

impl Events for Cloud {
    async fn publish(&self, event: &ImageEvent) -> Result<(), Failure> {
        self.call("publish", |state| {
            state.events.push(event.clone());
            Ok(())
        })
        .await
    }
}
