//! A world in memory: every port's twin, with faults on request.
//!
//! It keeps the promises of [`ports`](crate::ports) as the AWS adapters do, and the same
//! [conformance suite](crate::conformance) says so.

mod faults;
mod records;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Mutex, MutexGuard},
};

use faults::Faults;
pub use faults::{Fault, Moment};

use crate::{
    Failure,
    messages::{Destination, ImageEvent, Source},
    ports::{Body, Events, NewRendition, Renditions, Sources},
    record::{Record, Rendition},
};

/// Sources, renditions, records and events of one small cloud.
#[derive(Debug, Default)]
pub struct Cloud {
    state: Mutex<State>,
    faults: Mutex<Faults>,
}

#[derive(Debug, Default)]
struct State {
    /// By key and version.
    sources: BTreeMap<(String, Option<String>), Vec<u8>>,
    renditions: BTreeMap<String, NewRendition>,
    superseded: BTreeSet<String>,
    records: BTreeMap<String, Entry>,
    events: Vec<ImageEvent>,
}

/// A record, and the renditions that it replaced.
#[derive(Debug, Clone)]
struct Entry {
    record: Record,
    replaced: Vec<Rendition>,
}

impl Cloud {
    /// Puts a source there, as an upload would.
    pub fn put_source(&self, key: &str, version_id: Option<&str>, bytes: Vec<u8>) {
        self.state().sources.insert((key.to_owned(), version_id.map(str::to_owned)), bytes);
    }

    /// Makes the `nth` call (from 1) of that name fail, counted from now.
    pub fn fail(&self, call: &'static str, nth: usize, fault: Fault) {
        self.faults().plan(call, nth, fault);
    }

    /// What lies under a key in the destination bucket.
    pub fn rendition(&self, key: &str) -> Option<NewRendition> {
        self.state().renditions.get(key).cloned()
    }

    /// The keys of all renditions that are tagged for removal.
    pub fn superseded(&self) -> Vec<String> {
        self.state().superseded.iter().cloned().collect()
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
    fn call<T>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let fault = self.faults().next(name);
        if let Some(Fault::Unavailable(Moment::Before)) = fault {
            return Err(faults::unavailable(name));
        }
        let done = effect(&mut self.state())?;
        match fault {
            Some(Fault::Unavailable(Moment::After)) => Err(faults::unavailable(name)),
            _ => Ok(done),
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
    }

    async fn read_all(&self, source: &Source) -> Result<Body, Failure> {
        let cut = self.faults().cut("read_all");
        let bytes = self.call("read_all", |state| Ok(state.source(source)?.to_vec()))?;
        Ok(match cut {
            Some(at) => faults::cut_off(bytes, at),
            None => Box::new(io::Cursor::new(bytes)),
        })
    }
}

impl Renditions for Cloud {
    async fn put(&self, rendition: NewRendition) -> Result<(), Failure> {
        self.call("put", |state| {
            let key = rendition.destination.key.clone();
            // As in S3: what is written over an object does not inherit its tags.
            state.superseded.remove(&key);
            state.renditions.insert(key, rendition);
            Ok(())
        })
    }

    async fn tag_superseded(&self, destination: &Destination) -> Result<(), Failure> {
        self.call("tag_superseded", |state| {
            if state.renditions.contains_key(&destination.key) {
                state.superseded.insert(destination.key.clone());
            }
            Ok(())
        })
    }
}

impl Events for Cloud {
    async fn publish(&self, event: &ImageEvent) -> Result<(), Failure> {
        self.call("publish", |state| {
            state.events.push(event.clone());
            Ok(())
        })
    }
}
