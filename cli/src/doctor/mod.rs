//! `darkroom doctor`: examines whether a deployed stack works, and reports what is wrong.
//!
//! A check may depend on the checks above it: the first check that fails is the cause of those that fail below it. What
//! the checks create (pictures, a rule, a queue, a user) is listed in [`created`]. The last check deletes it, also
//! after Ctrl-C.

mod check_result;
mod checks;
mod context;
mod created;
mod credentials;
mod interrupt;
mod printer;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use futures_util::future::LocalBoxFuture;
use pipeline::aws::sdk_config_loader;

use self::{
    check_result::{CheckResult, skipped},
    checks::{
        api_access, aws_credentials, bucket_policies, buckets, cdn, cleanup, event_listener, functions,
        published_event, record_table, rejected_file, rendition_links, role_permissions, rules, stack as stack_check,
        state_machine, uploads,
    },
    context::CheckContext,
    interrupt::Interrupt,
    printer::ResultPrinter,
};
use crate::{args::DoctorArgs, stack};

/// One line of the report.
struct Check {
    title: &'static str,
    run: for<'a> fn(&'a mut CheckContext<'_>) -> LocalBoxFuture<'a, CheckResult>,
    /// Whether all checks below it are skipped if it fails.
    required: bool,
}

macro_rules! check {
    ($title:literal, $($run:ident)::+) => {
        Check { title: $title, run: |context| Box::pin($($run)::+(context)), required: false }
    };
    (required $title:literal, $($run:ident)::+) => {
        Check { title: $title, run: |context| Box::pin($($run)::+(context)), required: true }
    };
}

/// Every check, in order.
const CHECKS: &[Check] = &[
    check!(required "credentials and region", aws_credentials::check),
    check!(required "the stack and its outputs", stack_check::check),
    check!("buckets and their events", buckets::check),
    check!("bucket policies", bucket_policies::check),
    check!("record table", record_table::check),
    check!("functions", functions::check),
    check!("state machine and alias", state_machine::check),
    check!("rules and their targets", rules::check),
    check!("permissions of the roles", role_permissions::check),
    check!("API: closed without credentials", api_access::check_closed),
    check!("API: open with credentials", api_access::check_open),
    check!("CDN: settings", cdn::check_settings),
    check!("listener for events", event_listener::check),
    check!("upload to S3", uploads::check_s3),
    check!("event of the upload to S3", published_event::check),
    check!("upload by POST /images, HTTP/1.1", uploads::check_post_http1),
    check!("upload by POST /images, HTTP/2", uploads::check_post_http2),
    check!("upload by presigned PUT", uploads::check_presigned),
    check!("links to renditions", rendition_links::check),
    check!("CDN: delivers a rendition", cdn::check_delivery),
    check!("a text file is rejected", rejected_file::check),
];

/// Examines a stack, and prints a line for each check.
///
/// # Errors
/// If the stack is not found, a required check fails, or the examination is interrupted.
pub(crate) async fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let (sdk, name) = match args.stack.stack.as_deref() {
        Some(name) => (sdk_config_loader().load().await, name.to_owned()),
        None => stack::find_local(&args.stack).await?,
    };
    let interrupt = Interrupt::listen()?;
    let mut context = CheckContext::new(args, sdk, name, interrupt.clone())?;
    let mut printer = ResultPrinter::new(args.json);
    let start = Instant::now();

    let mut failed_required = None;
    for check in CHECKS {
        if let Some(title) = failed_required {
            let result = skipped(format!("it needs the check: {title}"));
            printer.print(check.title, &result, Duration::ZERO);
        } else if interrupt.has_happened() {
            break;
        } else if run_check(check, &mut context, &mut printer).await.is_err() && check.required {
            failed_required = Some(check.title);
        }
    }
    // Not in the list above: it runs after an error or an interrupt, too.
    let cleanup = check!("everything is deleted", cleanup::check);
    run_check(&cleanup, &mut context, &mut printer).await.ok();

    let interrupted = interrupt.has_happened();
    printer.print_summary(start.elapsed(), interrupted);
    if interrupted {
        anyhow::bail!("interrupted");
    }
    if let Some(title) = failed_required {
        anyhow::bail!("the stack {} could not be examined: {title}", context.stack_name);
    }
    Ok(if printer.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run_check(check: &Check, context: &mut CheckContext<'_>, printer: &mut ResultPrinter) -> CheckResult {
    let start = Instant::now();
    let spinner = printer.start_spinner(check.title);
    let result = (check.run)(context).await;
    context.has_failed_check |= result.is_err();
    spinner.finish_and_clear();
    printer.print(check.title, &result, start.elapsed());
    result
}
