//! A source is deleted in S3, and what takes its renditions and its record along is struck.

use futures_util::{StreamExt, stream};
use pipeline::{Record, Status};

use crate::{
    ledger::Standing,
    matrix::{Case, cases},
    story::Story,
    trial::{Laboratory, PATIENCE},
};

/// A picture that was deleted, and what it had.
pub(crate) struct Removal<'a> {
    case: &'a Case<'a>,
    record: Record,
    /// Whether what was to be removed became a dead letter.
    undelivered: bool,
}

/// The cases: a strike at each call that a removal makes.
pub(crate) async fn plan<'a>(laboratory: &Laboratory, story: &'a Story) -> Vec<Case<'a>> {
    let record = completed(laboratory, story, "deleted").await.expect("a clean day");
    let before = laboratory.proxy.calls(&record.key).len();
    laboratory.cloud.delete(&record.key).await;
    let gone = laboratory.ledger.until(PATIENCE, async || is_gone(laboratory, &record.key).await);
    gone.await.expect("a removal on a clean day");
    laboratory.quiet().await;
    cases(story, &laboratory.proxy.calls(&record.key).split_off(before))
}

/// Deletes a picture for each case.
pub(crate) async fn strike<'a>(
    laboratory: &Laboratory,
    story: &Story,
    cases: &'a [Case<'a>],
    at_once: usize,
) -> Vec<Removal<'a>> {
    let all = stream::iter(cases.iter().enumerate()).map(|(number, case)| async move {
        let name = format!("deleted-{number:04}");
        let record = completed(laboratory, story, &name).await?;
        laboratory.proxy.plan(&record.key, case.plan.clone());
        laboratory.cloud.delete(&record.key).await;
        let settled = async || {
            is_gone(laboratory, &record.key).await || laboratory.ledger.is_undelivered(&record.key)
        };
        laboratory.ledger.until(PATIENCE, settled).await;
        let undelivered = laboratory.ledger.is_undelivered(&record.key);
        Some(Removal { case, record, undelivered })
    });
    all.buffer_unordered(at_once).filter_map(async |removal| removal).collect().await
}

/// Checks that everything has gone, and says what has not; how many promises were broken.
pub(crate) async fn conclude(
    laboratory: &Laboratory,
    cases: usize,
    removals: &[Removal<'_>],
) -> usize {
    let mut broken = cases - removals.len();
    for Removal { case, record, .. } in removals {
        let mut left = Vec::new();
        if !is_gone(laboratory, &record.key).await {
            left.push(record.key.clone());
        }
        for rendition in &record.renditions {
            if laboratory.cloud.stored(&rendition.key).await.is_some() {
                left.push(rendition.key.clone());
            }
        }
        let struck = laboratory.proxy.has_struck(&record.key, &case.plan.call);
        if !left.is_empty() || !struck {
            eprintln!("BROKEN deleted, {case}: struck: {struck}, left: {left:?}");
            broken += 1;
        }
    }
    let replayed = removals.iter().filter(|removal| removal.undelivered).count();
    println!(
        "{} deletions, each with another fault: {} reached their end by themselves, {replayed} were replayed, {broken} broken promises",
        removals.len(),
        removals.len() - replayed
    );
    broken
}

async fn completed(laboratory: &Laboratory, story: &Story, name: &str) -> Option<Record> {
    let (uploaded, _) = laboratory.upload(story, name, |_, _| ()).await.ok()?;
    let standing = laboratory.ledger.standing(&uploaded.version_id, PATIENCE).await;
    (standing == Some(Standing::Told(Status::Completed))).then_some(())?;
    laboratory.record(&uploaded.key).await
}

async fn is_gone(laboratory: &Laboratory, key: &str) -> bool {
    laboratory.record(key).await.is_none()
}
