//! Every call of the pipeline fails, each occurrence in turn, in every way, for a moment or until
//! somebody mends it; the outcome is that of a day on which nothing failed.

use std::collections::BTreeMap;

use pipeline::{
    Status,
    testing::{Fault, FaultPlan},
};

use crate::{
    invariants,
    state_machine::{Content, Machine, UploadOf, blue, broken, red, text},
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

/// In a row: once; as often as the state machine tries; until an operator mends it.
const TIMES: [usize; 3] = [1, 9, usize::MAX];

#[tokio::test]
async fn whatever_call_fails_the_outcome_is_reached_and_told() {
    let stories = [
        (vec![], red(), Status::Completed),
        (vec![red()], blue(), Status::Completed),
        (vec![red()], red(), Status::Completed),
        (vec![], text(), Status::Rejected),
        (vec![red()], broken(), Status::Rejected),
    ];
    let (mut tried, mut red_ones, mut dead_letters) = (0, 0, 0);
    for (before, content, ends) in stories {
        let upload = UploadOf { key: KEY, sequencer: 9, content };
        let clean = day(&before, &upload, None, ends).await;
        for (call, occurrences) in counted(&clean.calls) {
            for nth in 1..=occurrences {
                for (fault, times) in FAULTS.into_iter().flat_map(|fault| TIMES.map(|n| (fault, n)))
                {
                    let plan = FaultPlan { call: call.to_owned(), nth, times, fault };
                    let day = day(&before, &upload, Some(plan), ends).await;
                    tried += 1;
                    red_ones += usize::from(day.reds > 0);
                    dead_letters += usize::from(day.dead_letters > 0);
                }
            }
        }
    }
    println!("{tried} faults: {red_ones} ended red first, {dead_letters} left a dead letter");
    assert!(red_ones > 100 && dead_letters > 10, "the worst was tried, too");
}

/// What a day brought.
struct Day {
    /// The calls of the upload that it is about.
    calls: Vec<&'static str>,
    reds: usize,
    dead_letters: usize,
}

/// One upload after others, with a fault. What ends red is told, mended and redriven.
async fn day(before: &[Content], upload: &UploadOf, plan: Option<FaultPlan>, ends: Status) -> Day {
    let machine = Machine::new(2);
    for (sequencer, content) in (1..).zip(before) {
        let earlier = UploadOf { key: KEY, sequencer, content: content.clone() };
        let mut execution = machine.start("earlier", earlier);
        machine.run(&mut execution).await.unwrap();
    }
    let earlier_calls = machine.cloud.calls().len();
    let context = format!("{plan:?}");
    let duplicates = plan.as_ref().is_some_and(|plan| plan.call == "publish");
    if let Some(plan) = plan {
        machine.cloud.plan(plan);
    }

    let mut execution = machine.start("execution", upload.clone());
    let (mut reds, mut dead_letters) = (0, 0);
    while machine.run(&mut execution).await.is_err() {
        reds += 1;
        dead_letters += usize::from(machine.tell_failed(&execution).await.is_err());
        machine.cloud.heal();
        assert!(reds < 3, "a redrive after the repair goes through: {context}");
    }
    let calls = machine.cloud.calls()[earlier_calls..].to_vec();
    invariants::hold_now(&machine, None).await;
    invariants::hold_at_the_end(&machine, upload, ends).await;
    invariants::nothing_is_left_behind(&machine, KEY).await;
    let told = invariants::outcomes_told(&machine, upload).len();
    assert!(told == 1 || duplicates || reds > 0, "told {told} times: {context}");
    Day { calls, reds, dead_letters }
}

fn counted(calls: &[&'static str]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(*call).or_default() += 1;
    }
    counts
}
