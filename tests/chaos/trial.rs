//! Trials: one upload with one fault, observed until nothing more happens without an operator.

use std::time::Duration;

use end_to_end::{DeployedStack, UploadedSource, proxy::FaultProxy};
use pipeline::{Record, ports::Records};

use crate::{
    cases::Case,
    event_log::{EventLog, UploadResult},
    promises::{Baseline, check_first_result},
    upload_kinds::UploadKind,
};

/// Longer than all retries of a call, and then all retries of publishing the failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// What all trials share.
pub(crate) struct Environment {
    pub(crate) stack: DeployedStack,
    pub(crate) proxy: FaultProxy,
    pub(crate) event_log: EventLog,
}

/// The result of trying one case.
pub(crate) struct Trial<'a> {
    pub(crate) case: &'a Case<'a>,
    pub(crate) uploaded: UploadedSource,
    /// The record of the key's previous upload.
    pub(crate) previous: Option<Record>,
    pub(crate) result: Option<UploadResult>,
    /// A description of each broken promise.
    pub(crate) broken: Vec<String>,
}

impl Trial<'_> {
    /// Whether the expected outcome was reached without a redrive.
    pub(crate) fn needed_no_redrive(&self) -> bool {
        self.result == Some(UploadResult::Published(self.case.kind.expected_status))
    }
}

impl Environment {
    /// Uploads the previous content, waits for its outcome, calls `before_upload`, and uploads the content.
    ///
    /// Returns the upload, and the record of the previous one.
    pub(crate) async fn upload(
        &self,
        kind: &UploadKind,
        name: &str,
        before_upload: impl FnOnce(&FaultProxy, &str),
    ) -> Result<(UploadedSource, Option<Record>), String> {
        let key = kind.key(name);
        let mut previous = None;
        if let Some(content) = &kind.previous_content {
            let uploaded = self.stack.upload(&key, content.clone()).await;
            if self.event_log.wait_for_result(&uploaded.version_id, PATIENCE).await.is_none() {
                return Err("the previous upload has no outcome".to_owned());
            }
            previous = self.record(&key).await;
        }
        before_upload(&self.proxy, &key);
        Ok((self.stack.upload(&key, kind.content.clone()).await, previous))
    }

    /// Tries one case.
    ///
    /// It is tried up to three times if no fault was injected: a process can end before it is killed.
    pub(crate) async fn run_trial<'a>(
        &self,
        number: usize,
        case: &'a Case<'a>,
        baseline: &Baseline,
    ) -> Result<Trial<'a>, String> {
        let mut trial = self.run_trial_once(&format!("{number:04}-1"), case, baseline).await?;
        for attempt in 2..=3 {
            if self.proxy.has_injected(&trial.uploaded.key, &case.plan.call) {
                break;
            }
            trial = self.run_trial_once(&format!("{number:04}-{attempt}"), case, baseline).await?;
        }
        Ok(trial)
    }

    async fn run_trial_once<'a>(
        &self,
        name: &str,
        case: &'a Case<'a>,
        baseline: &Baseline,
    ) -> Result<Trial<'a>, String> {
        let add_plans = |proxy: &FaultProxy, key: &str| {
            for plan in case.kind.standing_plan.iter().chain([&case.plan]) {
                proxy.add_plan(key, plan.clone());
            }
        };
        let (uploaded, previous) = self.upload(case.kind, name, add_plans).await?;
        let result = self.event_log.wait_for_result(&uploaded.version_id, PATIENCE).await;
        let mut trial = Trial { case, uploaded, previous, result, broken: Vec::new() };
        if let Err(broken) = check_first_result(self, &trial, baseline).await {
            trial.broken.push(broken);
        }
        Ok(trial)
    }

    pub(crate) async fn record(&self, key: &str) -> Option<Record> {
        self.stack.records.get(key).await.expect("the table answers")
    }

    /// Waits until no function has made a call for two seconds and no execution runs.
    pub(crate) async fn wait_until_idle(&self) {
        const IDLE_TIME: Duration = Duration::from_secs(2);
        while !self.proxy.is_idle_for(IDLE_TIME) || self.stack.has_running_executions().await {
            tokio::time::sleep(IDLE_TIME / 2).await;
        }
    }
}
