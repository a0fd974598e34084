//! The ports of a deployed stack.

use aws_config::SdkConfig;

use super::{ObjectStore, RecordTable, StateMachine};
use crate::{
    api::ApiPorts,
    ports::{Executions, Records, Renditions, Sources},
};

/// The adapters that the HTTP API needs.
#[derive(Debug, Clone)]
pub struct StackPorts {
    objects: ObjectStore,
    records: RecordTable,
    executions: StateMachine,
    source_bucket: String,
    destination_bucket: String,
}

impl StackPorts {
    /// The adapters for the stack with these buckets, table and state machine.
    pub fn new(
        sdk: &SdkConfig,
        source_bucket: &str,
        destination_bucket: &str,
        record_table: &str,
        state_machine_arn: &str,
    ) -> Self {
        Self {
            objects: ObjectStore::new(sdk),
            records: RecordTable::new(sdk, record_table),
            executions: StateMachine::new(sdk, state_machine_arn),
            source_bucket: source_bucket.to_owned(),
            destination_bucket: destination_bucket.to_owned(),
        }
    }
}

impl ApiPorts for StackPorts {
    fn sources(&self) -> &impl Sources {
        &self.objects
    }

    fn renditions(&self) -> &impl Renditions {
        &self.objects
    }

    fn records(&self) -> &impl Records {
        &self.records
    }

    fn executions(&self) -> &impl Executions {
        &self.executions
    }

    fn source_bucket(&self) -> &str {
        &self.source_bucket
    }

    fn destination_bucket(&self) -> &str {
        &self.destination_bucket
    }
}
