//! A gate before every call, so that a test decides whose turn it is.
//!
//! Two executions that race take their steps in whatever order the operating system likes. Behind
//! gates they take them in the order that a test likes, and a test can try every order there is.

use tokio::sync::{mpsc, oneshot};

/// What a use case waits at before each of its calls.
#[derive(Debug, Clone)]
pub struct Gate {
    arrivals: mpsc::UnboundedSender<Arrival>,
}

/// The other side of a [`Gate`]: where its calls arrive.
#[derive(Debug)]
pub struct Gatekeeper {
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

/// A call that waits to be made. Dropped, it is never made, and its use case hangs for ever.
#[derive(Debug)]
pub struct Arrival {
    /// The port's method.
    pub call: &'static str,
    pass: oneshot::Sender<()>,
}

impl Gate {
    /// A gate and its keeper.
    pub fn new() -> (Self, Gatekeeper) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { arrivals: sender }, Gatekeeper { arrivals: receiver })
    }

    /// Waits for the keeper. A gate that nobody keeps is open.
    pub(super) async fn pass(&self, call: &'static str) {
        let (pass, passed) = oneshot::channel();
        if self.arrivals.send(Arrival { call, pass }).is_ok() && passed.await.is_err() {
            std::future::pending().await
        }
    }
}

impl Gatekeeper {
    /// The next call that arrives; none once everybody has gone home.
    pub async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }
}

impl Arrival {
    /// Lets the call be made.
    pub fn let_pass(self) {
        // Whoever waited may have been killed since.
        let _ = self.pass.send(());
    }
}
