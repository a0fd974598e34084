//! The API's table.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use pipeline::{Profiles, lambda::config::ImagesConfig, ports::Archive};
use serde_json::{Value, json};

use crate::{Problem, cors, executions, pictures, uploads};

/// What every call works with.
#[derive(Debug)]
pub struct Api<A> {
    pub(crate) archive: A,
    pub(crate) profiles: Profiles,
    /// Whether links to renditions run out.
    pub(crate) links: Links,
    pub(crate) origins: Vec<String>,
    /// IDs of the API keys that may process again and delete; empty: every caller may.
    pub(crate) manage_keys: Vec<String>,
}

/// How renditions are linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// They are public.
    Lasting,
    /// For an hour.
    Signed,
}

impl<A: Archive> Api<A> {
    /// The API over that archive.
    pub fn new(archive: A, config: ImagesConfig) -> Self {
        let links = if config.delivery.is_some() { Links::Lasting } else { Links::Signed };
        let ImagesConfig { profiles, cors_origins: origins, manage_keys, .. } = config;
        Self { archive, profiles, links, origins, manage_keys }
    }
}

/// No body that is JSON here is nearly as long.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Which call is which use case.
pub fn router<A: Archive>(api: Arc<Api<A>>) -> Router {
    Router::new()
        .route("/uploads", post(uploads::create::<A>).get(uploads::create_by_query::<A>))
        .route("/images", get(pictures::list::<A>))
        .route("/images/{*key}", get(pictures::show::<A>).delete(pictures::remove::<A>))
        .route("/executions", post(executions::create::<A>))
        .route("/health", get(health))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(api.clone(), cors::allow::<A>))
        .layer(middleware::map_response(forbid_caching))
        .with_state(api)
}

/// Answers hold presigned links and records of pictures. A picture's own may be kept by its caller, to ask with its ETag.
async fn forbid_caching(mut response: Response) -> Response {
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
