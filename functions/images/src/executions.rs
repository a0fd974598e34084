//! `POST /executions`: processes a picture again.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use pipeline::{
    Timestamp,
    api::{ApiPorts, reprocess},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Api, Problem,
    extract::{JsonBody, check_source_key},
    scope::ManageScope,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with a key")]
pub(crate) struct ReprocessRequest {
    key: String,
}

pub(crate) async fn create<P: ApiPorts>(
    State(api): State<Arc<Api<P>>>,
    _: ManageScope,
    JsonBody(request): JsonBody<ReprocessRequest>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let key = check_source_key(request.key)?;
    let Some(execution) = reprocess(&key, Timestamp::now(), &api.ports).await? else {
        let detail = format!("there is no source with the key '{key}'");
        return Err(Problem::new(StatusCode::NOT_FOUND, detail).with_member("key", key));
    };
    Ok((StatusCode::ACCEPTED, Json(json!({"key": key, "execution": execution}))))
}
