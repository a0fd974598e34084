//! Handles Ctrl-C: the examination stops at the next pause, and deletes what it created.

use anyhow::Context;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use tokio::sync::watch;

use crate::terminal;

/// Whether the user has interrupted the examination.
#[derive(Debug, Clone)]
pub(super) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens for SIGINT and SIGTERM. A second signal ends the program at once.
    ///
    /// # Errors
    /// If the signal handlers cannot be installed.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let mut signals = Signals::new([SIGINT, SIGTERM]).context("listening for Ctrl-C")?;
        std::thread::spawn(move || {
            for _ in &mut signals {
                if sender.send_replace(true) {
                    terminal::print_error("interrupted again: resources whose names begin with doctor- may remain");
                    std::process::exit(2);
                }
                terminal::print_error("interrupted: deleting what was created (interrupt again to stop at once)");
            }
        });
        Ok(Self(receiver))
    }

    /// Whether a signal has arrived.
    pub(super) fn has_happened(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until a signal arrives.
    pub(super) async fn wait(&self) {
        let mut happened = self.0.clone();
        if happened.wait_for(|happened| *happened).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
