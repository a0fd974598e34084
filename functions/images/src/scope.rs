//! The manage scope: the right to process a picture again and to delete it.
//!
//! API Gateway has already authenticated the caller. With API keys, the parameter `ApiManageKeys` restricts this scope
//! to some of them.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use lambda_http::request::RequestContext;
use pipeline::api::ApiPorts;

use crate::{Api, Problem};

/// Extractor that answers 403 unless the caller's API key has the manage scope.
///
/// If no key is configured, every caller has it.
pub(crate) struct ManageScope;

impl<P: ApiPorts> FromRequestParts<Arc<Api<P>>> for ManageScope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api<P>>) -> Result<Self, Problem> {
        let key_id = match parts.extensions.get() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.api_key_id.as_deref(),
            _ => None,
        };
        let allowed = &api.manage_keys;
        if allowed.is_empty() || key_id.is_some_and(|id| allowed.iter().any(|it| it == id)) {
            return Ok(Self);
        }
        let detail = "this API key may not process again or delete; the parameter ApiManageKeys lists those that may";
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }
}
