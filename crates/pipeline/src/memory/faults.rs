//! Faults by plan: which call, which occurrence, what goes wrong.

use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, ReadBuf};

use crate::{Failure, ports::Body};

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It answers that the service is unavailable.
    Unavailable(Moment),
    /// Its body breaks off after that many bytes.
    CutAfter(usize),
}

/// When a call breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing has happened.
    Before,
    /// It took effect, and only the answer was lost.
    After,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    plan: Vec<(&'static str, usize, Fault)>,
    counts: BTreeMap<&'static str, usize>,
}

impl Faults {
    pub(super) fn plan(&mut self, call: &'static str, nth: usize, fault: Fault) {
        let made = self.counts.get(call).copied().unwrap_or(0);
        self.plan.push((call, made + nth, fault));
    }

    /// Counts a call, and says what goes wrong with it.
    pub(super) fn next(&mut self, call: &'static str) -> Option<Fault> {
        let count = self.counts.entry(call).or_insert(0);
        *count += 1;
        let count = *count;
        let planned = |(name, nth, _): &&(&str, usize, Fault)| *name == call && *nth == count;
        self.plan.iter().find(planned).map(|(_, _, fault)| *fault)
    }

    /// Where the body of the coming call breaks off.
    pub(super) fn cut(&self, call: &'static str) -> Option<usize> {
        let coming = self.counts.get(call).copied().unwrap_or(0) + 1;
        self.plan.iter().find_map(|(name, nth, fault)| match fault {
            Fault::CutAfter(at) if *name == call && *nth == coming => Some(*at),
            _ => None,
        })
    }
}

pub(super) fn unavailable(call: &'static str) -> Failure {
    Failure::DependencyUnavailable { call, source: "a planned fault".into() }
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
