//! `make chaos`: every call of the real binaries fails, in every way, on the local cloud, and every
//! function is killed before, in and after each of its calls; then what ended red is redriven by
//! `darkroom redrive`, and what is promised is checked for each upload.

mod ledger;
mod matrix;
mod operator;
mod outages;
mod promises;
mod removals;
mod report;
mod story;
mod trial;

use std::{collections::BTreeMap, net::SocketAddr, process::ExitCode};

use clap::Parser;
use end_to_end::{Cloud, proxy::Proxy};
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    ledger::Ledger,
    matrix::Case,
    operator::Operator,
    promises::{Undisturbed, hold_at_the_end},
    story::{Story, stories},
    trial::{Laboratory, PATIENCE, Trial},
};

/// Breaks every call and kills every function, and checks what is promised. The exit code is 1 when
/// a promise is broken.
#[derive(Debug, Parser)]
struct Args {
    /// Strike at this call only, as `s3:GetObject`.
    #[arg(long, value_name = "CALL")]
    only: Option<String>,
    /// This kind of upload only, or `deleted`.
    #[arg(long, value_name = "NAME")]
    story: Option<String>,
    /// Try so many of all cases, chosen by the seed.
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    #[arg(long, value_name = "N", default_value = "1", requires = "sample")]
    seed: u64,
    /// Uploads at a time: most of them wait for a retry.
    #[arg(long, value_name = "N", default_value = "16")]
    at_once: usize,
    /// Leave out the outages of the whole cloud.
    #[arg(long)]
    no_outages: bool,
    /// Where the proxy listens, that the functions call.
    #[arg(long, value_name = "PORT", env = "CHAOS_PROXY_PORT")]
    proxy_port: u16,
    #[command(flatten)]
    operator: Operator,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let cloud = Cloud::find();
    let upstream = cloud.output("Endpoint").trim_start_matches("http://").parse::<SocketAddr>();
    let upstream = upstream.expect("the local cloud is at an address");
    let proxy = Proxy::start(args.proxy_port, upstream).await.expect("the proxy's port is free");
    let ledger = Ledger::keep(&cloud).await;
    let mut laboratory = Laboratory { cloud, proxy, ledger };

    let stories = stories();
    let wanted = |name: &str| args.story.as_deref().is_none_or(|wanted| wanted == name);
    let mut cases = Vec::new();
    let mut undisturbed = BTreeMap::new();
    for story in stories.iter().filter(|story| wanted(story.name)) {
        let (clean, calls) = clean_day(&laboratory, story).await;
        undisturbed.insert(story.name, clean);
        cases.extend(matrix::cases(story, &calls));
    }
    cases.retain(|case| args.only.as_ref().is_none_or(|only| *only == case.plan.call));
    if let Some(count) = args.sample {
        cases = matrix::sample(cases, count, args.seed);
    }
    cases.sort_by_key(|case| std::cmp::Reverse(case.slowness()));

    let (trials, untried) = strike(&laboratory, &cases, &undisturbed, args.at_once).await;
    let removed = stories.iter().find(|story| story.name == "changed").expect("it is there");
    let mut removals = Vec::new();
    if args.sample.is_none() && wanted("deleted") {
        removals = removals::plan(&laboratory, removed).await;
        removals.retain(|case| args.only.as_ref().is_none_or(|only| *only == case.plan.call));
    }
    let deleted = removals::strike(&laboratory, removed, &removals, args.at_once).await;
    args.operator.bring_through(&laboratory, &trials).await;
    let trials = conclude(&laboratory, trials, &undisturbed, args.at_once).await;
    report::print(&trials);
    let mut broken = untried + trials.iter().filter(|trial| !trial.broken.is_empty()).count();
    broken += removals::conclude(&laboratory, removals.len(), &deleted).await;
    if !args.no_outages {
        broken += outages::go_through(&mut laboratory, &args.operator).await;
    }
    if broken == 0 && trials.len() + deleted.len() > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What comes of a story when nothing strikes, and the calls that are struck then.
async fn clean_day(
    laboratory: &Laboratory,
    story: &Story,
) -> (Undisturbed, Vec<end_to_end::proxy::Call>) {
    let key = story.key("clean");
    let (uploaded, _) = laboratory.upload(story, "clean", |_, _| ()).await.expect("a clean day");
    let told = laboratory.ledger.standing(&uploaded.version_id, PATIENCE).await;
    let record = laboratory.record(&key).await.expect("a clean day leaves a record");
    assert_eq!(record.status, story.ends, "{}, told: {told:?}", story.name);
    let undisturbed = Undisturbed::of(&record, &laboratory.cloud).await;

    // Once more, with what the story begins with: these are its calls.
    let mut before = 0;
    let plan = |proxy: &Proxy, key: &str| {
        before = proxy.calls(key).len();
        if let Some(plan) = &story.besides {
            proxy.plan(key, plan.clone());
        }
    };
    let (uploaded, _) = laboratory.upload(story, "calls", plan).await.expect("a clean day");
    laboratory.ledger.standing(&uploaded.version_id, PATIENCE).await;
    laboratory.quiet().await;
    let calls = laboratory.proxy.calls(&story.key("calls")).split_off(before);
    (undisturbed, calls)
}

/// Tries every case; and how many of them could not be tried.
async fn strike<'a>(
    laboratory: &Laboratory,
    cases: &'a [Case<'a>],
    undisturbed: &BTreeMap<&str, Undisturbed>,
    at_once: usize,
) -> (Vec<Trial<'a>>, usize) {
    let bar = progress("striking", cases.len());
    let all = stream::iter(cases.iter().enumerate());
    let tried = all.map(|(number, case)| {
        let bar = &bar;
        async move {
            let tried = laboratory.try_out(number, case, &undisturbed[case.story.name]).await;
            bar.inc(1);
            tried.inspect_err(|error| bar.println(format!("UNTRIED {case}: {error}"))).ok()
        }
    });
    let tried: Vec<_> = tried.buffer_unordered(at_once).collect().await;
    bar.finish_and_clear();
    let untried = tried.iter().filter(|trial| trial.is_none()).count();
    (tried.into_iter().flatten().collect(), untried)
}

/// Checks what holds at the end, and says what does not.
async fn conclude<'a>(
    laboratory: &Laboratory,
    trials: Vec<Trial<'a>>,
    undisturbed: &BTreeMap<&str, Undisturbed>,
    at_once: usize,
) -> Vec<Trial<'a>> {
    let bar = progress("checking", trials.len());
    let all = stream::iter(trials).map(|mut trial| {
        let bar = &bar;
        async move {
            let (case, key) = (trial.case, &trial.uploaded.key);
            if !laboratory.proxy.has_struck(key, &case.plan.call) {
                trial.broken.push("nothing struck: the case shows nothing".to_owned());
            }
            let clean = &undisturbed[case.story.name];
            if let Err(broken) = hold_at_the_end(laboratory, &trial, clean).await {
                trial.broken.push(broken);
            }
            bar.inc(1);
            for broken in &trial.broken {
                eprintln!("BROKEN {case} ({}): {broken}", trial.uploaded.key);
            }
            trial
        }
    });
    let concluded = all.buffer_unordered(at_once).collect().await;
    bar.finish_and_clear();
    concluded
}

fn progress(doing: &'static str, len: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {elapsed}");
    let bar = ProgressBar::new(len as u64).with_style(style.expect("it is a template"));
    bar.with_message(doing)
}
