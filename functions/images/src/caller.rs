//! What the caller may do, beyond what API Gateway has checked: process again and delete.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use lambda_http::request::RequestContext;
use pipeline::ports::Archive;

use crate::{Api, Problem};

/// The caller may process again and delete: one of the keys that do, or, where none is named, any caller.
pub(crate) struct Manager;

impl<A: Archive> FromRequestParts<Arc<Api<A>>> for Manager {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api<A>>) -> Result<Self, Problem> {
        let key_id = match parts.extensions.get() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.api_key_id.as_deref(),
            _ => None,
        };
        let managers = &api.manage_keys;
        if managers.is_empty() || key_id.is_some_and(|id| managers.iter().any(|it| it == id)) {
            return Ok(Self);
        }
        let detail = "this key may not process again or delete: the parameter ApiManageKeys names those that may";
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }
}
