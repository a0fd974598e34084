//! CORS headers of responses. API Gateway answers preflight requests, so the function never gets one.
//!
//! `tower-http`'s `CorsLayer` cannot send the same headers. It writes header names in lower case in `Vary` and
//! `Access-Control-Expose-Headers`, it sends the latter to origins that are not allowed, and it answers every `OPTIONS`
//! request itself with 200, where this API answers 405 with a problem document.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use pipeline::api::ApiPorts;

use crate::Api;

const EXPOSED_HEADERS: &str = "ETag, Location, Retry-After";

/// Middleware that lets pages of the configured origins read the response.
pub(crate) async fn add_headers<P: ApiPorts>(State(api): State<Arc<Api<P>>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    if api.cors_origins.is_empty() {
        return response;
    }
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin.filter(|origin| is_allowed(&api.cors_origins, origin)) {
        let exposed = HeaderValue::from_static(EXPOSED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

fn is_allowed(origins: &[String], origin: &HeaderValue) -> bool {
    origins.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes())
}
