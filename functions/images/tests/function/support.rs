//! The images function with in-memory ports, called with the events that Lambda would pass to it.

use std::{fs, path::Path};

use images::{Api, Function};
use lambda_runtime::{Context, LambdaEvent};
use pipeline::{
    FailureNote, Picture, Record, RecordOutcome, Rendition, Retention, Sequencer, UploadFacts,
    lambda::config::ImagesConfig, ports::Records, testing::InMemoryCloud,
};
use serde_json::{Value, json};

pub(crate) struct TestFunction {
    pub(crate) cloud: InMemoryCloud,
    function: Function<InMemoryCloud>,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u64,
    pub(crate) headers: Value,
    pub(crate) body: Value,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers[name].as_str()
    }
}

impl TestFunction {
    /// Every caller may process again and delete.
    pub(crate) fn new() -> Self {
        Self::with_manage_keys("")
    }

    /// Only these API keys, separated by commas, may process again and delete.
    pub(crate) fn with_manage_keys(keys: &str) -> Self {
        let config = ImagesConfig::read(|name| match name {
            "CORS_ORIGINS" => Some("https://pictures.example".to_owned()),
            "MANAGE_KEYS" => Some(keys.to_owned()),
            "DELIVERY_DOMAIN" | "PROFILES" | "DEFAULT_PROFILE" => None,
            _ => Some("named".to_owned()),
        });
        let cloud = InMemoryCloud::default();
        Self { function: Function::new(Api::new(cloud.clone(), config.unwrap())), cloud }
    }

    /// Passes an event to the function. Returns its result as it is.
    pub(crate) async fn handle(&self, event: Value) -> Value {
        let mut context = Context::default();
        context.request_id = "lambda-request".to_owned();
        self.function.handle(LambdaEvent::new(event, context)).await.unwrap()
    }

    /// Passes a request of API Gateway to the function. Returns the HTTP response.
    pub(crate) async fn send(&self, event: Value) -> Response {
        let response = self.handle(event).await;
        let body = response["body"].as_str().unwrap_or_default();
        let mut headers = response["headers"].clone();
        for (name, values) in response["multiValueHeaders"].as_object().into_iter().flatten() {
            headers[name] = values[0].clone();
        }
        Response {
            status: response["statusCode"].as_u64().unwrap(),
            body: if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() },
            headers,
        }
    }

    /// Sends a request. `path` is percent-encoded, `query` is not, as in API Gateway's event.
    pub(crate) async fn call(&self, method: &str, path: &str, query: &[(&str, &str)]) -> Response {
        self.send(request(method, path, query)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.call("GET", path, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Response {
        let mut event = request("POST", path, &[]);
        event["body"] = body.into();
        event["headers"]["Content-Type"] = "application/json".into();
        self.send(event).await
    }

    /// Stores a source and a record with the status `processing`.
    pub(crate) async fn add_processing(&self, key: &str) -> Record {
        self.cloud.put_source(key, Some("v1"), b"picture".to_vec());
        let upload = UploadFacts {
            sequencer: Sequencer::new("0065AED6DCD90281E6"),
            version_id: Some("v1".to_owned()),
            etag: "content".to_owned(),
            byte_len: 7,
            format: None,
            width: None,
            height: None,
            profile: "web".to_owned(),
            execution: "a".to_owned(),
            received_at: "2026-05-01T12:00:00Z".parse().unwrap(),
        };
        let picture = Picture { bucket: "sources".to_owned(), key: key.to_owned(), upload };
        let record = Record::processing(&picture, Retention { days: 0 });
        self.cloud.open(&record).await.unwrap();
        record
    }

    /// Stores a source and a completed record with one rendition.
    pub(crate) async fn add_completed(&self, key: &str) -> Record {
        let rendition = Rendition {
            name: "medium".to_owned(),
            key: format!("{key}/medium-0123456789.webp"),
            format: webp(),
            width: 800,
            height: 600,
            byte_len: 9_000,
            limited_by: None,
            tone_mapped: None,
            damaged: None,
            url: None,
        };
        let now = "2026-05-01T12:00:02Z".parse().unwrap();
        let record = self.add_processing(key).await.with_outcome(RecordOutcome::Completed(vec![rendition]), now);
        self.cloud.close(&record).await.unwrap();
        record
    }

    /// Stores a source and a failed record.
    pub(crate) async fn add_failed(&self, key: &str, error: &str, cause: &str) {
        let note = FailureNote { error: error.to_owned(), cause: cause.to_owned() };
        let now = "2026-05-01T12:00:02Z".parse().unwrap();
        let record = self.add_processing(key).await.with_outcome(RecordOutcome::Failed(note), now);
        self.cloud.close(&record).await.unwrap();
    }
}

/// `imaging::Format::Webp`: this crate does not depend on imaging.
fn webp<F: serde::de::DeserializeOwned>() -> F {
    serde_json::from_str("\"webp\"").unwrap()
}

/// API Gateway's event for a request.
pub(crate) fn request(method: &str, path: &str, query: &[(&str, &str)]) -> Value {
    let mut event = event("images.list.json");
    event["httpMethod"] = method.into();
    event["path"] = path.into();
    let single = query.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
    let multi = query.iter().map(|(name, value)| ((*name).to_owned(), json!([value])));
    event["queryStringParameters"] = Value::Object(single.collect());
    event["multiValueQueryStringParameters"] = Value::Object(multi.collect());
    event["multiValueHeaders"] = Value::Null;
    event
}

/// A file of `events/`.
pub(crate) fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
