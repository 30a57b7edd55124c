//! Experiments and runs.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{DEFAULT_LIMIT, Params, Segments, page, parameter, parsed_by, whole};
use crate::base::ExperimentId;
use crate::platform::access::ReadRuns;
use crate::platform::tracking::{
    Experiment, ExperimentFilter, Filter, Order, Point, Run, RunQuery as Wanted, RunStatus, Tracking,
};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(experiments))
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(history))
}

/// Experiments.
#[derive(Debug, Serialize, ToSchema)]
struct ExperimentList {
    experiments: Vec<ExperimentView>,
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// What groups runs.
#[derive(Debug, Serialize, ToSchema)]
struct ExperimentView {
    /// A decimal number as text; "0" is Default.
    experiment_id: String,
    name: String,
    /// active or deleted.
    lifecycle_stage: String,
    created_at: String,
    updated_at: String,
}

impl From<Experiment> for ExperimentView {
    fn from(experiment: Experiment) -> Self {
        Self {
            experiment_id: experiment.id.to_string(),
            name: experiment.name,
            lifecycle_stage: experiment.lifecycle_stage,
            created_at: experiment.created_at.to_string(),
            updated_at: experiment.updated_at.to_string(),
        }
    }
}

/// Runs, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct RunList {
    runs: Vec<RunView>,
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// A run.
#[derive(Debug, Serialize, ToSchema)]
struct RunView {
    /// 32 hex digits.
    run_id: String,
    experiment_id: String,
    /// For people.
    name: String,
    /// SCHEDULED, RUNNING, FINISHED, FAILED or KILLED.
    status: &'static str,
    /// active or deleted.
    lifecycle_stage: String,
    model_name: Option<String>,
    parameters: BTreeMap<String, String>,
    /// The value with the highest step of each metric.
    #[schema(value_type = BTreeMap<String, Option<f64>>)]
    metrics: BTreeMap<String, f64>,
    tags: BTreeMap<String, String>,
    datasets: Vec<InputView>,
    /// When it began.
    created_at: String,
    ended_at: Option<String>,
}

/// A dataset that a run used.
#[derive(Debug, Serialize, ToSchema)]
struct InputView {
    name: String,
    /// Tells its content: of a dataset that is in the store, the version.
    version: String,
    /// What it was used for.
    contexts: Vec<String>,
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        let metrics = run
            .metrics
            .into_iter()
            .map(|metric| (metric.key, metric.latest.value));
        let datasets = run.inputs.into_iter().map(|input| InputView {
            name: input.name,
            version: input.digest,
            contexts: input.contexts,
        });
        Self {
            run_id: run.id.to_string(),
            experiment_id: run.experiment_id.to_string(),
            name: run.name,
            status: run.status.as_str(),
            lifecycle_stage: run.lifecycle_stage,
            model_name: run.model_name,
            parameters: run.params,
            metrics: metrics.collect(),
            tags: run.tags,
            datasets: datasets.collect(),
            created_at: run.start_time.to_string(),
            ended_at: run.end_time.map(|at| at.to_string()),
        }
    }
}

/// Which experiments are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExperimentQuery {
    /// Only the one that is called so.
    name: Option<String>,
    /// Only those whose name has this in it.
    name_contains: Option<String>,
    /// How many at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
}

/// Lists experiments.
#[utoipa::path(get, path = "/experiments", tag = "runs", operation_id = "list_experiments",
    params(ExperimentQuery),
    responses((status = 200, description = "Experiments", body = ExperimentList)))]
async fn experiments(
    _: Permit<ReadRuns>,
    State(tracking): State<Tracking>,
    Params(query): Params<ExperimentQuery>,
) -> Result<Json<ExperimentList>, ApiError> {
    let filter = ExperimentFilter {
        name: query.name,
        name_contains: query.name_contains,
    };
    let page = page(query.limit, query.page_token);
    let page = tracking.experiments_of(filter, page).await?;
    let page = page.map(ExperimentView::from);
    Ok(Json(ExperimentList {
        experiments: page.items,
        next_page_token: page.next_page_token,
    }))
}

/// Which runs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RunQuery {
    /// The experiment; those of all experiments without it.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    experiment_id: Option<ExperimentId>,
    /// Only those that are SCHEDULED, RUNNING, FINISHED, FAILED or KILLED.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    status: Option<RunStatus>,
    /// Only those that train this model.
    model: Option<String>,
    /// Only those that meet all conditions, such as
    /// `metrics.roc_auc > 0.8 and params.max_depth = 6 and tags.team = 'risk'`. A condition is a key (metrics.NAME,
    /// params.NAME, tags.NAME, status, model, name, created_at, ended_at; a NAME with other signs in backquotes), an
    /// operator (=, !=, <, <=, >, >=) and a value (a number, a word, or a text in quotes). A run without the key does
    /// not meet it.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    filter: Option<Filter>,
    /// metrics.NAME, params.NAME, tags.NAME, created_at or ended_at, and asc or desc behind it; newest first without
    /// it. Runs that do not have it come last.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    order_by: Option<Order>,
    /// How many at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
}

/// Lists runs, newest first unless `order_by` says otherwise.
///
/// With conditions a page may hold fewer than `limit`: go
/// on while there is a token.
#[utoipa::path(get, path = "/runs", tag = "runs", operation_id = "list_runs", params(RunQuery), responses(
    (status = 200, description = "Runs", body = RunList),
    (status = 404, description = "No such experiment")))]
async fn list(
    _: Permit<ReadRuns>,
    State(tracking): State<Tracking>,
    Params(query): Params<RunQuery>,
) -> Result<Json<RunList>, ApiError> {
    let mut filter = query.filter.unwrap_or_default();
    if let Some(status) = query.status {
        filter = filter.with_status(status);
    }
    if let Some(model) = &query.model {
        filter = filter.with_model(model);
    }
    let wanted = Wanted {
        experiment: query.experiment_id,
        filter,
        order: query.order_by,
    };
    let page = tracking
        .search(wanted, page(query.limit, query.page_token))
        .await?;
    let page = page.map(RunView::from);
    Ok(Json(RunList {
        runs: page.items,
        next_page_token: page.next_page_token,
    }))
}

/// Shows a run.
#[utoipa::path(get, path = "/runs/{id}", tag = "runs", operation_id = "show_run",
    params(("id" = String, Path)), responses(
    (status = 200, description = "The run", body = RunView),
    (status = 404, description = "No such run")))]
async fn show(
    _: Permit<ReadRuns>,
    State(tracking): State<Tracking>,
    Segments(id): Segments<String>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(tracking.run(parameter("id", &id)?).await?.into()))
}

/// A metric's values in the order in which they were logged.
#[derive(Debug, Serialize, ToSchema)]
struct History {
    history: Vec<PointView>,
}

/// One value of a metric.
#[derive(Debug, Serialize, ToSchema)]
struct PointView {
    /// Null where it is no finite number.
    value: Option<f64>,
    step: i64,
    time: String,
}

impl From<Point> for PointView {
    fn from(point: Point) -> Self {
        let value = Some(point.value).filter(|value| value.is_finite());
        Self {
            value,
            step: point.step,
            time: point.time.to_string(),
        }
    }
}

/// Where in a metric's history to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// How many values to pass over.
    #[serde(default, deserialize_with = "whole::<_, _, 0, { u64::MAX }>")]
    skip: Option<u64>,
    /// How many values at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
}

/// Shows the history of a run's metric.
#[utoipa::path(get, path = "/runs/{id}/metrics/{metric}", tag = "runs", operation_id = "show_run_metric",
    params(("id" = String, Path), ("metric" = String, Path), HistoryQuery), responses(
    (status = 200, description = "The metric's values", body = History),
    (status = 404, description = "No such run or metric")))]
async fn history(
    _: Permit<ReadRuns>,
    State(tracking): State<Tracking>,
    Segments((id, metric)): Segments<(String, String)>,
    Params(query): Params<HistoryQuery>,
) -> Result<Json<History>, ApiError> {
    let (skip, limit) = (query.skip.unwrap_or(0), query.limit.unwrap_or(DEFAULT_LIMIT));
    let points = tracking
        .metric_history(parameter("id", &id)?, &metric, skip, limit)
        .await?;
    Ok(Json(History {
        history: points.into_iter().map(PointView::from).collect(),
    }))
}
