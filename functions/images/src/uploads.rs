//! `POST /uploads` and `GET /uploads`: a link to upload to.

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
    Ok((StatusCode::CREATED, Json(offer(&api, &request).await?)))
}

pub(crate) async fn create_by_query<A: Archive>(
    State(api): State<Arc<Api<A>>>,
    QueryString(request): QueryString<UploadRequest>,
) -> Result<Json<UploadOffer>, Problem> {
    Ok(Json(offer(&api, &request).await?))
}

async fn offer<A: Archive>(api: &Api<A>, request: &UploadRequest) -> Result<UploadOffer, Problem> {
    let offer = offer_upload(request, Timestamp::now(), &api.profiles, api.archive.urls()).await?;
    offer.map_err(Problem::objections)
}
