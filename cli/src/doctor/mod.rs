//! `darkroom doctor`: whether a deployed stack works, and what is wrong if it does not.
//!
//! The checks are in the order in which one depends on another, so the first that fails is the cause of those that
//! fail below it. What a check makes (pictures, a rule, a queue, a user) is noted in [`leftovers`] and removed by the
//! last check, also after Ctrl-C.

mod access;
mod checks;
mod finding;
mod interrupt;
mod leftovers;
mod page;
mod patient;

use std::time::{Duration, Instant};

use futures_util::future::LocalBoxFuture;
use pipeline::aws::loader;

use self::{
    checks::{
        buckets, cdn, credentials, events, functions, links, listener, machine, outputs, policies,
        rejection, removal, roles, routes, rules, table, uploads,
    },
    finding::{Checked, skipped},
    interrupt::Interrupt,
    page::Page,
    patient::Patient,
};
use crate::{
    Outcome,
    args::DoctorArgs,
    aws::{self, http},
    stack,
};

/// A line of the checklist.
struct Check {
    title: &'static str,
    run: for<'a> fn(&'a mut Patient<'_>) -> LocalBoxFuture<'a, Checked>,
    /// Whether nothing below it can be checked without it.
    vital: bool,
}

macro_rules! check {
    ($title:literal, $($run:ident)::+) => {
        Check { title: $title, run: |patient| Box::pin($($run)::+(patient)), vital: false }
    };
    (vital $title:literal, $($run:ident)::+) => {
        Check { title: $title, run: |patient| Box::pin($($run)::+(patient)), vital: true }
    };
}

/// Every check, in order.
const CHECKS: &[Check] = &[
    check!(vital "credentials and region", credentials::check),
    check!(vital "the stack and its outputs", outputs::check),
    check!("buckets, and events of the source", buckets::check),
    check!("bucket policies", policies::check),
    check!("record table", table::check),
    check!("functions", functions::check),
    check!("state machine and alias", machine::check),
    check!("rules, and what they aim at", rules::check),
    check!("rights of the roles", roles::check),
    check!("API: closed without credentials", routes::closed),
    check!("API: open with credentials", routes::open),
    check!("CDN: set up", cdn::set_up),
    check!("a listener for events", listener::check),
    check!("upload straight into S3", uploads::straight),
    check!("its event", events::check),
    check!("upload by POST /images, HTTP/1.1", uploads::post_http1),
    check!("upload by POST /images, HTTP/2", uploads::post_http2),
    check!("upload by presigned PUT", uploads::presigned),
    check!("links to renditions", links::check),
    check!("CDN: delivers a rendition", cdn::delivers),
    check!("a text file is rejected", rejection::check),
];

/// Examines a stack, and prints a line for each check.
///
/// # Errors
/// If there is no stack to examine.
pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(examine(args))
}

async fn examine(args: &DoctorArgs) -> anyhow::Result<Outcome> {
    let (sdk, name) = match args.place.stack.as_deref() {
        Some(name) => (loader().load().await, name.to_owned()),
        None => stack::local(&args.place).await?,
    };
    let interrupt = Interrupt::listen()?;
    let mut patient = Patient::new(args, sdk, name, interrupt.clone())?;
    let mut page = Page::new(args.json);
    let start = Instant::now();

    let mut gave_up = None;
    for check in CHECKS {
        let checked = match gave_up {
            Some(title) => skipped(format!("nothing can be checked without: {title}")),
            None if interrupt.has_happened() => break,
            None => make(check, &mut patient, &mut page).await,
        };
        if gave_up.is_some() {
            page.note(check.title, &checked, Duration::ZERO);
        } else if check.vital && checked.is_err() {
            gave_up = Some(check.title);
        }
    }
    // Not one of the list: it is made whatever happened above.
    let last = check!("everything is deleted", removal::check);
    make(&last, &mut patient, &mut page).await.ok();

    let interrupted = interrupt.has_happened();
    page.sum_up(start.elapsed(), interrupted);
    if interrupted {
        anyhow::bail!("interrupted");
    }
    if let Some(title) = gave_up {
        anyhow::bail!("the stack {} could not be examined: {title}", patient.stack);
    }
    Ok(if page.failed == 0 { Outcome::Good } else { Outcome::SomeBad })
}

async fn make(check: &Check, patient: &mut Patient<'_>, page: &mut Page) -> Checked {
    let start = Instant::now();
    let spinner = page.spinner(check.title);
    let checked = (check.run)(patient).await;
    patient.has_trouble |= checked.is_err();
    spinner.finish_and_clear();
    page.note(check.title, &checked, start.elapsed());
    checked
}
