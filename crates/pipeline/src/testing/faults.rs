//! Planned faults: which call fails, which occurrence of it, and how.
//!
//! The in-memory implementations take such plans, and so does the proxy before the local cloud: both can run the same
//! scenario.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, ReadBuf};

use crate::{Failure, ports::ByteReader};

/// Which calls fail, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// Name of the call: in memory the method of the port, in the proxy `service:Operation`.
    pub call: String,
    /// The first occurrence that fails, counted from 1.
    pub nth: usize,
    /// How many occurrences fail in a row.
    pub times: usize,
    /// How they fail.
    pub fault: Fault,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The service answers with an internal error. The call has no effect.
    Error,
    /// The service throttles the call. The call has no effect.
    Throttle,
    /// The service refuses the call; a retry is refused as well. The call has no effect.
    Refusal,
    /// The service does not answer. The call has no effect.
    TimeOut,
    /// The connection is reset after that many bytes of the body. A download has taken effect, an upload has not.
    CutAfter(usize),
    /// The call takes effect, but its answer is lost.
    AnswerLost,
}

impl FaultPlan {
    /// Whether the `count`th call (from 1) with that name fails.
    pub fn applies_to(&self, call: &str, count: usize) -> bool {
        self.call == call && count >= self.nth && count - self.nth < self.times
    }
}

/// The plans, and the calls that were made so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    plans: Vec<FaultPlan>,
    calls: Vec<&'static str>,
}

impl Faults {
    /// Adds a plan. Its occurrences are counted from now on.
    pub(super) fn plan(&mut self, plan: FaultPlan) {
        // Calls of the test's preparation do not count.
        let nth = self.count(&plan.call) + plan.nth;
        self.plans.push(FaultPlan { nth, ..plan });
    }

    pub(super) fn clear(&mut self) {
        self.plans.clear();
    }

    pub(super) fn calls(&self) -> &[&'static str] {
        &self.calls
    }

    /// Counts a call, and returns its fault if one is planned.
    pub(super) fn record_call(&mut self, call: &'static str) -> Option<Fault> {
        self.calls.push(call);
        let count = self.count(call);
        self.plans.iter().find(|plan| plan.applies_to(call, count)).map(|plan| plan.fault)
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

/// A body that ends in an error after `len` bytes, like a connection that is reset.
pub(super) fn cut_after(mut bytes: Vec<u8>, len: usize) -> ByteReader {
    bytes.truncate(len);
    Box::new(CutReader { rest: io::Cursor::new(bytes) })
}

struct CutReader {
    rest: io::Cursor<Vec<u8>>,
}

impl AsyncRead for CutReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.rest).poll_read(context, buffer);
        match read {
            Poll::Ready(Ok(())) if buffer.filled().len() == before => {
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            read => read,
        }
    }
}
