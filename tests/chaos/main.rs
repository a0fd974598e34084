//! `make chaos`: injects every fault into every call of the deployed functions, on the local cloud.
//!
//! Each call of each kind of upload fails in every way, and the process that makes it is killed before, during and
//! after it. Then one `darkroom redrive` follows, as an operator would run it, and the promises of docs/reliability.md
//! are checked for each upload.
//!
//! - [`mod@upload_kinds`] and [`cases`] say what is tried.
//! - [`trial`] tries one case, [`removals`] the deletion of a source, [`outages`] more than one call at a time.
//! - [`promises`] checks the results, [`report`] prints them.

mod cases;
mod event_log;
mod operator;
mod outages;
mod promises;
mod removals;
mod report;
mod trial;
mod upload_kinds;

use std::{cmp::Reverse, collections::BTreeMap, net::SocketAddr, process::ExitCode};

use clap::Parser;
use end_to_end::{
    DeployedStack,
    proxy::{Call, FaultProxy},
};
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    cases::Case,
    event_log::EventLog,
    operator::Operator,
    promises::{Baseline, check_final_state},
    trial::{Environment, PATIENCE, Trial},
    upload_kinds::{UploadKind, upload_kinds},
};

/// Injects faults into every call of the functions, and checks the promises of docs/reliability.md
///
/// The exit code is 1 if a promise is broken.
#[derive(Debug, Parser)]
struct Args {
    /// Inject faults into this call only, such as s3:GetObject
    #[arg(long, value_name = "CALL")]
    only: Option<String>,
    /// Try this kind of upload only, or `deleted`
    #[arg(long = "story", value_name = "NAME")]
    upload_kind: Option<String>,
    /// Try so many of all cases, chosen by the seed
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// The seed of --sample
    #[arg(long, value_name = "N", default_value = "1", requires = "sample")]
    seed: u64,
    /// Uploads at a time: most of them wait for a retry
    #[arg(long, value_name = "N", default_value = "16")]
    at_once: usize,
    /// Leave out the outages of the whole cloud
    #[arg(long)]
    no_outages: bool,
    /// The port on which the proxy listens for the functions' calls
    #[arg(long, value_name = "PORT", env = "CHAOS_PROXY_PORT")]
    proxy_port: u16,
    #[command(flatten)]
    operator: Operator,
}

impl Args {
    fn wants_kind(&self, name: &str) -> bool {
        self.upload_kind.as_deref().is_none_or(|wanted| wanted == name)
    }

    fn wants_call(&self, case: &Case<'_>) -> bool {
        self.only.as_ref().is_none_or(|only| *only == case.plan.call)
    }
}

type Baselines = BTreeMap<&'static str, Baseline>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let mut environment = start_environment(args.proxy_port).await;
    let kinds = upload_kinds();

    let mut cases = Vec::new();
    let mut baselines = Baselines::new();
    for kind in kinds.iter().filter(|kind| args.wants_kind(kind.name)) {
        baselines.insert(kind.name, run_baseline(&environment, kind).await);
        cases.extend(cases::cases(kind, &record_calls(&environment, kind).await));
    }
    cases.retain(|case| args.wants_call(case));
    if let Some(count) = args.sample {
        cases = cases::sample(cases, count, args.seed);
    }
    cases.sort_by_key(|case| Reverse(case.slowness()));
    let (trials, untried) = run_trials(&environment, &cases, &baselines, args.at_once).await;

    let changed = kinds.iter().find(|kind| kind.name == "changed").expect("that kind exists");
    let mut removal_cases = Vec::new();
    if args.sample.is_none() && args.wants_kind("deleted") {
        removal_cases = removals::removal_cases(&environment, changed).await;
        removal_cases.retain(|case| args.wants_call(case));
    }
    let removals = removals::run_removals(&environment, changed, &removal_cases, args.at_once).await;

    args.operator.redrive_all(&environment, &trials).await;
    let trials = check_trials(&environment, trials, &baselines, args.at_once).await;
    report::print(&trials);
    let mut broken = untried + trials.iter().filter(|trial| !trial.broken.is_empty()).count();
    broken += removals::check_removals(&environment, removal_cases.len(), &removals).await;
    if !args.no_outages {
        broken += outages::run(&mut environment, &args.operator).await;
    }
    if broken == 0 && trials.len() + removals.len() > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn start_environment(proxy_port: u16) -> Environment {
    let stack = DeployedStack::find();
    let upstream = stack.output("Endpoint").trim_start_matches("http://").parse::<SocketAddr>();
    let upstream = upstream.expect("the local cloud's endpoint is an address and a port");
    let proxy = FaultProxy::start(proxy_port, upstream).await.expect("the proxy's port is free");
    let event_log = EventLog::start(&stack).await;
    Environment { stack, proxy, event_log }
}

/// Uploads without faults, and reads the outcome.
async fn run_baseline(environment: &Environment, kind: &UploadKind) -> Baseline {
    let uploaded = environment.upload(kind, "clean", |_, _| ()).await;
    let (uploaded, _) = uploaded.expect("without faults, the previous upload has an outcome");
    let result = environment.event_log.wait_for_result(&uploaded.version_id, PATIENCE).await;
    let record = environment.record(&uploaded.key).await;
    let record = record.expect("an upload without faults has a record");
    assert_eq!(record.status, kind.expected_status, "{}: {result:?}", kind.name);
    Baseline::read(&record, &environment.stack).await
}

/// Uploads with the kind's standing plan only. Returns the calls that are made.
async fn record_calls(environment: &Environment, kind: &UploadKind) -> Vec<Call> {
    let mut earlier_calls = 0;
    let add_plan = |proxy: &FaultProxy, key: &str| {
        earlier_calls = proxy.calls_about(key).len();
        if let Some(plan) = &kind.standing_plan {
            proxy.add_plan(key, plan.clone());
        }
    };
    let uploaded = environment.upload(kind, "calls", add_plan).await;
    let (uploaded, _) = uploaded.expect("without faults, the previous upload has an outcome");
    environment.event_log.wait_for_result(&uploaded.version_id, PATIENCE).await;
    environment.wait_until_idle().await;
    environment.proxy.calls_about(&uploaded.key).split_off(earlier_calls)
}

/// Tries every case. Returns the trials, and the number of cases that could not be tried.
async fn run_trials<'a>(
    environment: &Environment,
    cases: &'a [Case<'a>],
    baselines: &Baselines,
    at_once: usize,
) -> (Vec<Trial<'a>>, usize) {
    let bar = progress_bar("injecting faults", cases.len());
    let all = stream::iter(cases.iter().enumerate());
    let trials = all.map(|(number, case)| {
        let bar = &bar;
        async move {
            let trial = environment.run_trial(number, case, &baselines[case.kind.name]).await;
            bar.inc(1);
            trial.inspect_err(|error| bar.println(format!("NOT TRIED {case}: {error}"))).ok()
        }
    });
    let trials: Vec<_> = trials.buffer_unordered(at_once).collect().await;
    bar.finish_and_clear();
    let untried = trials.iter().filter(|trial| trial.is_none()).count();
    (trials.into_iter().flatten().collect(), untried)
}

/// Checks the final state of each trial after the redrive, and prints each broken promise.
async fn check_trials<'a>(
    environment: &Environment,
    trials: Vec<Trial<'a>>,
    baselines: &Baselines,
    at_once: usize,
) -> Vec<Trial<'a>> {
    let bar = progress_bar("checking", trials.len());
    let all = stream::iter(trials).map(|mut trial| {
        let bar = &bar;
        async move {
            let (case, key) = (trial.case, &trial.uploaded.key);
            if !environment.proxy.has_injected(key, &case.plan.call) {
                trial.broken.push("no fault was injected: the case proves nothing".to_owned());
            }
            let baseline = &baselines[case.kind.name];
            if let Err(broken) = check_final_state(environment, &trial, baseline).await {
                trial.broken.push(broken);
            }
            bar.inc(1);
            for broken in &trial.broken {
                eprintln!("BROKEN {case} ({}): {broken}", trial.uploaded.key);
            }
            trial
        }
    });
    let trials = all.buffer_unordered(at_once).collect().await;
    bar.finish_and_clear();
    trials
}

fn progress_bar(message: &'static str, len: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {elapsed}");
    let bar = ProgressBar::new(len as u64).with_style(style.expect("the template is valid"));
    bar.with_message(message)
}
