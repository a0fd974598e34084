//! Every call of the pipeline fails: each occurrence in turn, in every way, once or until an operator repairs it. The
//! outcome is the same as without the fault.

use std::collections::BTreeMap;

use pipeline::{
    Status,
    testing::{Fault, FaultPlan},
};

use crate::{
    execution_runner::{Content, ExecutionRunner, UploadSpec, blue, broken, red, text},
    invariants,
};

const KEY: &str = "cat.jpg";

const FAULTS: [Fault; 7] = [
    Fault::Error,
    Fault::Throttle,
    Fault::Refusal,
    Fault::TimeOut,
    Fault::CutAfter(0),
    Fault::CutAfter(700),
    Fault::AnswerLost,
];

/// Failures in a row: one; as many as the state machine makes attempts; all until an operator repairs it.
const TIMES: [usize; 3] = [1, 9, usize::MAX];

#[tokio::test]
async fn whatever_call_fails_the_outcome_is_reached_and_published() {
    let scenarios = [
        (vec![], red(), Status::Completed),
        (vec![red()], blue(), Status::Completed),
        (vec![red()], red(), Status::Completed),
        (vec![], text(), Status::Rejected),
        (vec![red()], broken(), Status::Rejected),
    ];
    let (mut faults, mut failed, mut dead_letters) = (0, 0, 0);
    for (before, content, expected) in scenarios {
        let upload = UploadSpec { key: KEY, sequencer: 9, content };
        let clean = run(&before, &upload, None, expected).await;
        for (call, occurrences) in count_calls(&clean.calls) {
            for nth in 1..=occurrences {
                for (fault, times) in FAULTS.into_iter().flat_map(|fault| TIMES.map(|n| (fault, n))) {
                    let plan = FaultPlan { call: call.to_owned(), nth, times, fault };
                    let run = run(&before, &upload, Some(plan), expected).await;
                    faults += 1;
                    failed += usize::from(run.failures > 0);
                    dead_letters += usize::from(run.dead_letters > 0);
                }
            }
        }
    }
    println!("{faults} faults: {failed} executions failed first, {dead_letters} left a dead letter");
    assert!(failed > 100 && dead_letters > 10, "the faults are severe enough");
}

/// What happened to one upload.
struct Run {
    calls: Vec<&'static str>,
    /// How often the execution failed.
    failures: usize,
    dead_letters: usize,
}

/// Runs one upload after earlier ones, with a fault. A failed execution is reported, repaired and redriven.
async fn run(before: &[Content], upload: &UploadSpec, plan: Option<FaultPlan>, expected: Status) -> Run {
    let runner = ExecutionRunner::new(2);
    for (sequencer, content) in (1..).zip(before) {
        let earlier = UploadSpec { key: KEY, sequencer, content: content.clone() };
        let mut execution = runner.start("earlier", earlier);
        runner.run(&mut execution).await.unwrap();
    }
    let earlier_calls = runner.cloud.calls().len();
    let context = format!("{plan:?}");
    let publish_fails = plan.as_ref().is_some_and(|plan| plan.call == "publish");
    if let Some(plan) = plan {
        runner.cloud.plan(plan);
    }

    let mut execution = runner.start("execution", upload.clone());
    let (mut failures, mut dead_letters) = (0, 0);
    while runner.run(&mut execution).await.is_err() {
        failures += 1;
        dead_letters += usize::from(runner.report_failure(&execution).await.is_err());
        runner.cloud.clear_faults();
        assert!(failures < 3, "a redrive after the repair succeeds: {context}");
    }
    let calls = runner.cloud.calls()[earlier_calls..].to_vec();
    invariants::check_now(&runner, None).await;
    invariants::check_at_the_end(&runner, upload, expected).await;
    invariants::check_no_orphans(&runner, KEY).await;
    let published = invariants::published_outcomes(&runner, upload).len();
    let once = published == 1 || publish_fails || failures > 0;
    assert!(once, "published {published} times: {context}");
    Run { calls, failures, dead_letters }
}

fn count_calls(calls: &[&'static str]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(*call).or_default() += 1;
    }
    counts
}
