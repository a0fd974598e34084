//! The [ports](crate::ports) on AWS: S3, DynamoDB, EventBridge and Step Functions.
//!
//! Types of the SDKs stay in this module.

mod client;
mod errors;
mod event_bus;
mod multipart;
mod object_store;
mod record_index;
mod record_item;
mod record_table;
mod renditions;
mod sources;
mod stack_ports;
mod state_machine;

pub use client::{https_client, sdk_config, sdk_config_loader};
pub use event_bus::EventBus;
pub use object_store::ObjectStore;
pub use record_table::RecordTable;
pub use stack_ports::StackPorts;
pub use state_machine::StateMachine;
