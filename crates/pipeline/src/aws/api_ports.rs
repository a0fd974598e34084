//! All that the images function works with, in one stack.

use aws_config::SdkConfig;

use super::{DestinationBucket, RecordTable, SignedUrls, SourceBucket, StateMachine};
use crate::{lambda::config::ImagesConfig, ports::Archive};

/// The adapters of one deployed stack.
#[derive(Debug, Clone)]
pub struct StackArchive {
    records: RecordTable,
    sources: SourceBucket,
    renditions: DestinationBucket,
    urls: SignedUrls,
    executions: StateMachine,
}

impl StackArchive {
    /// What the configuration names.
    pub fn new(sdk: &SdkConfig, config: &ImagesConfig) -> Self {
        Self {
            records: RecordTable::new(sdk, &config.record_table),
            sources: SourceBucket::new(sdk, &config.source_bucket),
            renditions: DestinationBucket::new(sdk, &config.destination_bucket),
            urls: SignedUrls::new(
                sdk,
                &config.source_bucket,
                &config.destination_bucket,
                config.delivery.clone(),
            ),
            executions: StateMachine::new(sdk, &config.state_machine_arn),
        }
    }
}

impl Archive for StackArchive {
    type Records = RecordTable;
    type Sources = SourceBucket;
    type Renditions = DestinationBucket;
    type Urls = SignedUrls;
    type Executions = StateMachine;

    fn records(&self) -> &RecordTable {
        &self.records
    }

    fn sources(&self) -> &SourceBucket {
        &self.sources
    }

    fn renditions(&self) -> &DestinationBucket {
        &self.renditions
    }

    fn urls(&self) -> &SignedUrls {
        &self.urls
    }

    fn executions(&self) -> &StateMachine {
        &self.executions
    }
}
