//! Registered models.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::body::{Empty, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Limit, Params, Segments, parameter};
use crate::platform::access::{PromoteModels, ReadModels};
use crate::platform::predictor::Predictor;
use crate::platform::registry::{Headline, ModelInfo, Registry};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(metrics))
        .routes(routes!(make_default))
}

/// Models by name.
#[derive(Debug, Serialize, ToSchema)]
struct ModelList {
    models: Vec<ModelView>,
}

/// A model, with the version that is in production, or else the newest.
#[derive(Debug, Serialize, ToSchema)]
struct ModelView {
    /// Its name.
    #[schema(example = "fraud-detection")]
    id: String,
    /// The version's label.
    #[schema(example = "v1.0.0")]
    version: String,
    /// The version's stage.
    #[schema(example = "production")]
    status: &'static str,
    /// The version's number.
    number: u64,
    /// binary, multiclass or regression.
    task: String,
    /// The column that is predicted.
    target: String,
    /// One line for people.
    title: String,
    /// What it is for; Markdown.
    description: String,
    /// The metric to look at first, beside the baseline's.
    headline: Option<HeadlineView>,
    /// Quality on the hold-out, by metric.
    metrics: BTreeMap<String, f64>,
    /// How many versions there are.
    versions: u64,
    /// Whether it was trained on rows that usina generated.
    generated: bool,
    /// Whether it answers.
    serving: bool,
    /// Whether it answers when a request names no model.
    default: bool,
    created_at: String,
    updated_at: String,
}

/// A metric beside the baseline's.
#[derive(Debug, Serialize, ToSchema)]
struct HeadlineView {
    metric: &'static str,
    value: f64,
    baseline: Option<f64>,
}

impl From<Headline> for HeadlineView {
    fn from(headline: Headline) -> Self {
        let Headline {
            metric,
            value,
            baseline,
        } = headline;
        Self {
            metric,
            value,
            baseline,
        }
    }
}

fn view(model: ModelInfo, predictor: &Predictor) -> ModelView {
    ModelView {
        headline: model.current.headline().map(HeadlineView::from),
        serving: predictor.in_production(Some(model.name.as_str())).is_ok(),
        default: predictor.default_model().as_ref() == Some(&model.name),
        id: model.name.to_string(),
        version: model.current.label,
        status: model.current.stage.as_str(),
        number: model.current.number,
        task: model.current.task,
        target: model.current.target,
        title: model.title,
        description: model.description,
        metrics: model.current.metrics,
        versions: model.versions,
        generated: model.current.dataset.generated,
        created_at: model.created_at.to_string(),
        updated_at: model.updated_at.to_string(),
    }
}

/// Lists models by name.
#[utoipa::path(get, path = "/models", tag = "models", operation_id = "list_models", params(Limit),
    responses((status = 200, description = "Models", body = ModelList)))]
async fn list(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    State(predictor): State<Predictor>,
    Params(limit): Params<Limit>,
) -> Result<Json<ModelList>, ApiError> {
    let models = registry.models(limit.get()?).await?;
    Ok(Json(ModelList {
        models: models.into_iter().map(|model| view(model, &predictor)).collect(),
    }))
}

/// Shows a model.
#[utoipa::path(get, path = "/models/{id}", tag = "models", operation_id = "show_model",
    params(("id" = String, Path)), responses(
    (status = 200, description = "The model", body = ModelView),
    (status = 404, description = "No such model")))]
async fn show(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    State(predictor): State<Predictor>,
    Segments(id): Segments<String>,
) -> Result<Json<ModelView>, ApiError> {
    let model = registry.model(&parameter("model", &id)?).await?;
    Ok(Json(view(model, &predictor)))
}

/// Shows the quality of a model on the hold-out: accuracy, precision, recall, f1_score, roc_auc and so on.
#[utoipa::path(get, path = "/models/{id}/metrics", tag = "models", operation_id = "show_model_metrics",
    params(("id" = String, Path)), responses(
    (status = 200, description = "Metrics by name", body = BTreeMap<String, f64>),
    (status = 404, description = "No such model")))]
async fn metrics(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments(id): Segments<String>,
) -> Result<Json<BTreeMap<String, f64>>, ApiError> {
    Ok(Json(
        registry.model(&parameter("model", &id)?).await?.current.metrics,
    ))
}

/// Makes a model the one that answers when a request names none.
#[utoipa::path(post, path = "/models/{id}/default", tag = "models", operation_id = "make_default_model",
    params(("id" = String, Path)),
    request_body = Empty, responses(
    (status = 200, description = "The model", body = ModelView),
    (status = 404, description = "No such model")))]
async fn make_default(
    _: Permit<PromoteModels>,
    State(api): State<Api>,
    Segments(id): Segments<String>,
    JsonBody(Empty {}): JsonBody<Empty>,
) -> Result<Json<ModelView>, ApiError> {
    let name = parameter("model", &id)?;
    api.deployments.choose_default_model(&name).await?;
    Ok(Json(view(api.registry.model(&name).await?, &api.predictor)))
}
