//! `POST /uploads` and `GET /uploads`: a presigned URL to upload to.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use pipeline::{
    Timestamp,
    api::{UploadOffer, UploadRequest, offer_upload},
    ports::Archive,
};

use crate::{
    Api, Problem,
    extract::{JsonBody, QueryString},
};

pub(crate) async fn create<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    JsonBody(request): JsonBody<UploadRequest>,
) -> Result<(StatusCode, Json<UploadOffer>), Problem> {
    Ok((StatusCode::CREATED, Json(presign(&api, &request).await?)))
}

/// Does the same as [`create`] for clients that cannot send a body.
pub(crate) async fn create_from_query<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    QueryString(request): QueryString<UploadRequest>,
) -> Result<Json<UploadOffer>, Problem> {
    Ok(Json(presign(&api, &request).await?))
}

async fn presign<A: Archive>(
    api: &Api<A>,
    request: &UploadRequest,
) -> Result<UploadOffer, Problem> {
    let upload = offer_upload(request, Timestamp::now(), &api.profiles, api.archive.urls()).await?;
    upload.map_err(Problem::invalid_fields)
}
