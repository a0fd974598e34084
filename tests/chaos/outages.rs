//! When more than one call fails: the state machine is away, and the whole cloud goes down.

use std::time::Duration;

use end_to_end::{UploadRule, Uploaded, eventually};
use pipeline::record::Status;

use crate::{
    operator::Operator,
    story::{Story, stories},
    trial::{Laboratory, PATIENCE},
};

const PICTURES: usize = 12;

/// Goes through all of them; how many promises were broken.
pub(crate) async fn go_through(laboratory: &Laboratory, operator: &Operator) -> usize {
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

/// The server and all functions are ended while they work, and started again.
async fn restarted(laboratory: &Laboratory, operator: &Operator, story: &Story) -> usize {
    let cloud = &laboratory.cloud;
    laboratory.ledger.close();
    let mut uploads = Vec::new();
    for number in 0..PICTURES {
        let key = story.key(&format!("restarted-{number}"));
        uploads.push(cloud.upload(&key, story.content.clone()).await);
        // Each is a little further than the next.
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    operator.restart().await;
    let (mut done, mut red, mut lost) = (0, 0, Vec::new());
    for uploaded in &uploads {
        match laboratory.record(&uploaded.key).await.map(|record| record.status) {
            Some(Status::Completed) => done += 1,
            Some(_) => red += 1,
            None => lost.push(uploaded),
        }
    }
    println!(
        "{PICTURES} uploads when the whole cloud went down: {done} completed, {red} in the middle, {} without a record",
        lost.len()
    );
    operator.redrive().await;
    let broken = unfinished(laboratory, &uploads).await;
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
