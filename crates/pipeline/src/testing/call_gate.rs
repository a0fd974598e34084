//! A gate before every call of a port, so that a test decides which task continues.
//!
//! Without it, the scheduler decides the order in which two executions make their calls. With it, a test can try every
//! order.

use tokio::sync::{mpsc, oneshot};

/// Where a use case waits before each of its calls.
#[derive(Debug, Clone)]
pub struct CallGate {
    calls: mpsc::UnboundedSender<PendingCall>,
}

/// The other side of a [`CallGate`]: the test receives the waiting calls here.
#[derive(Debug)]
pub struct PendingCalls {
    calls: mpsc::UnboundedReceiver<PendingCall>,
}

/// A call that waits to be made. If it is dropped, the call is never made, and its use case never continues.
#[derive(Debug)]
pub struct PendingCall {
    /// The method of the port.
    pub name: &'static str,
    release: oneshot::Sender<()>,
}

impl CallGate {
    /// A gate and its other side.
    pub fn new() -> (Self, PendingCalls) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { calls: sender }, PendingCalls { calls: receiver })
    }

    /// Waits until the test releases the call. Returns at once if the test has dropped the other side.
    pub(super) async fn wait(&self, name: &'static str) {
        let (release, released) = oneshot::channel();
        if self.calls.send(PendingCall { name, release }).is_ok() && released.await.is_err() {
            std::future::pending().await
        }
    }
}

impl PendingCalls {
    /// The next waiting call; none after the use case has ended.
    pub async fn next(&mut self) -> Option<PendingCall> {
        self.calls.recv().await
    }
}

impl PendingCall {
    /// Lets the use case make the call.
    pub fn release(self) {
        // The use case may have been dropped while it waited.
        let _ = self.release.send(());
    }
}
