//! Which calls are struck, and which were made.

use super::{Call, Strike};

/// Calls that are struck: of that name, and about one thing.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `service:Operation`.
    pub call: String,
    /// The first occurrence from now that is struck, from 1.
    pub nth: usize,
    /// How many are struck in a row.
    pub times: usize,
    /// By what.
    pub strike: Strike,
}

/// Plans, and the calls that were made so far.
#[derive(Debug, Default)]
pub(super) struct Plans {
    calls: Vec<Call>,
    active: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    about: String,
    plan: Plan,
    met: usize,
    struck: usize,
    healed: bool,
}

impl Plans {
    pub(super) fn add(&mut self, about: &str, plan: Plan) {
        let about = about.to_owned();
        self.active.push(Active { about, plan, met: 0, struck: 0, healed: false });
    }

    /// From now on nothing is struck.
    pub(super) fn heal(&mut self) {
        for active in &mut self.active {
            active.healed = true;
        }
    }

    /// Remembers a call, and says what strikes it.
    pub(super) fn meet(&mut self, call: &Call) -> Option<Strike> {
        self.calls.push(call.clone());
        let mut strike = None;
        for active in &mut self.active {
            if active.plan.call == call.name && call.is_about(&active.about) {
                active.met += 1;
                let Plan { nth, times, .. } = active.plan;
                let due = active.met >= nth && active.met - nth < times;
                if due && !active.healed && strike.is_none() {
                    active.struck += 1;
                    strike = Some(active.plan.strike);
                }
            }
        }
        strike
    }

    /// The process that a strike was to kill had gone.
    pub(super) fn missed(&mut self, call: &Call) {
        for active in &mut self.active {
            if active.plan.call == call.name && call.is_about(&active.about) {
                active.struck = active.struck.saturating_sub(1);
            }
        }
    }

    pub(super) fn calls(&self, about: &str) -> Vec<Call> {
        self.calls.iter().filter(|call| call.is_about(about)).cloned().collect()
    }

    /// Whether the plans about something have struck that call.
    pub(super) fn have_struck(&self, about: &str, call: &str) -> bool {
        let about_it = |active: &&Active| active.about == about && active.plan.call == call;
        self.active.iter().filter(about_it).any(|active| active.struck > 0)
    }
}
