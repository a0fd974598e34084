//! Plans of faults to inject, and the calls that were made.

use super::{Call, Injection};

/// Which occurrences of a call get a fault, and which fault.
#[derive(Debug, Clone)]
pub struct InjectionPlan {
    /// The call's name, `service:Operation`.
    pub call: String,
    /// The first occurrence that gets the fault, counted from 1 when the plan is added.
    pub nth: usize,
    /// How many occurrences in a row get it.
    pub times: usize,
    /// The fault.
    pub injection: Injection,
}

/// All plans, and all calls so far.
#[derive(Debug, Default)]
pub(super) struct Plans {
    calls: Vec<Call>,
    active: Vec<ActivePlan>,
}

#[derive(Debug)]
struct ActivePlan {
    subject: String,
    plan: InjectionPlan,
    matched: usize,
    injected: usize,
    stopped: bool,
}

impl ActivePlan {
    fn matches(&self, call: &Call) -> bool {
        self.plan.call == call.name && call.mentions(&self.subject)
    }
}

impl Plans {
    pub(super) fn add(&mut self, subject: &str, plan: InjectionPlan) {
        let subject = subject.to_owned();
        self.active.push(ActivePlan { subject, plan, matched: 0, injected: 0, stopped: false });
    }

    /// Ends all plans, and keeps what they have injected.
    pub(super) fn stop(&mut self) {
        for active in &mut self.active {
            active.stopped = true;
        }
    }

    /// Records a call. Returns the fault to inject: the first one if several plans match.
    pub(super) fn next_injection(&mut self, call: &Call) -> Option<Injection> {
        self.calls.push(call.clone());
        let mut injection = None;
        for active in self.active.iter_mut().filter(|active| active.matches(call)) {
            active.matched += 1;
            let InjectionPlan { nth, times, .. } = active.plan;
            let due = active.matched >= nth && active.matched - nth < times;
            if due && !active.stopped && injection.is_none() {
                active.injected += 1;
                injection = Some(active.plan.injection);
            }
        }
        injection
    }

    /// Takes back one injection, because the process to kill had already ended.
    pub(super) fn undo_injection(&mut self, call: &Call) {
        for active in self.active.iter_mut().filter(|active| active.matches(call)) {
            active.injected = active.injected.saturating_sub(1);
        }
    }

    pub(super) fn calls_about(&self, subject: &str) -> Vec<Call> {
        self.calls.iter().filter(|call| call.mentions(subject)).cloned().collect()
    }

    pub(super) fn have_injected(&self, subject: &str, call: &str) -> bool {
        let wanted = |active: &&ActivePlan| active.subject == subject && active.plan.call == call;
        self.active.iter().filter(wanted).any(|active| active.injected > 0)
    }
}
