//! Aliases: free names that move from version to version.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::decision::{Why, decided};
use super::models::{ModelView, view};
use super::versions::VersionView;
use crate::api::Api;
use crate::api::body::{Expected, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Segments, parameter};
use crate::platform::access::PromoteModels;
use crate::platform::deployments::Deployments;
use crate::platform::predictor::Predictor;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(set_alias))
        .routes(routes!(unset_alias))
}

/// Where an alias is to point.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetAlias {
    /// The version: by number (3), label (v1.2.0), stage (production), latest, or another alias (@challenger).
    #[schema(example = "v1.2.0")]
    version: String,
    /// Why, for the history.
    #[serde(default)]
    reason: Option<String>,
}

impl Expected for SetAlias {
    const EXPECTED: &'static str = "an object with `version`, a text; `reason` may be there";
}

/// Has an alias point at a version; at the one before it points no more.
#[utoipa::path(put, path = "/models/{id}/aliases/{alias}", tag = "models", operation_id = "set_model_alias",
    params(("id" = String, Path), ("alias" = String, Path)), request_body = SetAlias, responses(
    (status = 200, description = "The version", body = VersionView),
    (status = 404, description = "No such model or version")))]
async fn set_alias(
    permit: Permit<PromoteModels>,
    State(deployments): State<Deployments>,
    Segments((id, alias)): Segments<(String, String)>,
    JsonBody(body): JsonBody<SetAlias>,
) -> Result<Json<VersionView>, ApiError> {
    let model = parameter("model", &id)?;
    let decision = decided(&permit, body.reason)?;
    let version = deployments
        .set_alias(&model, body.version.parse()?, alias.parse()?, decision)
        .await?;
    Ok(Json(version.into()))
}

/// Takes an alias away.
#[utoipa::path(delete, path = "/models/{id}/aliases/{alias}", tag = "models", operation_id = "unset_model_alias",
    params(("id" = String, Path), ("alias" = String, Path)), request_body = Why, responses(
    (status = 200, description = "The model, without it", body = ModelView),
    (status = 404, description = "No such model or alias")))]
async fn unset_alias(
    permit: Permit<PromoteModels>,
    State(deployments): State<Deployments>,
    State(predictor): State<Predictor>,
    Segments((id, alias)): Segments<(String, String)>,
    JsonBody(body): JsonBody<Why>,
) -> Result<Json<ModelView>, ApiError> {
    let decision = decided(&permit, body.reason)?;
    let model = deployments
        .unset_alias(&parameter("model", &id)?, alias.parse()?, decision)
        .await?;
    Ok(Json(view(model, &predictor)))
}
