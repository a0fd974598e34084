//! What is promised, checked on what the local cloud holds.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::Cloud;
use pipeline::{Record, Rendition, Status};

use crate::{
    ledger::Standing,
    trial::{Laboratory, Trial},
};

/// What came of a story's upload when nothing struck.
pub(crate) struct Undisturbed {
    status: Status,
    rejection: Option<String>,
    renditions: BTreeMap<String, Vec<u8>>,
}

type Kept = Result<(), String>;

impl Undisturbed {
    pub(crate) async fn of(record: &Record, cloud: &Cloud) -> Self {
        let mut renditions = BTreeMap::new();
        for rendition in &record.renditions {
            let bytes = cloud.rendition(&rendition.key).await.1;
            renditions.insert(rendition.name.clone(), bytes);
        }
        Self { status: record.status, rejection: rejection(record), renditions }
    }
}

fn rejection(record: &Record) -> Option<String> {
    record.rejection.as_ref().map(|rejection| format!("{:?}", rejection.code))
}

/// What holds at every moment, checked when an upload has come to rest for the first time: the
/// record is as the world was told, and never better than the truth.
pub(crate) async fn hold_now(
    laboratory: &Laboratory,
    trial: &Trial<'_>,
    undisturbed: &Undisturbed,
) -> Kept {
    let Some(standing) = trial.standing else {
        return Err("no outcome, no failure, no dead letter".to_owned());
    };
    let record = laboratory.record(&trial.uploaded.key).await;
    let version = Some(trial.uploaded.version_id.as_str());
    let record = record.filter(|record| record.version_id.as_deref() == version);
    match (standing, &record) {
        (Standing::Told(told), None) => Err(format!("told as {}, not recorded", told.as_str())),
        (Standing::Told(told), Some(record)) if record.status != told => {
            Err(format!("told as {}, recorded as {}", told.as_str(), record.status.as_str()))
        }
        (Standing::DeadLetter, None) => Ok(()),
        (_, Some(record)) => match record.status {
            Status::Completed => renditions_are_right(&laboratory.cloud, record, undisturbed).await,
            Status::Failed if record.failure.is_none() => Err("failed for no reason".to_owned()),
            _ => Ok(()),
        },
    }
}

/// What holds when everything has been redriven, and nothing happens any more.
pub(crate) async fn hold_at_the_end(
    laboratory: &Laboratory,
    trial: &Trial<'_>,
    undisturbed: &Undisturbed,
) -> Kept {
    let cloud = &laboratory.cloud;
    let record = laboratory.record(&trial.uploaded.key).await.ok_or("it has no record")?;
    if record.version_id.as_deref() != Some(&trial.uploaded.version_id) {
        return Err("its record is of another upload".to_owned());
    }
    if record.status != undisturbed.status || rejection(&record) != undisturbed.rejection {
        let Record { status, failure, .. } = &record;
        return Err(format!("{}, {:?} {failure:?}", status.as_str(), rejection(&record)));
    }
    renditions_are_right(cloud, &record, undisturbed).await?;
    let replaced = trial.earlier.iter().flat_map(|earlier| &earlier.renditions);
    for rendition in replaced.filter(|rendition| !lists(&record, rendition)) {
        if !cloud.is_superseded(&rendition.key).await {
            return Err(format!("{} is replaced, and will stay", rendition.key));
        }
    }
    let redriven = cloud.was_redriven(&record.execution).await;
    told_once(laboratory, trial, redriven)
}

async fn renditions_are_right(cloud: &Cloud, record: &Record, undisturbed: &Undisturbed) -> Kept {
    let names: BTreeSet<_> = record.renditions.iter().map(|rendition| &rendition.name).collect();
    if names != undisturbed.renditions.keys().collect() {
        return Err(format!("its renditions are {names:?}"));
    }
    for rendition in &record.renditions {
        let Some(bytes) = cloud.stored(&rendition.key).await else {
            return Err(format!("{} is recorded, and not stored", rendition.key));
        };
        if undisturbed.renditions.get(&rendition.name) != Some(&bytes) {
            return Err(format!("{} has other bytes", rendition.key));
        }
        if cloud.is_superseded(&rendition.key).await {
            return Err(format!("{} is recorded, and will be removed", rendition.key));
        }
    }
    Ok(())
}

fn lists(record: &Record, rendition: &Rendition) -> bool {
    record.renditions.iter().any(|listed| listed.key == rendition.key)
}

/// One event, which may come twice where its sender could not know, or was redriven and tells again.
fn told_once(laboratory: &Laboratory, trial: &Trial<'_>, redriven: bool) -> Kept {
    let (outcomes, failures) = laboratory.ledger.told(&trial.uploaded.version_id);
    let different: BTreeSet<_> = outcomes.iter().collect();
    let may_be_twice = redriven || trial.case.may_tell_twice();
    if different.len() != 1 {
        return Err(format!("told as {} outcomes: {different:?}", different.len()));
    }
    if outcomes.len() > 1 && !may_be_twice {
        return Err(format!("told {} times: {different:?}", outcomes.len()));
    }
    if failures.len() > 1 {
        return Err(format!("told as {} failures: {failures:?}", failures.len()));
    }
    Ok(())
}
