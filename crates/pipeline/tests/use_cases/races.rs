//! Executions that race for one key, in every order that their steps can have.
//!
//! A step is a call that others can see: writes to the record, the destination bucket and the event
//! bus. Reads of a source are none, since they are pinned to a version that nobody changes.

use std::{future::Future, sync::Arc};

use pipeline::{
    Status,
    testing::{Arrival, Fault, Gate, Gatekeeper},
};
use proptest::prelude::*;
use tokio::sync::Notify;

use crate::{
    invariants,
    state_machine::{Content, Execution, Machine, UploadOf, blue, broken, red, text},
};

const KEY: &str = "race.jpg";

/// Every call of an execution that others can see.
const CALLS: [&str; 6] = ["open", "put", "close", "tag_superseded", "forget_replaced", "publish"];

fn upload(sequencer: u32, content: Content) -> UploadOf {
    UploadOf { key: KEY, sequencer, content }
}

/// A race: what had happened before, who runs, and how the latest upload ends.
struct Race {
    before: Vec<UploadOf>,
    racers: Vec<UploadOf>,
    ends: Status,
    told: Told,
}

/// When notify hears of an execution that ended red.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Before it is redriven.
    AtOnce,
    /// When it has long succeeded.
    Late,
}

#[test]
fn two_executions_keep_every_promise_in_every_order_of_their_steps() {
    use Status::{Completed, Rejected};
    let races = [
        ("two contents", vec![], vec![upload(1, red()), upload(2, blue())], Completed),
        ("the same content twice", vec![], vec![upload(1, red()), upload(2, red())], Completed),
        ("one event twice", vec![], vec![upload(1, red()), upload(1, red())], Completed),
        (
            "a bad picture after a good one",
            vec![],
            vec![upload(1, red()), upload(2, text())],
            Rejected,
        ),
        (
            "a good picture after a bad one",
            vec![],
            vec![upload(1, text()), upload(2, red())],
            Completed,
        ),
        (
            "broken pixels after a good one",
            vec![],
            vec![upload(1, red()), upload(2, broken())],
            Rejected,
        ),
        (
            "a content that comes back",
            vec![upload(1, red())],
            vec![upload(2, blue()), upload(3, red())],
            Completed,
        ),
        (
            "a content that goes",
            vec![upload(1, red())],
            vec![upload(2, red()), upload(3, blue())],
            Completed,
        ),
        (
            "one event twice, over an older",
            vec![upload(1, red())],
            vec![upload(2, blue()), upload(2, blue())],
            Completed,
        ),
        (
            "an event of long ago",
            vec![upload(2, red())],
            vec![upload(1, blue()), upload(3, blue())],
            Completed,
        ),
    ];
    for (name, before, racers, ends) in races {
        let race = Race { before, racers, ends, told: Told::AtOnce };
        let orders = in_every_order(|order| race.run(order, |_| Vec::new()));
        println!("{name}: {orders} orders");
        assert!(orders > 1, "{name}");
    }
}

#[test]
fn an_execution_that_is_killed_anywhere_loses_nothing_in_any_order() {
    for racers in
        [vec![upload(1, red()), upload(2, blue())], vec![upload(1, red()), upload(1, red())]]
    {
        let (before, ends) = (Vec::new(), Status::Completed);
        let race = Race { before, racers, ends, told: Told::AtOnce };
        for (victim, step) in (0..2).flat_map(|victim| (0..9).map(move |step| (victim, step))) {
            let deaths = |racer| if racer == victim { vec![step] } else { Vec::new() };
            in_every_order(|order| race.run(order, deaths));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn many_executions_with_faults_and_kills_keep_every_promise(
        uploads in prop::collection::vec((1_u32..5, 0_usize..2), 1..5),
        faults in prop::collection::vec((0_usize..8, 1_usize..12, any::<bool>()), 0..4),
        deaths in prop::collection::vec(prop::collection::vec(0_usize..12, 0..3), 5),
        late in any::<bool>(),
        choices in prop::collection::vec(0_usize..5, 60),
    ) {
        // One upload is one content, however often its event arrives.
        let content = |sequencer: u32| {
            let of_first = uploads.iter().find(|(other, _)| *other == sequencer).unwrap().1;
            [red(), blue()][of_first].clone()
        };
        let racers = uploads.iter().map(|(sequencer, _)| upload(*sequencer, content(*sequencer)));
        let race = Race {
            before: Vec::new(),
            racers: racers.collect(),
            ends: Status::Completed,
            told: if late { Told::Late } else { Told::AtOnce },
        };
        let mut order = Order { chosen: choices, ..Order::default() };
        let plan = |machine: &Machine| {
            for (call, nth, lost) in &faults {
                let call = CALLS[*call % CALLS.len()];
                let fault = if *lost { Fault::AnswerLost } else { Fault::Error };
                machine.cloud.fail(call, *nth, fault);
            }
        };
        block_on(race.go(&mut order, |racer| deaths[racer].clone(), plan));
    }
}

impl Race {
    /// Runs it in one order; `deaths` are the steps before which a racer is killed.
    fn run(&self, order: &mut Order, deaths: impl Fn(usize) -> Vec<usize>) {
        block_on(self.go(order, deaths, |_| ()));
    }

    async fn go(
        &self,
        order: &mut Order,
        deaths: impl Fn(usize) -> Vec<usize>,
        plan: impl Fn(&Machine),
    ) {
        let machine = Machine::new(1);
        for (number, upload) in self.before.iter().enumerate() {
            let mut execution = machine.start(&format!("before-{number}"), upload.clone());
            machine.run(&mut execution).await.unwrap();
        }
        let told_before = machine.cloud.events().len();
        plan(&machine);

        let mut racers = Vec::new();
        for (number, upload) in self.racers.iter().enumerate() {
            let execution = machine.start(&format!("racer-{number}"), upload.clone());
            racers.push(Racer::start(&machine, execution, deaths(number), self.told));
        }
        let mut record = invariants::hold_now(&machine, None).await;
        while let Some(racer) = order.next(&mut racers).await {
            racer.step().await;
            record = invariants::hold_now(&machine, record.as_ref()).await;
        }
        for racer in racers {
            racer.task.await.unwrap();
        }

        let latest = self.racers.iter().chain(&self.before).max_by_key(|upload| upload.sequencer);
        invariants::hold_at_the_end(&machine, latest.unwrap(), self.ends).await;
        if self.racers.len() <= 2 {
            invariants::nothing_is_left_behind(&machine, KEY).await;
        }
        assert!(machine.cloud.events().len() > told_before);
    }
}

/// One execution in a race, with all that happens when it is killed or ends red.
struct Racer {
    keeper: Gatekeeper,
    waiting: Option<Arrival>,
    /// Before which of its steps it is killed, and how many it has taken.
    deaths: Vec<usize>,
    steps: usize,
    kill: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Racer {
    fn start(machine: &Machine, execution: Execution, deaths: Vec<usize>, told: Told) -> Self {
        let (gate, keeper) = Gate::new();
        let machine = Machine { cloud: machine.cloud.behind(gate), ..machine.clone() };
        let kill = Arc::new(Notify::new());
        let task = tokio::spawn(live(machine, execution, kill.clone(), told));
        Self { keeper, waiting: None, deaths, steps: 0, kill, task }
    }

    /// Waits until it is at a step that others can see; false if it is at its end.
    async fn arrive(&mut self) -> bool {
        while self.waiting.is_none() {
            match self.keeper.next().await {
                None => return false,
                Some(arrival) if arrival.call.starts_with("read_") => arrival.let_pass(),
                arrival => self.waiting = arrival,
            }
        }
        true
    }

    async fn step(&mut self) {
        let Some(arrival) = self.waiting.take() else { return };
        if self.deaths.contains(&self.steps) {
            drop(arrival);
            self.kill.notify_one();
        } else {
            arrival.let_pass();
        }
        self.steps += 1;
        self.arrive().await;
    }
}

/// Runs an execution to an end that is not red: what is killed or fails is told, and redriven.
async fn live(machine: Machine, mut execution: Execution, kill: Arc<Notify>, told: Told) {
    let mut untold = 0;
    loop {
        let ended = tokio::select! {
            ended = machine.run(&mut execution) => ended.is_ok(),
            () = kill.notified() => false,
        };
        untold += usize::from(!ended);
        if ended || told == Told::AtOnce {
            for _ in 0..std::mem::take(&mut untold) {
                // Killed or in vain, it goes to the dead-letter queue, and that is redriven, too.
                tokio::select! {
                    _ = machine.tell_failed(&execution) => (),
                    () = kill.notified() => (),
                }
            }
        }
        if ended {
            return;
        }
    }
}

/// Who goes next, choice by choice: followed as far as it is chosen, and then always the first.
#[derive(Debug, Default)]
struct Order {
    chosen: Vec<usize>,
    /// How many there were to choose from.
    open: Vec<usize>,
}

impl Order {
    async fn next<'a>(&mut self, racers: &'a mut [Racer]) -> Option<&'a mut Racer> {
        let mut ready = Vec::new();
        for (number, racer) in racers.iter_mut().enumerate() {
            if racer.arrive().await {
                ready.push(number);
            }
        }
        if ready.is_empty() {
            return None;
        }
        let turn = self.open.len();
        if turn == self.chosen.len() {
            self.chosen.push(0);
        }
        self.open.push(ready.len());
        Some(&mut racers[ready[self.chosen[turn] % ready.len()]])
    }

    /// The order after this one; none after the last.
    fn after(self) -> Option<Self> {
        let mut chosen = self.chosen;
        chosen.truncate(self.open.len());
        while let Some(last) = chosen.pop() {
            if last + 1 < self.open[chosen.len()] {
                chosen.push(last + 1);
                return Some(Self { chosen, open: Vec::new() });
            }
        }
        None
    }
}

/// Runs `story` once in every order that it turns out to have; how many there are.
fn in_every_order(mut story: impl FnMut(&mut Order)) -> usize {
    let mut next = Some(Order::default());
    let mut count = 0;
    while let Some(mut order) = next {
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| story(&mut order)));
        if let Err(panic) = told {
            eprintln!("in the order {:?}", order.chosen);
            std::panic::resume_unwind(panic);
        }
        count += 1;
        next = order.after();
    }
    count
}

fn block_on(future: impl Future<Output = ()>) {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future));
}
