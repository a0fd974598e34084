//! Events on EventBridge.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};

use super::errors::classify;
use crate::{Failure, Result, messages::ImageEvent, ports::Events};

/// One event bus.
#[derive(Debug, Clone)]
pub struct EventBus {
    events: Client,
    name: String,
}

impl EventBus {
    /// The bus with that name or ARN.
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self { events: Client::new(config), name: name.to_owned() }
    }
}

impl Events for EventBus {
    async fn publish(&self, event: &ImageEvent) -> Result<()> {
        let detail = serde_json::to_string(event).expect("an event is plain data");
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(ImageEvent::SOURCE)
            .set_detail_type(event.detail_type().map(str::to_owned))
            .detail(detail)
            .build();
        let sent = self.events.put_events().entries(entry).send().await;
        let answer = sent.map_err(|error| classify("events:PutEvents", error))?;
        // A throttled bus answers 200, with an error code for each refused entry.
        match answer.entries().iter().find_map(|entry| entry.error_code()) {
            None => Ok(()),
            Some(code) => Err(Failure::DependencyUnavailable { call: "events:PutEvents", source: code.into() }),
        }
    }
}
