//! Ctrl-C: the examination ends at the next pause, so that everything it made is known and can be removed.

use anyhow::Context;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use tokio::sync::watch;

use crate::report;

/// Whether the user has interrupted the examination.
#[derive(Debug, Clone)]
pub(super) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens for SIGINT and SIGTERM. A second one ends the program at once.
    ///
    /// # Errors
    /// If signals can't be listened for.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let mut signals = Signals::new([SIGINT, SIGTERM]).context("listening for Ctrl-C")?;
        std::thread::spawn(move || {
            for _ in &mut signals {
                if sender.send_replace(true) {
                    report::complain(
                        "interrupted again: what is named doctor-… may be left behind",
                    );
                    std::process::exit(2);
                }
                report::complain("interrupted: removing what was made (a second time: leave it)");
            }
        });
        Ok(Self(receiver))
    }

    pub(super) fn has_happened(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once it happens.
    pub(super) async fn happens(&self) {
        let mut happened = self.0.clone();
        if happened.wait_for(|happened| *happened).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
