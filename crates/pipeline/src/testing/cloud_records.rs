//! The records' twin: the conditions of the port, in Rust instead of DynamoDB's expressions.

use super::cloud::{Cloud, Entry};
use crate::{
    Failure, Record, Status,
    ports::{Closing, Opening, Records},
};

impl Records for Cloud {
    async fn get(&self, key: &str) -> Result<Option<Record>, Failure> {
        self.call("get", |state| Ok(state.records.get(key).map(|entry| entry.record.clone()))).await
    }

    async fn open(&self, record: &Record) -> Result<Opening, Failure> {
        self.call("open", |state| {
            if state.buried.get(&record.key).is_some_and(|buried| *buried >= record.sequencer) {
                return Ok(Opening::Superseded);
            }
            let mut replaced = Vec::new();
            if let Some(entry) = state.records.get(&record.key) {
                if entry.record.sequencer > record.sequencer {
                    return Ok(Opening::Superseded);
                }
                if entry.record.sequencer == record.sequencer {
                    return Ok(Opening::Opened);
                }
                replaced.extend(entry.replaced.iter().chain(&entry.record.renditions).cloned());
            }
            let entry = Entry { record: record.clone(), replaced };
            state.records.insert(record.key.clone(), entry);
            state.buried.remove(&record.key);
            Ok(Opening::Opened)
        })
        .await
    }

    async fn close(&self, record: &Record) -> Result<Closing, Failure> {
        self.call("close", |state| {
            let Some(entry) = state.records.get_mut(&record.key) else {
                return Ok(Closing::Lost { standing: None });
            };
            if !may_close(&entry.record, record) {
                return Ok(Closing::Lost { standing: Some(Box::new(entry.record.clone())) });
            }
            entry.record = record.clone();
            Ok(Closing::Closed { replaced: entry.replaced.clone() })
        })
        .await
    }

    async fn forget_replaced(&self, record: &Record) -> Result<(), Failure> {
        self.call("forget_replaced", |state| {
            if let Some(entry) = state.records.get_mut(&record.key)
                && entry.record.sequencer == record.sequencer
            {
                entry.replaced.clear();
            }
            Ok(())
        })
        .await
    }
}

fn may_close(standing: &Record, closing: &Record) -> bool {
    let own = standing.execution == closing.execution;
    standing.sequencer == closing.sequencer
        && match (standing.status, closing.status) {
            (Status::Processing, _) => true,
            (Status::Failed, Status::Failed) => own,
            (Status::Failed, _) => true,
            (_, Status::Failed) => false,
            _ => own,
        }
}
