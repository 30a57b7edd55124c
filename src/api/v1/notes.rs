//! What people note of models and versions: descriptions and tags.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::decision::decided;
use super::models::{ModelView, view};
use super::versions::VersionView;
use crate::api::Api;
use crate::api::body::{Expected, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Segments, parameter};
use crate::platform::access::WriteModels;
use crate::platform::predictor::Predictor;
use crate::platform::registry::{Annotation, Registry};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(annotate_model))
        .routes(routes!(annotate_version))
}

/// What is to be noted anew. What is not named stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Annotate {
    /// The description, Markdown; null or an empty text takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// Tags by key; null takes one away.
    #[serde(default)]
    tags: BTreeMap<String, Option<String>>,
    /// Why, for the history.
    #[serde(default)]
    reason: Option<String>,
}

impl Expected for Annotate {
    const EXPECTED: &'static str = "an object with `description`, a text or null, or `tags`, an object of texts or nulls; `reason` may be there";
}

/// A null that is there is something else than nothing.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Annotate {
    fn split(self) -> (Annotation, Option<String>) {
        let annotation = Annotation {
            description: self.description.map(Option::unwrap_or_default),
            tags: self.tags,
        };
        (annotation, self.reason)
    }
}

/// Describes or tags a model.
#[utoipa::path(patch, path = "/models/{id}", tag = "models", operation_id = "annotate_model",
    params(("id" = String, Path)), request_body = Annotate, responses(
    (status = 200, description = "The model", body = ModelView),
    (status = 404, description = "No such model"),
    (status = 422, description = "What cannot be noted")))]
async fn annotate_model(
    permit: Permit<WriteModels>,
    State(registry): State<Registry>,
    State(predictor): State<Predictor>,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<Annotate>,
) -> Result<Json<ModelView>, ApiError> {
    let (annotation, reason) = body.split();
    let decision = decided(&permit, reason)?;
    let model = registry
        .annotate_model(&parameter("model", &id)?, annotation, decision)
        .await?;
    Ok(Json(view(model, &predictor)))
}

/// Describes or tags a version.
#[utoipa::path(patch, path = "/models/{id}/versions/{version}", tag = "models", operation_id = "annotate_version",
    params(("id" = String, Path), ("version" = String, Path)), request_body = Annotate, responses(
    (status = 200, description = "The version", body = VersionView),
    (status = 404, description = "No such model or version"),
    (status = 422, description = "What cannot be noted")))]
async fn annotate_version(
    permit: Permit<WriteModels>,
    State(registry): State<Registry>,
    Segments((id, version)): Segments<(String, String)>,
    JsonBody(body): JsonBody<Annotate>,
) -> Result<Json<VersionView>, ApiError> {
    let (annotation, reason) = body.split();
    let decision = decided(&permit, reason)?;
    let version = registry
        .annotate_version(&parameter("model", &id)?, version.parse()?, annotation, decision)
        .await?;
    Ok(Json(version.into()))
}
