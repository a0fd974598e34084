//! Faults while a source that was deleted in S3 is removed with its renditions and its record.

use futures_util::{StreamExt, stream};
use pipeline::{Record, Status};

use crate::{
    cases::{Case, cases},
    event_log::UploadResult,
    trial::{Environment, PATIENCE},
    upload_kinds::UploadKind,
};

/// The result of trying one case of a deletion.
pub(crate) struct Removal<'a> {
    case: &'a Case<'a>,
    /// The record before the deletion.
    record: Record,
    /// Whether the event of the deletion became a dead letter.
    dead_letter: bool,
}

/// Deletes a source without faults, and returns a case for each call that its removal makes.
pub(crate) async fn removal_cases<'a>(environment: &Environment, kind: &'a UploadKind) -> Vec<Case<'a>> {
    let record = upload_completed(environment, kind, "deleted").await;
    let record = record.expect("an upload without faults is completed");
    let earlier_calls = environment.proxy.calls_about(&record.key).len();
    environment.stack.delete_source(&record.key).await;
    let removed = async || is_removed(environment, &record.key).await;
    let removed = environment.event_log.wait_until(PATIENCE, removed).await;
    removed.expect("a removal without faults ends");
    environment.wait_until_idle().await;
    cases(kind, &environment.proxy.calls_about(&record.key).split_off(earlier_calls))
}

/// Uploads and deletes a source for each case.
pub(crate) async fn run_removals<'a>(
    environment: &Environment,
    kind: &UploadKind,
    cases: &'a [Case<'a>],
    at_once: usize,
) -> Vec<Removal<'a>> {
    let all = stream::iter(cases.iter().enumerate()).map(|(number, case)| async move {
        let name = format!("deleted-{number:04}");
        let record = upload_completed(environment, kind, &name).await?;
        let Environment { stack, proxy, event_log } = environment;
        proxy.add_plan(&record.key, case.plan.clone());
        stack.delete_source(&record.key).await;
        let ended = async || is_removed(environment, &record.key).await || event_log.has_dead_letter(&record.key);
        event_log.wait_until(PATIENCE, ended).await;
        let dead_letter = event_log.has_dead_letter(&record.key);
        Some(Removal { case, record, dead_letter })
    });
    all.buffer_unordered(at_once).filter_map(async |removal| removal).collect().await
}

/// Checks after the redrive that nothing is left, and prints what is. Returns the number of broken promises.
///
/// `cases` is the number of cases: those without a removal could not be tried, and count as broken.
pub(crate) async fn check_removals(environment: &Environment, cases: usize, removals: &[Removal<'_>]) -> usize {
    let mut broken = cases - removals.len();
    for Removal { case, record, .. } in removals {
        let mut left = Vec::new();
        if !is_removed(environment, &record.key).await {
            left.push(record.key.clone());
        }
        for rendition in &record.renditions {
            if environment.stack.rendition_bytes(&rendition.key).await.is_some() {
                left.push(rendition.key.clone());
            }
        }
        let injected = environment.proxy.has_injected(&record.key, &case.plan.call);
        if !left.is_empty() || !injected {
            eprintln!("BROKEN deleted, {case}: fault injected: {injected}, left: {left:?}");
            broken += 1;
        }
    }
    let replayed = removals.iter().filter(|removal| removal.dead_letter).count();
    println!(
        "{} deletions, each with another fault: {} ended without a replay, {replayed} were replayed, {broken} broken promises",
        removals.len(),
        removals.len() - replayed
    );
    broken
}

/// Uploads without faults. `None` if the upload is not completed.
async fn upload_completed(environment: &Environment, kind: &UploadKind, name: &str) -> Option<Record> {
    let (uploaded, _) = environment.upload(kind, name, |_, _| ()).await.ok()?;
    let result = environment.event_log.wait_for_result(&uploaded.version_id, PATIENCE).await;
    (result == Some(UploadResult::Published(Status::Completed))).then_some(())?;
    environment.record(&uploaded.key).await
}

async fn is_removed(environment: &Environment, key: &str) -> bool {
    environment.record(key).await.is_none()
}
