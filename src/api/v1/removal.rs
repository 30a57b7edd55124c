//! Deleting models and versions, and bringing them back.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::decision::{Why, decided};
use super::models::{ModelView, view};
use super::versions::VersionView;
use crate::api::Api;
use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Segments, parameter};
use crate::platform::access::DeleteModels;
use crate::platform::deployments::Deployments;
use crate::platform::predictor::Predictor;
use crate::platform::registry::Registry;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(delete_model))
        .routes(routes!(restore_model))
        .routes(routes!(delete_version))
        .routes(routes!(restore_version))
}

/// Deletes a model with all its versions. It can be restored for a while, and is purged after that.
#[utoipa::path(delete, path = "/models/{id}", tag = "models", operation_id = "delete_model",
    params(("id" = String, Path)), request_body = Why, responses(
    (status = 200, description = "The model", body = ModelView),
    (status = 404, description = "No such model"),
    (status = 409, description = "A version of it is in production")))]
async fn delete_model(
    permit: Permit<DeleteModels>,
    State(deployments): State<Deployments>,
    State(predictor): State<Predictor>,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<Why>,
) -> Result<Json<ModelView>, ApiError> {
    let decision = decided(&permit, body.reason)?;
    let model = deployments
        .delete_model(&parameter("model", &id)?, decision)
        .await?;
    Ok(Json(view(model, &predictor)))
}

/// Brings a deleted model back, with the versions that were deleted with it. Its aliases stay away.
#[utoipa::path(post, path = "/models/{id}/restore", tag = "models", operation_id = "restore_model",
    params(("id" = String, Path)), request_body = Why, responses(
    (status = 200, description = "The model", body = ModelView),
    (status = 404, description = "No such model"),
    (status = 409, description = "It is not deleted, or was purged")))]
async fn restore_model(
    permit: Permit<DeleteModels>,
    State(registry): State<Registry>,
    State(predictor): State<Predictor>,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<Why>,
) -> Result<Json<ModelView>, ApiError> {
    let decision = decided(&permit, body.reason)?;
    let model = registry
        .restore_model(&parameter("model", &id)?, decision)
        .await?;
    Ok(Json(view(model, &predictor)))
}

/// Deletes a version. It can be restored for a while, and is purged after that.
#[utoipa::path(delete, path = "/models/{id}/versions/{version}", tag = "models", operation_id = "delete_version",
    params(("id" = String, Path), ("version" = String, Path)), request_body = Why, responses(
    (status = 200, description = "The version", body = VersionView),
    (status = 404, description = "No such model or version"),
    (status = 409, description = "It is in production")))]
async fn delete_version(
    permit: Permit<DeleteModels>,
    State(deployments): State<Deployments>,
    Segments((id, version)): Segments<(String, String)>,
    JsonBody(body): JsonBody<Why>,
) -> Result<Json<VersionView>, ApiError> {
    let decision = decided(&permit, body.reason)?;
    let version = deployments
        .delete_version(&parameter("model", &id)?, version.parse()?, decision)
        .await?;
    Ok(Json(version.into()))
}

/// Brings a deleted version back, in the stage that it had. Its aliases stay away.
#[utoipa::path(post, path = "/models/{id}/versions/{version}/restore", tag = "models", operation_id = "restore_version",
    params(("id" = String, Path), ("version" = String, Path)), request_body = Why, responses(
    (status = 200, description = "The version", body = VersionView),
    (status = 404, description = "No such model or version"),
    (status = 409, description = "It is not deleted, or was purged")))]
async fn restore_version(
    permit: Permit<DeleteModels>,
    State(registry): State<Registry>,
    Segments((id, version)): Segments<(String, String)>,
    JsonBody(body): JsonBody<Why>,
) -> Result<Json<VersionView>, ApiError> {
    let decision = decided(&permit, body.reason)?;
    let version = registry
        .restore_version(&parameter("model", &id)?, version.parse()?, decision)
        .await?;
    Ok(Json(version.into()))
}
