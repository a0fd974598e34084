//! A permanent deletion and executions of the same key, in every order of their steps.
//!
//! The deletion itself is a step, as is each call of the use case that follows it.

use std::sync::Arc;

use pipeline::{Status, api::follow_deletion, ports::Records};
use tokio::sync::Notify;

use crate::{
    execution_runner::{Execution, ExecutionRunner, UploadSpec, blue, red},
    fixture::{last_started, notified_at, source_deleted},
    invariants::check_no_orphans,
    races::{Order, Racer, ReportTime, block_on, in_every_order, run_with_redrives},
};

const KEY: &str = "deleted.jpg";

fn upload(sequencer: u32) -> UploadSpec {
    UploadSpec { key: KEY, sequencer, content: if sequencer == 1 { red() } else { blue() } }
}

/// Which of two versions are recorded before, whose executions race with the deletion, and which version is deleted.
struct Race {
    name: &'static str,
    recorded: &'static [u32],
    racing: &'static [u32],
    deleted: u32,
}

const RACES: [Race; 5] = [
    Race { name: "the execution of the deleted version", recorded: &[1], racing: &[2], deleted: 2 },
    Race { name: "the execution of the version below", recorded: &[], racing: &[1], deleted: 2 },
    Race { name: "a second event of the deleted version", recorded: &[1, 2], racing: &[2], deleted: 2 },
    Race { name: "a second event of the version below", recorded: &[1, 2], racing: &[1], deleted: 2 },
    Race { name: "the version above the deleted one", recorded: &[1], racing: &[2], deleted: 1 },
];

#[test]
fn after_a_permanent_deletion_the_record_is_of_the_current_version_in_every_order_of_their_steps() {
    for race in RACES {
        let orders = in_every_order(|order| block_on(race.run(order, |_| Vec::new())));
        println!("{}: {orders} orders", race.name);
        assert!(orders > 1, "{}", race.name);
    }
}

#[test]
fn a_deletion_or_an_execution_that_is_killed_at_any_step_loses_nothing_in_any_order() {
    // The first race has thousands of orders without a kill.
    for race in &RACES[1..3] {
        for (victim, step) in (0..2).flat_map(|victim| (0..9).map(move |step| (victim, step))) {
            let kills = |racer| if racer == victim { vec![step] } else { Vec::new() };
            in_every_order(|order| block_on(race.run(order, kills)));
        }
    }
}

impl Race {
    async fn run(&self, order: &mut Order, kills: impl Fn(usize) -> Vec<usize>) {
        let runner = ExecutionRunner::new(1);
        for version in [1, 2] {
            let mut execution = runner.start(&format!("execution-{version}"), upload(version));
            if self.recorded.contains(&version) {
                runner.run(&mut execution).await.unwrap();
            }
        }
        let mut racers = Vec::new();
        for (number, version) in self.racing.iter().enumerate() {
            let execution = runner.redeliver(&format!("racer-{version}"), &upload(*version));
            let run = |runner, kill| run_with_redrives(runner, execution, kill, ReportTime::AtOnce);
            racers.push(Racer::start(&runner, kills(number), run));
        }
        let version = upload(self.deleted).version();
        let run = |runner, kill| delete_and_follow(runner, version, kill);
        racers.push(Racer::start(&runner, kills(racers.len()), run));
        while let Some(racer) = order.next(&mut racers).await {
            racer.step().await;
            check_renditions(&runner).await;
        }
        for racer in racers {
            racer.task.await.unwrap();
        }
        // The last execution that the deletion has started: earlier ones are superseded by it.
        if let Some(event) = last_started(&runner.cloud) {
            runner.run(&mut Execution::new(event)).await.unwrap();
        }
        self.check_at_the_end(&runner).await;
        if (0..=self.racing.len()).all(|racer| kills(racer).is_empty()) {
            check_no_orphans(&runner, KEY).await;
        }
    }

    async fn check_at_the_end(&self, runner: &ExecutionRunner) {
        let current = upload(3 - self.deleted).version();
        let record = runner.cloud.get(KEY).await.unwrap().expect("the key holds a version");
        let version = record.upload.version_id.as_deref();
        assert_eq!((version, record.status), (Some(current.as_str()), Status::Completed), "{record:?}");
        check_renditions(runner).await;
        let tagged = runner.cloud.superseded();
        assert!(record.renditions.iter().all(|listed| !tagged.contains(&listed.key)), "{tagged:?}");
    }
}

/// Deletes a version permanently, and follows S3's event of it until that succeeds.
async fn delete_and_follow(runner: ExecutionRunner, version: String, kill: Arc<Notify>) {
    let event = source_deleted(KEY, "0003", "Permanently Deleted");
    let follow = async || {
        runner.cloud.delete_source_version(KEY, &version).await;
        follow_deletion(&event, notified_at(), &runner.cloud).await.is_ok()
    };
    loop {
        let followed = tokio::select! {
            followed = follow() => followed,
            () = kill.notified() => false,
        };
        if followed {
            return;
        }
    }
}

/// Checks that every rendition that the record lists is stored.
async fn check_renditions(runner: &ExecutionRunner) {
    let Some(record) = runner.cloud.get(KEY).await.unwrap() else { return };
    for rendition in &record.renditions {
        assert!(runner.cloud.rendition(&rendition.key).is_some(), "a listed rendition is missing: {record:?}");
    }
}
