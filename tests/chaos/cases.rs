//! The cases to try: each kind of upload × call × occurrence × fault × number of repetitions.

use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use end_to_end::proxy::{Call, Injection, InjectionPlan, KillTime};
use pipeline::testing::Fault;

use crate::upload_kinds::UploadKind;

/// An upload of one kind, with one fault.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) kind: &'a UploadKind,
    pub(crate) plan: InjectionPlan,
}

/// Which faults are injected into each call of a kind of upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultSet {
    All,
    /// Only those of [`WORST_FAULTS`].
    Worst,
}

const ONCE: usize = 1;
/// The SDK makes three attempts. After that many faults the function fails, and the state machine retries it.
pub(crate) const SDK_ATTEMPTS: usize = 3;
/// Until the proxy stops injecting faults. All retries of the state machine fail, too.
pub(crate) const UNTIL_STOPPED: usize = usize::MAX;

const WORST_FAULTS: [(Injection, usize); 8] = [
    (Injection::Fail(Fault::Error), SDK_ATTEMPTS),
    (Injection::Fail(Fault::Error), UNTIL_STOPPED),
    (Injection::Fail(Fault::Refusal), UNTIL_STOPPED),
    (Injection::Fail(Fault::TimeOut), ONCE),
    (Injection::Fail(Fault::CutAfter(0)), SDK_ATTEMPTS),
    (Injection::Fail(Fault::AnswerLost), SDK_ATTEMPTS),
    (Injection::Kill(KillTime::BeforeCall), ONCE),
    (Injection::Kill(KillTime::AfterCall), ONCE),
];
const OTHER_FAULTS: [(Injection, usize); 6] = [
    (Injection::Fail(Fault::Error), ONCE),
    (Injection::Fail(Fault::Throttle), SDK_ATTEMPTS),
    (Injection::Fail(Fault::Refusal), ONCE),
    (Injection::Fail(Fault::TimeOut), SDK_ATTEMPTS),
    (Injection::Fail(Fault::CutAfter(1)), ONCE),
    (Injection::Fail(Fault::AnswerLost), ONCE),
];
/// Faults in the middle of reading a source, which is rendered while it arrives.
const READ_FAULTS: [(Injection, usize); 5] = [
    (Injection::Fail(Fault::CutAfter(1)), SDK_ATTEMPTS),
    (Injection::Fail(Fault::CutAfter(700)), SDK_ATTEMPTS),
    (Injection::Fail(Fault::CutAfter(700)), UNTIL_STOPPED),
    (Injection::Kill(KillTime::MidResponse), ONCE),
    (Injection::Kill(KillTime::AfterResponseMs(4)), ONCE),
];

/// All cases of a kind of upload. `calls` are the calls that it makes without the case's fault.
pub(crate) fn cases<'a>(kind: &'a UploadKind, calls: &[Call]) -> Vec<Case<'a>> {
    let mut occurrences = BTreeMap::<&str, usize>::new();
    for call in calls {
        *occurrences.entry(&call.name).or_default() += 1;
    }
    occurrences.retain(|name, _| kind.calls.is_empty() || kind.calls.contains(name));
    let mut cases = Vec::new();
    for (name, occurrences) in occurrences {
        for nth in 1..=occurrences {
            for (injection, times) in faults(name, kind.fault_set) {
                let plan = InjectionPlan { call: name.to_owned(), nth, times, injection };
                cases.push(Case { kind, plan });
            }
        }
    }
    cases
}

fn faults(call: &str, set: FaultSet) -> impl Iterator<Item = (Injection, usize)> {
    let other = OTHER_FAULTS.into_iter().filter(move |_| set == FaultSet::All);
    let reads = call == "s3:GetObject";
    let read = READ_FAULTS.into_iter().filter(move |_| reads);
    WORST_FAULTS.into_iter().chain(other).chain(read)
}

/// Chooses `count` of the cases. The same seed chooses the same cases.
pub(crate) fn sample(mut cases: Vec<Case<'_>>, count: usize, seed: u64) -> Vec<Case<'_>> {
    cases.sort_by_cached_key(|case| {
        let mut hasher = DefaultHasher::new();
        (seed, case.kind.name, case.to_string()).hash(&mut hasher);
        hasher.finish()
    });
    cases.truncate(count);
    cases
}

impl Case<'_> {
    /// The column of the report that counts this case.
    pub(crate) fn fault_kind(&self) -> FaultKind {
        match self.plan.injection {
            Injection::Fail(Fault::Error) => FaultKind::Error,
            Injection::Fail(Fault::Throttle) => FaultKind::Throttle,
            Injection::Fail(Fault::Refusal) => FaultKind::Refusal,
            Injection::Fail(Fault::TimeOut) => FaultKind::TimeOut,
            Injection::Fail(Fault::CutAfter(_)) => FaultKind::Cut,
            Injection::Fail(Fault::AnswerLost) => FaultKind::Lost,
            Injection::Kill(_) => FaultKind::Killed,
        }
    }

    /// Whether the event can be published twice: its sender did not learn that it was published.
    pub(crate) fn may_publish_twice(&self) -> bool {
        let unknown = matches!(
            self.plan.injection,
            Injection::Fail(Fault::CutAfter(_) | Fault::AnswerLost) | Injection::Kill(KillTime::AfterCall)
        );
        self.plan.call == "events:PutEvents" && unknown
    }

    /// A measure of how long a trial of the case takes. The slowest begin first.
    pub(crate) fn slowness(&self) -> usize {
        let times = self.plan.times.min(9);
        if self.fault_kind() == FaultKind::TimeOut { 10 * times } else { times }
    }
}

/// The columns of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FaultKind {
    Error,
    Throttle,
    Refusal,
    TimeOut,
    Cut,
    Lost,
    Killed,
}

impl FaultKind {
    pub(crate) const ALL: [Self; 7] =
        [Self::Error, Self::Throttle, Self::Refusal, Self::TimeOut, Self::Cut, Self::Lost, Self::Killed];
}

impl fmt::Display for FaultKind {
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
        let InjectionPlan { call, nth, times, injection } = &self.plan;
        let times = if *times == UNTIL_STOPPED { "always".to_owned() } else { format!("{times}×") };
        write!(f, "{}: {call} #{nth}, {times} {injection:?}", self.kind.name)
    }
}
