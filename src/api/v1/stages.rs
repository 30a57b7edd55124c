//! Stages: how versions move.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::decision::{Why, decided};
use super::versions::VersionView;
use crate::api::Api;
use crate::api::body::{Expected, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Segments, parameter};
use crate::platform::access::PromoteModels;
use crate::platform::deployments::Deployments;
use crate::platform::registry::Decision;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(promote))
        .routes(routes!(roll_back))
}

/// Where a version is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Promote {
    /// none, staging, production or archived.
    #[schema(example = "production")]
    stage: String,
    /// Why, for the history.
    #[serde(default)]
    reason: Option<String>,
    /// Whether it is to go into production although it failed what its recipe wants of one that does.
    #[serde(default)]
    force: bool,
}

impl Expected for Promote {
    const EXPECTED: &'static str =
        "an object with `stage`: none, staging, production or archived; `reason` and `force` may be there";
}

/// Puts a version into a stage. What was in production before is archived.
#[utoipa::path(post, path = "/models/{id}/versions/{version}/promote", tag = "models", operation_id = "promote_version",
    params(("id" = String, Path), ("version" = String, Path)), request_body = Promote, responses(
    (status = 200, description = "The version", body = VersionView),
    (status = 404, description = "No such model or version"),
    (status = 409, description = "The version cannot be loaded, or failed what its recipe wants of one in production; \
     what served goes on serving")))]
async fn promote(
    permit: Permit<PromoteModels>,
    State(deployments): State<Deployments>,
    Segments((id, version)): Segments<(String, String)>,
    JsonBody(body): JsonBody<Promote>,
) -> Result<Json<VersionView>, ApiError> {
    let model = parameter("model", &id)?;
    let decision = Decision {
        force: body.force,
        ..decided(&permit, body.reason)?
    };
    let promoted = deployments
        .promote(&model, version.parse()?, body.stage.parse()?, decision)
        .await?;
    Ok(Json(promoted.into()))
}

/// Puts back into production what was there before.
#[utoipa::path(post, path = "/models/{id}/rollback", tag = "models", operation_id = "roll_back_model",
    params(("id" = String, Path)),
    request_body = Why, responses(
    (status = 200, description = "The version that is in production now", body = VersionView),
    (status = 404, description = "No such model"),
    (status = 409, description = "Nothing was in production before")))]
async fn roll_back(
    permit: Permit<PromoteModels>,
    State(deployments): State<Deployments>,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<Why>,
) -> Result<Json<VersionView>, ApiError> {
    let decision = decided(&permit, body.reason)?;
    let version = deployments.roll_back(&parameter("model", &id)?, decision).await?;
    Ok(Json(version.into()))
}
