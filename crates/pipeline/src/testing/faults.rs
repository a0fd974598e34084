//! Faults by plan: which call, which occurrence, what goes wrong.
//!
//! The twins in memory take a plan, and so does the proxy before the local cloud: a story that is
//! told of the one can be told of the other.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, ReadBuf};

use crate::{Failure, ports::Body};

/// Calls that break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// The call's name: the port's method in memory, `service:Operation` before AWS.
    pub call: String,
    /// The first occurrence that breaks, from 1.
    pub nth: usize,
    /// How many break in a row.
    pub times: usize,
    /// How.
    pub fault: Fault,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The service answers that it is broken. Nothing has happened.
    Error,
    /// It answers to come back later. Nothing has happened.
    Throttle,
    /// It answers that this is not allowed, which no retry changes.
    Refusal,
    /// No answer comes. Nothing has happened.
    TimeOut,
    /// The call takes effect, and its answer breaks off after that many bytes of the body. One that
    /// sends a body takes no effect: it is that body which breaks off.
    CutAfter(usize),
    /// The call takes effect, and its answer never comes.
    AnswerLost,
}

impl FaultPlan {
    /// Whether the `count`th call (from 1) of that name breaks.
    pub fn breaks(&self, call: &str, count: usize) -> bool {
        self.call == call && count >= self.nth && count - self.nth < self.times
    }
}

/// Plans, and the calls that were made so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    plans: Vec<FaultPlan>,
    calls: Vec<&'static str>,
}

impl Faults {
    /// Takes a plan whose occurrences are counted from now.
    pub(super) fn plan(&mut self, plan: FaultPlan) {
        let nth = self.count(&plan.call) + plan.nth;
        self.plans.push(FaultPlan { nth, ..plan });
    }

    pub(super) fn heal(&mut self) {
        self.plans.clear();
    }

    pub(super) fn calls(&self) -> &[&'static str] {
        &self.calls
    }

    /// Counts a call, and says what goes wrong with it.
    pub(super) fn next(&mut self, call: &'static str) -> Option<Fault> {
        self.calls.push(call);
        let count = self.count(call);
        self.plans.iter().find(|plan| plan.breaks(call, count)).map(|plan| plan.fault)
    }

    fn count(&self, call: &str) -> usize {
        self.calls.iter().filter(|made| **made == call).count()
    }
}

pub(super) fn unavailable(call: &'static str) -> Failure {
    Failure::DependencyUnavailable { call, source: "a planned fault".into() }
}

pub(super) fn refused(call: &'static str) -> Failure {
    let source = Some("a planned fault".into());
    Failure::Misconfigured { what: format!("{call} was refused"), source }
}

pub(super) fn cut_off(mut bytes: Vec<u8>, at: usize) -> Body {
    bytes.truncate(at);
    Box::new(CutOff { left: io::Cursor::new(bytes) })
}

/// A body that ends in an error, as a connection that is reset does.
struct CutOff {
    left: io::Cursor<Vec<u8>>,
}

impl AsyncRead for CutOff {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.left).poll_read(context, buffer);
        match read {
            Poll::Ready(Ok(())) if buffer.filled().len() == before => {
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            read => read,
        }
    }
}
