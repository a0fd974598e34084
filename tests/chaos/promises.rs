//! Checks the promises of docs/reliability.md on the state of the local cloud.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::DeployedStack;
use pipeline::{Record, Rendition, Status};

use crate::{
    event_log::UploadResult,
    trial::{Environment, Trial},
};

/// The outcome of a kind of upload without faults.
pub(crate) struct Baseline {
    status: Status,
    rejection_code: Option<String>,
    /// Bytes by rendition name.
    renditions: BTreeMap<String, Vec<u8>>,
}

/// `Err` describes the broken promise.
type Checked = Result<(), String>;

impl Baseline {
    /// Reads the renditions of an upload without faults.
    pub(crate) async fn read(record: &Record, stack: &DeployedStack) -> Self {
        let mut renditions = BTreeMap::new();
        for rendition in &record.renditions {
            let bytes = stack.get_rendition(&rendition.key).await.1;
            renditions.insert(rendition.name.clone(), bytes);
        }
        Self { status: record.status, rejection_code: rejection_code(record), renditions }
    }
}

fn rejection_code(record: &Record) -> Option<String> {
    record.rejection.as_ref().map(|rejection| format!("{:?}", rejection.code))
}

/// Checks what holds at every moment, once an upload has its first result.
///
/// The record has the published status, and a completed record lists the right renditions.
pub(crate) async fn check_first_result(environment: &Environment, trial: &Trial<'_>, baseline: &Baseline) -> Checked {
    let Some(result) = trial.result else {
        return Err("no outcome, no failure, no dead letter".to_owned());
    };
    let record = environment.record(&trial.uploaded.key).await;
    let version = Some(trial.uploaded.version_id.as_str());
    let record = record.filter(|record| record.upload.version_id.as_deref() == version);
    match (result, &record) {
        (UploadResult::Published(status), None) => Err(format!("published as {}, but not recorded", status.as_str())),
        (UploadResult::Published(published), Some(record)) if record.status != published => {
            let recorded = record.status.as_str();
            Err(format!("published as {}, but recorded as {recorded}", published.as_str()))
        }
        (UploadResult::DeadLetter, None) => Ok(()),
        (_, Some(record)) => match record.status {
            Status::Completed => check_renditions(&environment.stack, record, baseline).await,
            Status::Failed if record.failure.is_none() => Err("the failed record has no failure".to_owned()),
            _ => Ok(()),
        },
    }
}

/// Checks what holds after the redrive, when nothing runs any more.
pub(crate) async fn check_final_state(environment: &Environment, trial: &Trial<'_>, baseline: &Baseline) -> Checked {
    let stack = &environment.stack;
    let record = environment.record(&trial.uploaded.key).await.ok_or("there is no record")?;
    if record.upload.version_id.as_deref() != Some(&trial.uploaded.version_id) {
        return Err("the record is of another upload".to_owned());
    }
    if record.status != baseline.status || rejection_code(&record) != baseline.rejection_code {
        let Record { status, failure, .. } = &record;
        let code = rejection_code(&record);
        return Err(format!("the record is {}, {code:?} {failure:?}", status.as_str()));
    }
    check_renditions(stack, &record, baseline).await?;
    let replaced = trial.previous.iter().flat_map(|previous| &previous.renditions);
    for rendition in replaced.filter(|rendition| !lists(&record, rendition)) {
        if !stack.is_superseded(&rendition.key).await {
            return Err(format!("{} is replaced, but not tagged for removal", rendition.key));
        }
    }
    let redriven = stack.was_redriven(&record.upload.execution).await;
    check_published_once(environment, trial, redriven)
}

/// Checks that each rendition of the record is stored, has the baseline's bytes, and is not tagged for removal.
async fn check_renditions(stack: &DeployedStack, record: &Record, baseline: &Baseline) -> Checked {
    let names: BTreeSet<_> = record.renditions.iter().map(|rendition| &rendition.name).collect();
    if names != baseline.renditions.keys().collect() {
        return Err(format!("the renditions are {names:?}"));
    }
    for rendition in &record.renditions {
        let Some(bytes) = stack.rendition_bytes(&rendition.key).await else {
            return Err(format!("{} is recorded, but not stored", rendition.key));
        };
        if baseline.renditions.get(&rendition.name) != Some(&bytes) {
            return Err(format!("{} has other bytes", rendition.key));
        }
        if stack.is_superseded(&rendition.key).await {
            return Err(format!("{} is recorded, but tagged for removal", rendition.key));
        }
    }
    Ok(())
}

fn lists(record: &Record, rendition: &Rendition) -> bool {
    record.renditions.iter().any(|listed| listed.key == rendition.key)
}

/// Checks that the outcome was published as one event, and at most one failure.
///
/// The event may arrive twice after a redrive, or if its sender did not learn that it was published.
fn check_published_once(environment: &Environment, trial: &Trial<'_>, redriven: bool) -> Checked {
    let (outcomes, failures) = environment.event_log.published_ids(&trial.uploaded.version_id);
    let distinct: BTreeSet<_> = outcomes.iter().collect();
    let may_be_twice = redriven || trial.case.may_publish_twice();
    if distinct.len() != 1 {
        return Err(format!("published as {} outcomes: {distinct:?}", distinct.len()));
    }
    if outcomes.len() > 1 && !may_be_twice {
        return Err(format!("published {} times: {distinct:?}", outcomes.len()));
    }
    if failures.len() > 1 {
        return Err(format!("published as {} failures: {failures:?}", failures.len()));
    }
    Ok(())
}
