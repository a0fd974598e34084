//! An HTTP proxy between the functions and the local cloud that injects faults.
//!
//! It names each call as IAM does (`s3:GetObject`), records it, and injects a fault if a plan matches. It listens on
//! 127.0.0.1 only.

mod call;
mod handler;
mod injection;
mod plans;
mod process;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::net::TcpListener;

use self::plans::Plans;
pub use self::{
    call::Call,
    injection::{Injection, KillTime},
    plans::InjectionPlan,
};

/// A running proxy. Clones share its plans and its recorded calls.
#[derive(Debug, Clone)]
pub struct FaultProxy {
    upstream: SocketAddr,
    port: u16,
    plans: Arc<Mutex<Plans>>,
    activity: Arc<Mutex<Activity>>,
}

/// What [`FaultProxy::is_idle_for`] is decided by.
#[derive(Debug)]
struct Activity {
    calls_in_flight: usize,
    last_call_ended: Instant,
}

impl FaultProxy {
    /// Listens on `port` until the program ends, and forwards all calls to `upstream`.
    ///
    /// # Errors
    /// If the port is in use.
    pub async fn start(port: u16, upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let activity = Activity { calls_in_flight: 0, last_call_ended: Instant::now() };
        let activity = Arc::new(Mutex::new(activity));
        let proxy = Self { upstream, port, plans: Arc::default(), activity };
        tokio::spawn(proxy.clone().listen(listener));
        Ok(proxy)
    }

    /// Injects faults, as planned, into calls that mention `subject` in their path or body.
    pub fn add_plan(&self, subject: &str, plan: InjectionPlan) {
        self.plans().add(subject, plan);
    }

    /// Ends all plans.
    pub fn stop_injecting(&self) {
        self.plans().stop();
    }

    /// Whether a plan for `subject` has injected a fault into a call of that name.
    pub fn has_injected(&self, subject: &str, call: &str) -> bool {
        self.plans().have_injected(subject, call)
    }

    /// The calls that mention `subject`, in order.
    pub fn calls_about(&self, subject: &str) -> Vec<Call> {
        self.plans().calls_about(subject)
    }

    /// Whether no call is in flight and the last one ended longer than `duration` ago.
    pub fn is_idle_for(&self, duration: Duration) -> bool {
        let activity = self.activity();
        activity.calls_in_flight == 0 && activity.last_call_ended.elapsed() > duration
    }

    fn plans(&self) -> MutexGuard<'_, Plans> {
        self.plans.lock().expect("no holder of the lock panics")
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().expect("no holder of the lock panics")
    }
}
