//! Methods and paths of the API, and the handler of each.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use pipeline::api::ApiPorts;
use serde_json::{Value, json};

use crate::{Api, Problem, cors, executions, extract::MAX_BODY_BYTES, images, uploads};

/// Maps each method and path to its handler. An unknown path is answered with 404, a wrong method with 405.
pub fn router<P: ApiPorts>(api: Arc<Api<P>>) -> Router {
    Router::new()
        .route("/uploads", post(uploads::create::<P>).get(uploads::create_from_query::<P>))
        .route("/images", get(images::list::<P>))
        .route("/images/{*key}", get(images::show::<P>).delete(images::delete::<P>))
        .route("/executions", post(executions::create::<P>))
        .route("/health", get(health))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(api.clone(), cors::add_headers::<P>))
        .layer(middleware::map_response(forbid_caching_by_default))
        .with_state(api)
}

/// Adds `Cache-Control: no-store` unless the handler has set another value.
async fn forbid_caching_by_default(mut response: Response) -> Response {
    // Responses contain presigned URLs. Only `GET /images/{key}` may be cached: its ETag is checked on each request.
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(no_store);
    response
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

async fn unknown_path(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{method} is not allowed at {}", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
