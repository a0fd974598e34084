//! `POST /uploads` and `GET /uploads`: a presigned URL to upload to.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use pipeline::{
    Timestamp,
    api::{self as use_cases, ApiPorts, PresignedUpload, UploadRequest},
};

use crate::{
    Api, Problem,
    extract::{JsonBody, QueryString},
};

pub(crate) async fn create<P: ApiPorts>(
    State(api): State<Arc<Api<P>>>,
    JsonBody(request): JsonBody<UploadRequest>,
) -> Result<(StatusCode, Json<PresignedUpload>), Problem> {
    Ok((StatusCode::CREATED, Json(presign(&api, &request).await?)))
}

/// Does the same as [`create`] for clients that cannot send a body.
pub(crate) async fn create_from_query<P: ApiPorts>(
    State(api): State<Arc<Api<P>>>,
    QueryString(request): QueryString<UploadRequest>,
) -> Result<Json<PresignedUpload>, Problem> {
    Ok(Json(presign(&api, &request).await?))
}

async fn presign<P: ApiPorts>(api: &Api<P>, request: &UploadRequest) -> Result<PresignedUpload, Problem> {
    let upload = use_cases::presign(request, Timestamp::now(), &api.profiles, &api.ports).await?;
    upload.map_err(Problem::invalid_fields)
}
