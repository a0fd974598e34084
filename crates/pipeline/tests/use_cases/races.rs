//! Concurrent executions for one key, in every order of their steps.
//!
//! A step is a call that other executions can observe: reads and writes of the record, the destination bucket and the
//! event bus. Reading a source is not a step, because it is pinned to a version that never changes.

use std::{future::Future, sync::Arc};

use pipeline::{
    Failure, Status,
    testing::{CallGate, Fault, PendingCall, PendingCalls},
};
use proptest::prelude::*;
use tokio::sync::Notify;

use crate::{
    execution_runner::{Content, Execution, ExecutionRunner, UploadSpec, blue, broken, red, text},
    invariants,
};

const KEY: &str = "race.jpg";

/// The calls of an execution that write.
const CALLS: [&str; 6] = ["open", "put", "close", "tag_superseded", "forget_replaced", "publish"];

fn upload(sequencer: u32, content: Content) -> UploadSpec {
    UploadSpec { key: KEY, sequencer, content }
}

/// Which uploads ran before, which run concurrently, and the expected outcome of the latest one.
struct RaceScenario {
    before: Vec<UploadSpec>,
    racers: Vec<UploadSpec>,
    expected: Status,
    report: ReportTime,
}

/// When the failure of an execution is reported to notify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportTime {
    /// Before the execution is redriven.
    AtOnce,
    /// After the redrive has succeeded.
    Late,
}

#[test]
fn two_executions_keep_the_invariants_in_every_order_of_their_steps() {
    use Status::{Completed, Rejected};
    let races = [
        ("two contents", vec![], vec![upload(1, red()), upload(2, blue())], Completed),
        ("the same content twice", vec![], vec![upload(1, red()), upload(2, red())], Completed),
        ("one event twice", vec![], vec![upload(1, red()), upload(1, red())], Completed),
        ("a rejected picture after a valid one", vec![], vec![upload(1, red()), upload(2, text())], Rejected),
        ("a valid picture after a rejected one", vec![], vec![upload(1, text()), upload(2, red())], Completed),
        ("truncated pixels after a valid picture", vec![], vec![upload(1, red()), upload(2, broken())], Rejected),
        (
            "the first content again, after another",
            vec![upload(1, red())],
            vec![upload(2, blue()), upload(3, red())],
            Completed,
        ),
        (
            "another content, after the same one twice",
            vec![upload(1, red())],
            vec![upload(2, red()), upload(3, blue())],
            Completed,
        ),
        (
            "one event twice, after an earlier upload",
            vec![upload(1, red())],
            vec![upload(2, blue()), upload(2, blue())],
            Completed,
        ),
        (
            "a late event of an earlier upload",
            vec![upload(2, red())],
            vec![upload(1, blue()), upload(3, blue())],
            Completed,
        ),
    ];
    for (name, before, racers, expected) in races {
        let scenario = RaceScenario { before, racers, expected, report: ReportTime::AtOnce };
        let orders = in_every_order(|order| scenario.run_in_order(order, |_| Vec::new()));
        println!("{name}: {orders} orders");
        assert!(orders > 1, "{name}");
    }
}

#[test]
fn an_execution_that_is_killed_at_any_step_loses_nothing_in_any_order() {
    for racers in [vec![upload(1, red()), upload(2, blue())], vec![upload(1, red()), upload(1, red())]] {
        let (before, expected) = (Vec::new(), Status::Completed);
        let scenario = RaceScenario { before, racers, expected, report: ReportTime::AtOnce };
        for (victim, step) in (0..2).flat_map(|victim| (0..9).map(move |step| (victim, step))) {
            let kills = |racer| if racer == victim { vec![step] } else { Vec::new() };
            in_every_order(|order| scenario.run_in_order(order, kills));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn many_executions_with_faults_and_kills_keep_the_invariants(
        uploads in prop::collection::vec((1_u32..5, 0_usize..2), 1..5),
        faults in prop::collection::vec((0_usize..8, 1_usize..12, any::<bool>()), 0..4),
        kills in prop::collection::vec(prop::collection::vec(0_usize..12, 0..3), 5),
        late in any::<bool>(),
        choices in prop::collection::vec(0_usize..5, 60),
    ) {
        // A repeated event has the same content.
        let content = |sequencer: u32| {
            let of_first = uploads.iter().find(|(other, _)| *other == sequencer).unwrap().1;
            [red(), blue()][of_first].clone()
        };
        let racers = uploads.iter().map(|(sequencer, _)| upload(*sequencer, content(*sequencer)));
        let scenario = RaceScenario {
            before: Vec::new(),
            racers: racers.collect(),
            expected: Status::Completed,
            report: if late { ReportTime::Late } else { ReportTime::AtOnce },
        };
        let mut order = Order { choices, ..Order::default() };
        let plan = |runner: &ExecutionRunner| {
            for (call, nth, lost) in &faults {
                let call = CALLS[*call % CALLS.len()];
                let fault = if *lost { Fault::AnswerLost } else { Fault::Error };
                runner.cloud.fail(call, *nth, fault);
            }
        };
        block_on(scenario.run(&mut order, |racer| kills[racer].clone(), plan));
    }
}

impl RaceScenario {
    /// Runs it in one order; `kills` are the steps before which an execution is killed.
    fn run_in_order(&self, order: &mut Order, kills: impl Fn(usize) -> Vec<usize>) {
        block_on(self.run(order, kills, |_| ()));
    }

    async fn run(&self, order: &mut Order, kills: impl Fn(usize) -> Vec<usize>, plan: impl Fn(&ExecutionRunner)) {
        let runner = ExecutionRunner::new(1);
        for (number, upload) in self.before.iter().enumerate() {
            let mut execution = runner.start(&format!("before-{number}"), upload.clone());
            runner.run(&mut execution).await.unwrap();
        }
        let events_before = runner.cloud.events().len();
        plan(&runner);

        let mut racers = Vec::new();
        for (number, upload) in self.racers.iter().enumerate() {
            let execution = runner.start(&format!("racer-{number}"), upload.clone());
            let report = self.report;
            let run = |runner, kill| run_with_redrives(runner, execution, kill, report);
            racers.push(Racer::start(&runner, kills(number), run));
        }
        let mut record = invariants::check_now(&runner, None).await;
        while let Some(racer) = order.next(&mut racers).await {
            racer.step().await;
            record = invariants::check_now(&runner, record.as_ref()).await;
        }
        for racer in racers {
            racer.task.await.unwrap();
        }

        let latest = self.racers.iter().chain(&self.before).max_by_key(|upload| upload.sequencer);
        invariants::check_at_the_end(&runner, latest.unwrap(), self.expected).await;
        if self.racers.len() <= 2 {
            invariants::check_no_orphans(&runner, KEY).await;
        }
        assert!(runner.cloud.events().len() > events_before);
    }
}

/// An execution, or something else that races with executions.
pub(crate) struct Racer {
    calls: PendingCalls,
    waiting: Option<PendingCall>,
    /// The steps before which it is killed, and the number of steps that it has taken.
    kills: Vec<usize>,
    steps: usize,
    kill: Arc<Notify>,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

impl Racer {
    /// Starts `run`, which gets the cloud whose calls are steps, and a signal to give up the running attempt.
    pub(crate) fn start<F: Future<Output = ()> + Send + 'static>(
        runner: &ExecutionRunner,
        kills: Vec<usize>,
        run: impl FnOnce(ExecutionRunner, Arc<Notify>) -> F,
    ) -> Self {
        let (gate, calls) = CallGate::new();
        let runner = ExecutionRunner { cloud: runner.cloud.with_gate(gate), ..runner.clone() };
        let kill = Arc::new(Notify::new());
        let task = tokio::spawn(run(runner, kill.clone()));
        Self { calls, waiting: None, kills, steps: 0, kill, task }
    }

    /// Waits for its next step; false if the execution has ended.
    async fn wait_for_step(&mut self) -> bool {
        while self.waiting.is_none() {
            match self.calls.next().await {
                None => return false,
                Some(call) if call.name.starts_with("read_") => call.release(),
                call => self.waiting = call,
            }
        }
        true
    }

    pub(crate) async fn step(&mut self) {
        let Some(call) = self.waiting.take() else { return };
        if self.kills.contains(&self.steps) {
            drop(call);
            self.kill.notify_one();
        } else {
            call.release();
        }
        self.steps += 1;
        self.wait_for_step().await;
    }
}

/// Runs an execution until it succeeds. If it fails or is killed, that is reported, and it is redriven, unless its source
/// is gone.
pub(crate) async fn run_with_redrives(
    runner: ExecutionRunner,
    mut execution: Execution,
    kill: Arc<Notify>,
    report: ReportTime,
) {
    let mut unreported = 0;
    loop {
        let (succeeded, is_gone) = tokio::select! {
            result = runner.run(&mut execution) => (result.is_ok(), matches!(result, Err(Failure::SourceGone { .. }))),
            () = kill.notified() => (false, false),
        };
        unreported += usize::from(!succeeded);
        if succeeded || report == ReportTime::AtOnce {
            for _ in 0..std::mem::take(&mut unreported) {
                // If notify fails or is killed, the event becomes a dead letter, which is redriven as well.
                tokio::select! {
                    _ = runner.report_failure(&execution) => (),
                    () = kill.notified() => (),
                }
            }
        }
        if succeeded || is_gone {
            return;
        }
    }
}

/// Which execution takes the next step. After the given choices, it is always the first one.
#[derive(Debug, Default)]
pub(crate) struct Order {
    choices: Vec<usize>,
    /// The number of alternatives of each choice.
    alternatives: Vec<usize>,
}

impl Order {
    pub(crate) async fn next<'a>(&mut self, racers: &'a mut [Racer]) -> Option<&'a mut Racer> {
        let mut ready = Vec::new();
        for (number, racer) in racers.iter_mut().enumerate() {
            if racer.wait_for_step().await {
                ready.push(number);
            }
        }
        if ready.is_empty() {
            return None;
        }
        let turn = self.alternatives.len();
        if turn == self.choices.len() {
            self.choices.push(0);
        }
        self.alternatives.push(ready.len());
        Some(&mut racers[ready[self.choices[turn] % ready.len()]])
    }

    /// The next order; none after the last.
    fn after(self) -> Option<Self> {
        let mut chosen = self.choices;
        chosen.truncate(self.alternatives.len());
        while let Some(last) = chosen.pop() {
            if last + 1 < self.alternatives[chosen.len()] {
                chosen.push(last + 1);
                return Some(Self { choices: chosen, alternatives: Vec::new() });
            }
        }
        None
    }
}

/// Runs a scenario in every order of its steps; the number of orders.
pub(crate) fn in_every_order(mut scenario: impl FnMut(&mut Order)) -> usize {
    let mut next = Some(Order::default());
    let mut count = 0;
    while let Some(mut order) = next {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scenario(&mut order)));
        if let Err(panic) = result {
            eprintln!("in the order {:?}", order.choices);
            std::panic::resume_unwind(panic);
        }
        count += 1;
        next = order.after();
    }
    count
}

pub(crate) fn block_on(future: impl Future<Output = ()>) {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future));
}
