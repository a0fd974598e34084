//! Outages: the rule's target does not exist, and the whole local cloud is killed.

use std::time::Duration;

use end_to_end::{
    UploadRule, UploadedSource,
    proxy::{FaultProxy, Injection, InjectionPlan},
    wait_for,
};
use pipeline::{Status, testing::Fault};

use crate::{
    cases::UNTIL_STOPPED,
    event_log::EventLog,
    operator::Operator,
    trial::{Environment, PATIENCE},
    upload_kinds::{UploadKind, upload_kinds},
};

const UPLOADS_WITHOUT_TARGET: usize = 12;

/// Runs all outages. Returns the number of broken promises.
pub(crate) async fn run(environment: &mut Environment, operator: &Operator) -> usize {
    let kind = upload_kinds().swap_remove(0);
    let mut broken = rule_without_target(environment, operator, &kind).await;
    broken += cloud_restart(environment, operator, &kind).await;
    broken
}

/// The rule's target does not exist: every upload becomes a dead letter, and the redrive replays it.
async fn rule_without_target(environment: &Environment, operator: &Operator, kind: &UploadKind) -> usize {
    let stack = &environment.stack;
    let rule = UploadRule::find(stack).await;
    rule.break_target().await;
    let mut uploads = Vec::new();
    for number in 0..UPLOADS_WITHOUT_TARGET {
        let key = kind.key(&format!("undelivered-{number}"));
        uploads.push(stack.upload(&key, kind.content.clone()).await);
    }
    wait_for("the dead letters", async || (stack.dead_letter_count().await == UPLOADS_WITHOUT_TARGET).then_some(()))
        .await;
    rule.restore_target().await;
    println!(
        "{UPLOADS_WITHOUT_TARGET} uploads while the rule's target did not exist: {UPLOADS_WITHOUT_TARGET} dead letters"
    );
    operator.redrive().await;
    let incomplete = count_incomplete(environment, &uploads).await;
    let broken = incomplete + stack.dead_letter_count().await;
    println!("  {broken} broken promises");
    broken
}

/// The call, and its number of occurrences, in which each of twelve uploads hangs when the cloud is killed.
///
/// They are the first read, the record, the header, the renditions, closing the record, tagging and publishing.
const HANGING_CALLS: [(&str, usize); 6] = [
    ("s3:GetObject", 4),
    ("dynamodb:UpdateItem", 3),
    ("s3:PutObject", 2),
    ("s3:PutObjectTagging", 1),
    ("dynamodb:GetItem", 1),
    ("events:PutEvents", 1),
];

/// The server and all functions are killed while each upload hangs in another call, and started again.
async fn cloud_restart(environment: &mut Environment, operator: &Operator, kind: &UploadKind) -> usize {
    let hanging_calls =
        HANGING_CALLS.iter().flat_map(|(call, occurrences)| (1..=*occurrences).map(move |nth| (*call, nth)));
    let mut uploads = Vec::new();
    for (call, nth) in hanging_calls {
        let name = format!("restarted-{}-{nth}", call.replace(':', "-"));
        let injection = Injection::Fail(Fault::TimeOut);
        let plan = InjectionPlan { call: call.to_owned(), nth, times: UNTIL_STOPPED, injection };
        let add_plan = |proxy: &FaultProxy, key: &str| proxy.add_plan(key, plan);
        let uploaded = environment.upload(kind, &name, add_plan).await;
        let (uploaded, _) = uploaded.expect("the previous upload has an outcome");
        let hangs = async || environment.proxy.has_injected(&uploaded.key, call).then_some(());
        wait_for("a hanging call", hangs).await;
        uploads.push(uploaded);
    }
    environment.event_log.stop();
    operator.restart().await;
    environment.proxy.stop_injecting();
    environment.event_log = EventLog::start(&environment.stack).await;
    let mut completed = 0;
    for uploaded in &uploads {
        completed += usize::from(is_completed(environment, uploaded).await);
    }
    println!(
        "{} uploads, each in another call when the whole cloud was killed: {completed} records were completed",
        uploads.len()
    );
    environment.event_log.release_dead_letters().await;
    operator.redrive().await;
    let mut broken = count_incomplete(environment, &uploads).await;
    for uploaded in &uploads {
        let version = &uploaded.version_id;
        if environment.event_log.wait_for_success(version, PATIENCE / 4).await.is_none() {
            eprintln!("BROKEN {}: completed, but not published", uploaded.key);
            broken += 1;
        }
    }
    println!("  {broken} broken promises");
    broken
}

/// Waits for all uploads together. Returns how many do not become completed.
async fn count_incomplete(environment: &Environment, uploads: &[UploadedSource]) -> usize {
    let completion = async {
        for uploaded in uploads {
            while !is_completed(environment, uploaded).await {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    };
    // After the timeout, the loop below counts and reports the incomplete ones.
    let _ = tokio::time::timeout(PATIENCE / 4, completion).await;
    let mut incomplete = 0;
    for uploaded in uploads {
        if !is_completed(environment, uploaded).await {
            let record = environment.record(&uploaded.key).await;
            eprintln!("BROKEN {}: {record:?}", uploaded.key);
            incomplete += 1;
        }
    }
    incomplete
}

async fn is_completed(environment: &Environment, uploaded: &UploadedSource) -> bool {
    let record = environment.record(&uploaded.key).await;
    record.is_some_and(|record| {
        record.upload.version_id.as_ref() == Some(&uploaded.version_id) && record.status == Status::Completed
    })
}
