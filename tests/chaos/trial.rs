//! One upload, with one plan against it.

use std::time::Duration;

use end_to_end::{Cloud, Uploaded, proxy::Proxy};
use pipeline::{Record, ports::Records};

use crate::{
    ledger::{Ledger, Standing},
    matrix::Case,
    promises::{Undisturbed, hold_now},
    story::Story,
};

/// Longer than all retries of a call together, and all retries of what tells of their failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// All that a trial works with.
pub(crate) struct Laboratory {
    pub(crate) cloud: Cloud,
    pub(crate) proxy: Proxy,
    pub(crate) ledger: Ledger,
}

/// How an upload fared until nothing more happened by itself.
pub(crate) struct Trial<'a> {
    pub(crate) case: &'a Case<'a>,
    pub(crate) uploaded: Uploaded,
    /// What the key had before.
    pub(crate) earlier: Option<Record>,
    pub(crate) standing: Option<Standing>,
    /// Promises that were broken, in words.
    pub(crate) broken: Vec<String>,
}

impl Trial<'_> {
    /// Whether the outcome was reached without anybody's help.
    pub(crate) fn by_itself(&self) -> bool {
        self.standing == Some(Standing::Told(self.case.story.ends))
    }
}

impl Laboratory {
    /// Uploads a story's picture over its earlier one, when `plans` are made against it.
    pub(crate) async fn upload(
        &self,
        story: &Story,
        name: &str,
        plan: impl FnOnce(&Proxy, &str),
    ) -> Result<(Uploaded, Option<Record>), String> {
        let key = story.key(name);
        let mut earlier = None;
        if let Some(content) = &story.earlier {
            let uploaded = self.cloud.upload(&key, content.clone()).await;
            if self.ledger.standing(&uploaded.version_id, PATIENCE).await.is_none() {
                return Err("the picture before it has no outcome".to_owned());
            }
            earlier = self.record(&key).await;
        }
        plan(&self.proxy, &key);
        Ok((self.cloud.upload(&key, story.content.clone()).await, earlier))
    }

    /// Tries one case; once or twice again if nothing struck, as when a process ends before it can
    /// be killed.
    pub(crate) async fn try_out<'a>(
        &self,
        number: usize,
        case: &'a Case<'a>,
        undisturbed: &Undisturbed,
    ) -> Result<Trial<'a>, String> {
        let mut trial = self.try_once(&format!("{number:04}-1"), case, undisturbed).await?;
        for attempt in 2..=3 {
            if self.proxy.has_struck(&trial.uploaded.key, &case.plan.call) {
                break;
            }
            trial = self.try_once(&format!("{number:04}-{attempt}"), case, undisturbed).await?;
        }
        Ok(trial)
    }

    /// Uploads with a plan, and waits until nothing more happens by itself.
    async fn try_once<'a>(
        &self,
        name: &str,
        case: &'a Case<'a>,
        undisturbed: &Undisturbed,
    ) -> Result<Trial<'a>, String> {
        let plan = |proxy: &Proxy, key: &str| {
            for plan in case.story.besides.iter().chain([&case.plan]) {
                proxy.plan(key, plan.clone());
            }
        };
        let (uploaded, earlier) = self.upload(case.story, name, plan).await?;
        let standing = self.ledger.standing(&uploaded.version_id, PATIENCE).await;
        let mut trial = Trial { case, uploaded, earlier, standing, broken: Vec::new() };
        if let Err(broken) = hold_now(self, &trial, undisturbed).await {
            trial.broken.push(broken);
        }
        Ok(trial)
    }

    pub(crate) async fn record(&self, key: &str) -> Option<Record> {
        self.cloud.records.get(key).await.expect("the table answers")
    }

    /// Waits until no function has called for a while, and no execution runs.
    pub(crate) async fn quiet(&self) {
        const A_WHILE: Duration = Duration::from_secs(2);
        while !self.proxy.is_quiet(A_WHILE) || self.cloud.has_running_executions().await {
            tokio::time::sleep(A_WHILE / 2).await;
        }
    }
}
