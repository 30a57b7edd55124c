//! Registered models.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::body::{Empty, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Segments, TaggedParams, flag, page, parameter, whole};
use crate::platform::access::{PromoteModels, ReadModels};
use crate::platform::page::PageOf;
use crate::platform::predictor::Predictor;
use crate::platform::registry::{
    Deletion, Headline, ModelFilter, ModelInfo, Registry, Stage, VersionFilter, VersionInfo,
};

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
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// A model, with the version that is in production, or else the newest.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelView {
    /// Its name.
    #[schema(example = "fraud-detection")]
    id: String,
    /// The version's label; null before the first version, as all that is said of the version.
    #[schema(example = "v1.0.0")]
    version: Option<String>,
    /// The version's stage.
    #[schema(example = "production")]
    status: &'static str,
    /// The version's number.
    number: Option<u64>,
    /// binary, multiclass, regression or quantile.
    task: Option<String>,
    /// The column that is predicted.
    target: Option<String>,
    /// One line for people.
    title: String,
    /// What it is for; Markdown.
    description: String,
    /// The metric to look at first, beside the baseline's.
    headline: Option<HeadlineView>,
    /// Quality on the hold-out, by metric.
    metrics: BTreeMap<String, f64>,
    /// How many versions were registered.
    versions: u64,
    /// Where each alias points: the version's number.
    aliases: BTreeMap<String, u64>,
    /// What people note of it, by key.
    tags: BTreeMap<String, String>,
    /// When it was deleted, and by whom; not there unless it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<DeletionView>,
    /// Whether it was trained on rows that usina generated.
    generated: bool,
    /// Whether it answers.
    serving: bool,
    /// Whether it answers when a request names no model.
    default: bool,
    created_at: String,
    /// When something about it changed last, such as what is in production.
    updated_at: String,
    /// When the version was registered.
    trained_at: Option<String>,
}

/// That something was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeletionView {
    at: String,
    by: String,
    /// When it was purged; null as long as it can be restored.
    purged_at: Option<String>,
}

impl From<Deletion> for DeletionView {
    fn from(deletion: Deletion) -> Self {
        Self {
            at: deletion.at.to_string(),
            by: deletion.by,
            purged_at: deletion.purged_at.map(|at| at.to_string()),
        }
    }
}

/// A metric beside the baseline's.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeadlineView {
    metric: &'static str,
    value: f64,
    baseline: Option<f64>,
    /// Whether it is better than what always gives the same answer.
    beats_baseline: bool,
}

impl From<Headline> for HeadlineView {
    fn from(headline: Headline) -> Self {
        Self {
            beats_baseline: headline.beats_baseline(),
            metric: headline.metric,
            value: headline.value,
            baseline: headline.baseline,
        }
    }
}

pub(super) fn view(model: ModelInfo, predictor: &Predictor) -> ModelView {
    let current = model.current.as_ref();
    ModelView {
        headline: current.and_then(VersionInfo::headline).map(HeadlineView::from),
        serving: model.production.is_some() && predictor.in_production(Some(model.name.as_str())).is_ok(),
        default: predictor.default_model().as_ref() == Some(&model.name),
        id: model.name.to_string(),
        version: current.map(|version| version.label.clone()),
        status: current.map_or(Stage::None, |version| version.stage).as_str(),
        number: current.map(|version| version.number),
        task: current.and_then(|version| version.task.clone()),
        target: current.and_then(|version| version.target.clone()),
        generated: current.is_some_and(VersionInfo::is_generated),
        metrics: current.map_or_else(BTreeMap::new, |version| version.metrics.clone()),
        trained_at: current.map(|version| version.created_at.to_string()),
        title: model.title,
        description: model.description,
        versions: model.versions,
        aliases: model.aliases,
        tags: model.tags,
        deleted: model.deleted.map(DeletionView::from),
        created_at: model.created_at.to_string(),
        updated_at: model.updated_at.to_string(),
    }
}

/// Which models or versions are wanted. Any number of tags may be asked for, as `tag.KEY=VALUE`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// How many entries at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
    /// none, staging, production or archived; of a model, where the version is that stands for it.
    stage: Option<String>,
    /// With this alias.
    alias: Option<String>,
    /// True: those that are deleted and can be restored, instead of those that are there.
    #[serde(default, deserialize_with = "flag")]
    deleted: Option<bool>,
}

impl ListQuery {
    /// Which versions, and which page of them.
    pub(super) fn versions(
        self,
        tags: BTreeMap<String, String>,
    ) -> Result<(VersionFilter, PageOf), ApiError> {
        let filter = VersionFilter {
            stage: self.stage.as_deref().map(str::parse).transpose()?,
            alias: self.alias.as_deref().map(str::parse).transpose()?,
            tags,
            deleted: self.deleted.unwrap_or(false),
        };
        Ok((filter, page(self.limit, self.page_token)))
    }
}

/// Which models are wanted. Any number of tags may be asked for, as `tag.KEY=VALUE`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ModelsQuery {
    /// How many entries at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
    /// How the name begins.
    name_prefix: Option<String>,
    /// none, staging, production or archived: where the version is that stands for the model.
    stage: Option<String>,
    /// With this alias.
    alias: Option<String>,
    /// True: those that are deleted and can be restored, instead of those that are there.
    #[serde(default, deserialize_with = "flag")]
    deleted: Option<bool>,
}

/// Lists models by name. A page of a list with filters may have few entries or none and still not be the last.
#[utoipa::path(get, path = "/models", tag = "models", operation_id = "list_models", params(ModelsQuery),
    responses((status = 200, description = "Models", body = ModelList)))]
async fn list(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    State(predictor): State<Predictor>,
    TaggedParams(query, tags): TaggedParams<ModelsQuery>,
) -> Result<Json<ModelList>, ApiError> {
    let filter = ModelFilter {
        prefix: query.name_prefix,
        stage: query.stage.as_deref().map(str::parse).transpose()?,
        alias: query.alias.as_deref().map(str::parse).transpose()?,
        tags,
        deleted: query.deleted.unwrap_or(false),
    };
    let page = registry
        .models_that(filter, page(query.limit, query.page_token))
        .await?;
    let page = page.map(|model| view(model, &predictor));
    Ok(Json(ModelList {
        models: page.items,
        next_page_token: page.next_page_token,
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
    let current = registry.model(&parameter("model", &id)?).await?.current;
    Ok(Json(current.map(|version| version.metrics).unwrap_or_default()))
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
