//! What is tried: stories × calls × occurrences × strikes × how often.

use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use end_to_end::proxy::{Call, Plan, Strike, When};
use pipeline::testing::Fault;

use crate::story::Story;

/// One upload with one plan.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) story: &'a Story,
    pub(crate) plan: Plan,
}

/// How much of what can strike is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Every,
    Worst,
}

/// The SDK tries three times, the state machine nine times as often.
const ONCE: usize = 1;
pub(crate) const PAST_THE_SDK: usize = 3;
/// Until somebody mends it.
pub(crate) const FOR_GOOD: usize = usize::MAX;

const WORST: [(Strike, usize); 8] = [
    (Strike::Break(Fault::Error), PAST_THE_SDK),
    (Strike::Break(Fault::Error), FOR_GOOD),
    (Strike::Break(Fault::Refusal), FOR_GOOD),
    (Strike::Break(Fault::TimeOut), ONCE),
    (Strike::Break(Fault::CutAfter(0)), PAST_THE_SDK),
    (Strike::Break(Fault::AnswerLost), PAST_THE_SDK),
    (Strike::Kill(When::Before), ONCE),
    (Strike::Kill(When::After), ONCE),
];
const ALSO: [(Strike, usize); 6] = [
    (Strike::Break(Fault::Error), ONCE),
    (Strike::Break(Fault::Throttle), PAST_THE_SDK),
    (Strike::Break(Fault::Refusal), ONCE),
    (Strike::Break(Fault::TimeOut), PAST_THE_SDK),
    (Strike::Break(Fault::CutAfter(1)), ONCE),
    (Strike::Break(Fault::AnswerLost), ONCE),
];
/// What else can happen to whoever reads a source, and renders it while it arrives.
const WHILE_READING: [(Strike, usize); 5] = [
    (Strike::Break(Fault::CutAfter(1)), PAST_THE_SDK),
    (Strike::Break(Fault::CutAfter(700)), PAST_THE_SDK),
    (Strike::Break(Fault::CutAfter(700)), FOR_GOOD),
    (Strike::Kill(When::HalfWay), ONCE),
    (Strike::Kill(When::AtWork(4)), ONCE),
];

/// Every case of a story, for the calls that it makes when nothing strikes.
pub(crate) fn cases<'a>(story: &'a Story, clean: &[Call]) -> Vec<Case<'a>> {
    let mut occurrences = BTreeMap::<&str, usize>::new();
    for call in clean {
        *occurrences.entry(&call.name).or_default() += 1;
    }
    occurrences.retain(|name, _| story.focus.is_empty() || story.focus.contains(name));
    let mut cases = Vec::new();
    for (name, occurrences) in occurrences {
        for nth in 1..=occurrences {
            for (strike, times) in strikes(name, story.depth) {
                let plan = Plan { call: name.to_owned(), nth, times, strike };
                cases.push(Case { story, plan });
            }
        }
    }
    cases
}

fn strikes(call: &str, depth: Depth) -> impl Iterator<Item = (Strike, usize)> {
    let also = ALSO.into_iter().filter(move |_| depth == Depth::Every);
    let reads = call == "s3:GetObject";
    let while_reading = WHILE_READING.into_iter().filter(move |_| reads);
    WORST.into_iter().chain(also).chain(while_reading)
}

/// So many of all cases, the same ones for the same seed.
pub(crate) fn sample(mut cases: Vec<Case<'_>>, count: usize, seed: u64) -> Vec<Case<'_>> {
    cases.sort_by_cached_key(|case| {
        let mut hasher = DefaultHasher::new();
        (seed, case.story.name, case.to_string()).hash(&mut hasher);
        hasher.finish()
    });
    cases.truncate(count);
    cases
}

impl Case<'_> {
    /// What strikes, in a word.
    pub(crate) fn kind(&self) -> Kind {
        match self.plan.strike {
            Strike::Break(Fault::Error) => Kind::Error,
            Strike::Break(Fault::Throttle) => Kind::Throttle,
            Strike::Break(Fault::Refusal) => Kind::Refusal,
            Strike::Break(Fault::TimeOut) => Kind::TimeOut,
            Strike::Break(Fault::CutAfter(_)) => Kind::Cut,
            Strike::Break(Fault::AnswerLost) => Kind::Lost,
            Strike::Kill(_) => Kind::Killed,
        }
    }

    /// Whether the event may have been sent, and its sender not know.
    pub(crate) fn may_tell_twice(&self) -> bool {
        let unknown = matches!(
            self.plan.strike,
            Strike::Break(Fault::CutAfter(_) | Fault::AnswerLost) | Strike::Kill(When::After)
        );
        self.plan.call == "events:PutEvents" && unknown
    }

    /// How long it takes, roughly: the slowest begin first.
    pub(crate) fn slowness(&self) -> usize {
        let times = self.plan.times.min(9);
        if self.kind() == Kind::TimeOut { 10 * times } else { times }
    }
}

/// The columns of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Error,
    Throttle,
    Refusal,
    TimeOut,
    Cut,
    Lost,
    Killed,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Error,
        Self::Throttle,
        Self::Refusal,
        Self::TimeOut,
        Self::Cut,
        Self::Lost,
        Self::Killed,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Throttle => "throttle",
            Self::Refusal => "refusal",
            Self::TimeOut => "time-out",
            Self::Cut => "cut",
            Self::Lost => "lost",
            Self::Killed => "killed",
        })
    }
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { call, nth, times, strike } = &self.plan;
        let times = if *times == FOR_GOOD { "for good".to_owned() } else { format!("{times}×") };
        write!(f, "{}: {call} #{nth}, {times} {strike:?}", self.story.name)
    }
}
