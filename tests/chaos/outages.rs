//! When more than one call fails: the state machine is away, and the whole cloud goes down.

use std::time::Duration;

use end_to_end::{
    UploadRule, Uploaded, eventually,
    proxy::{Plan, Proxy, Strike},
};
use pipeline::{Status, testing::Fault};

use crate::{
    ledger::Ledger,
    matrix::FOR_GOOD,
    operator::Operator,
    story::{Story, stories},
    trial::{Laboratory, PATIENCE},
};

const PICTURES: usize = 12;

/// Goes through all of them; how many promises were broken.
pub(crate) async fn go_through(laboratory: &mut Laboratory, operator: &Operator) -> usize {
    let story = stories().swap_remove(0);
    let mut broken = undelivered(laboratory, operator, &story).await;
    broken += restarted(laboratory, operator, &story).await;
    broken
}

/// The rule finds no state machine: every upload becomes a dead letter, and is replayed.
async fn undelivered(laboratory: &Laboratory, operator: &Operator, story: &Story) -> usize {
    let cloud = &laboratory.cloud;
    let rule = UploadRule::of(cloud).await;
    rule.lose_target().await;
    let mut uploads = Vec::new();
    for number in 0..PICTURES {
        let key = story.key(&format!("undelivered-{number}"));
        uploads.push(cloud.upload(&key, story.content.clone()).await);
    }
    eventually("the dead letters", async || (cloud.dead_letters().await == PICTURES).then_some(()))
        .await;
    rule.restore().await;
    println!("{PICTURES} uploads while the rule's target was away: {PICTURES} dead letters");
    operator.redrive().await;
    let broken = unfinished(laboratory, &uploads).await + cloud.dead_letters().await;
    println!("  {broken} broken promises");
    broken
}

/// Where each of twelve pictures is when the cloud goes down: at its first look, its record, its
/// header, its renditions, at closing, tidying up and telling.
const HELD_AT: [(&str, usize); 6] = [
    ("s3:GetObject", 4),
    ("dynamodb:UpdateItem", 3),
    ("s3:PutObject", 2),
    ("s3:PutObjectTagging", 1),
    ("dynamodb:GetItem", 1),
    ("events:PutEvents", 1),
];

/// The server and all functions are ended in the middle of each call, and started again.
async fn restarted(laboratory: &mut Laboratory, operator: &Operator, story: &Story) -> usize {
    let held = HELD_AT
        .iter()
        .flat_map(|(call, occurrences)| (1..=*occurrences).map(move |nth| (*call, nth)));
    let mut uploads = Vec::new();
    for (call, nth) in held {
        let name = format!("restarted-{}-{nth}", call.replace(':', "-"));
        let strike = Strike::Break(Fault::TimeOut);
        let plan = Plan { call: call.to_owned(), nth, times: FOR_GOOD, strike };
        let plan = |proxy: &Proxy, key: &str| proxy.plan(key, plan);
        let (uploaded, _) = laboratory.upload(story, &name, plan).await.expect("it is uploaded");
        let is_held = async || laboratory.proxy.has_struck(&uploaded.key, call).then_some(());
        eventually("a call to hold", is_held).await;
        uploads.push(uploaded);
    }
    laboratory.ledger.close();
    operator.restart().await;
    laboratory.proxy.heal();
    laboratory.ledger = Ledger::keep(&laboratory.cloud).await;
    let mut completed = 0;
    for uploaded in &uploads {
        completed += usize::from(is_completed(laboratory, uploaded).await);
    }
    println!(
        "{} uploads, each in the middle of another call when the whole cloud went down: {completed} records were completed",
        uploads.len()
    );
    laboratory.ledger.give_letters_back().await;
    operator.redrive().await;
    let mut broken = unfinished(laboratory, &uploads).await;
    for uploaded in &uploads {
        let version = &uploaded.version_id;
        if laboratory.ledger.good_outcome(version, PATIENCE / 4).await.is_none() {
            eprintln!("BROKEN {}: completed, and nobody was told", uploaded.key);
            broken += 1;
        }
    }
    println!("  {broken} broken promises");
    broken
}

/// How many of them do not become completed.
async fn unfinished(laboratory: &Laboratory, uploads: &[Uploaded]) -> usize {
    let finish = async {
        for uploaded in uploads {
            while !is_completed(laboratory, uploaded).await {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    };
    // What is asked one after the other is waited for together.
    let _ = tokio::time::timeout(PATIENCE / 4, finish).await;
    let mut unfinished = 0;
    for uploaded in uploads {
        if !is_completed(laboratory, uploaded).await {
            let record = laboratory.record(&uploaded.key).await;
            eprintln!("BROKEN {}: {record:?}", uploaded.key);
            unfinished += 1;
        }
    }
    unfinished
}

async fn is_completed(laboratory: &Laboratory, uploaded: &Uploaded) -> bool {
    let record = laboratory.record(&uploaded.key).await;
    record.is_some_and(|record| {
        record.version_id.as_ref() == Some(&uploaded.version_id)
            && record.status == Status::Completed
    })
}
