//! Jobs: start a training, watch it, call it off.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::body::{Empty, Expected, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, page, parameter, parsed_by, whole};
use crate::base::Name;
use crate::platform::access::{ReadJobs, RunJobs};
use crate::platform::jobs::{Asked, DeviceChoice, Job, JobFilter, Jobs, Outcome, State as Standing};
use crate::platform::recipes::{StoredRows, shipped};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, start))
        .routes(routes!(show))
        .routes(routes!(cancel))
}

/// A job and how it stands.
#[derive(Debug, Serialize, ToSchema)]
struct JobView {
    /// 32 hex digits.
    id: String,
    /// train.
    kind: &'static str,
    /// The model that it is about.
    model: String,
    /// Who asked for it.
    requested_by: String,
    /// queued, running, done, failed or cancelled.
    state: &'static str,
    /// reading, folds, fitting, validating or sealing, while it runs.
    phase: Option<&'static str>,
    /// From 0 to 1. Of a job that has ended, 1 when it is done, and 0 when nothing came of it.
    progress: f64,
    /// How far it is, in words.
    message: String,
    /// The run of the last attempt.
    run_id: Option<String>,
    /// The label of the version that it made.
    version: Option<String>,
    /// Why it failed, or what it waits for before it is tried again.
    error: Option<String>,
    /// Whether it failed because of its recipe or data.
    bad_input: bool,
    /// What its rows violate of the recipe's expectations of severity warn, in words.
    warnings: Vec<String>,
    /// Whether it trains on rows that usina generates.
    generated: bool,
    /// How often it was taken up. A time that ended because usina was stopped in order does not count.
    attempts: u32,
    created_at: String,
    /// When it is tried again, if something was in the way.
    not_before: Option<String>,
    started_at: Option<String>,
    ended_at: Option<String>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let progress = job.progress;
        let version = job.outcome.map(|Outcome::Version { label, .. }| label);
        Self {
            version,
            requested_by: job.requested_by,
            not_before: job.not_before.map(|at| at.to_string()),
            id: job.id.to_string(),
            kind: "train",
            model: job.model.to_string(),
            state: job.state.as_str(),
            phase: progress.as_ref().map(|progress| progress.phase.as_str()),
            progress: match (job.state, &progress) {
                (Standing::Done, _) => 1.0,
                (Standing::Running, Some(progress)) => progress.share,
                _ => 0.0,
            },
            message: progress.map(|progress| progress.message).unwrap_or_default(),
            run_id: job.run_id.map(|id| id.to_string()),
            error: job.error,
            bad_input: job.bad_input,
            warnings: job.warnings,
            generated: job.task.generates(),
            attempts: job.attempts,
            created_at: job.created_at.to_string(),
            started_at: job.started_at.map(|at| at.to_string()),
            ended_at: job.ended_at.map(|at| at.to_string()),
        }
    }
}

/// Jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct JobList {
    jobs: Vec<JobView>,
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// What to train: a shipped recipe by name, or a recipe of your own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, untagged, try_from = "StartFields")]
enum Start {
    /// A shipped recipe.
    Shipped {
        /// Its name.
        #[schema(example = "customer-churn")]
        shipped: String,
        /// The device that a net is trained on, whatever the recipe says: auto, cpu or gpu.
        device: Option<String>,
    },
    /// A recipe of your own.
    Recipe {
        /// The recipe, TOML.
        recipe: String,
        /// What messages call its file.
        #[serde(default = "default_file")]
        file: String,
        /// The stored dataset to learn from, in place of the file that the recipe names.
        dataset: Option<String>,
        /// Its version; the one that came in last without it.
        dataset_version: Option<String>,
        /// The device that a net is trained on, whatever the recipe says: auto, cpu or gpu.
        device: Option<String>,
    },
}

impl Expected for Start {
    const EXPECTED: &'static str = "an object with `shipped`, or with `recipe` and perhaps `file`, `dataset` and `dataset_version`; and perhaps \
         `device`";
}

/// All that a [`Start`] may say, together: serde tries an untagged enum's variants in turn, and of what does
/// not fit it tells no more than that.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StartFields {
    shipped: Option<String>,
    recipe: Option<String>,
    file: Option<String>,
    dataset: Option<String>,
    dataset_version: Option<String>,
    device: Option<String>,
}

impl TryFrom<StartFields> for Start {
    type Error = &'static str;

    fn try_from(fields: StartFields) -> Result<Self, &'static str> {
        if fields.dataset_version.is_some() && fields.dataset.is_none() {
            return Err("missing field `dataset`, of which `dataset_version` is one");
        }
        if fields.dataset.is_some() && fields.recipe.is_none() {
            return Err("missing field `recipe`, which is to learn from `dataset`");
        }
        match (fields.shipped, fields.recipe, fields.file) {
            (Some(shipped), None, None) => Ok(Self::Shipped {
                shipped,
                device: fields.device,
            }),
            (None, Some(recipe), file) => Ok(Self::Recipe {
                recipe,
                file: file.unwrap_or_else(default_file),
                dataset: fields.dataset,
                dataset_version: fields.dataset_version,
                device: fields.device,
            }),
            (None, None, None) => Err("missing field `shipped`, or `recipe`"),
            (None, None, Some(_)) => Err("missing field `recipe`, which `file` names"),
            (Some(_), Some(_), _) => Err("surplus field `recipe` beside `shipped`"),
            (Some(_), None, Some(_)) => Err("surplus field `file` beside `shipped`"),
        }
    }
}

fn default_file() -> String {
    "recipe.toml".to_owned()
}

/// Which jobs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct JobQuery {
    /// Only those that are queued, running, done, failed or cancelled.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    state: Option<Standing>,
    /// Only those about this model.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    model: Option<Name>,
    /// How many at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
}

/// Lists jobs, newest first.
///
/// With `state` or `model` a page may hold fewer than `limit`: go on while there is a
/// token.
#[utoipa::path(get, path = "/jobs", tag = "jobs", operation_id = "list_jobs", params(JobQuery),
    responses((status = 200, description = "Jobs", body = JobList)))]
async fn list(
    _: Permit<ReadJobs>,
    State(jobs): State<Jobs>,
    Params(query): Params<JobQuery>,
) -> Result<Json<JobList>, ApiError> {
    let filter = JobFilter {
        state: query.state,
        model: query.model,
    };
    let page = page(query.limit, query.page_token);
    let page = jobs.list_of(filter, page).await?.map(JobView::from);
    Ok(Json(JobList {
        jobs: page.items,
        next_page_token: page.next_page_token,
    }))
}

/// Starts a training.
#[utoipa::path(post, path = "/jobs", tag = "jobs", operation_id = "start_job",
    request_body = Start, responses(
    (status = 202, description = "The job", body = JobView),
    (status = 422, description = "A mistake in the recipe, also beside its data, with line and column")))]
async fn start(
    permit: Permit<RunJobs>,
    State(jobs): State<Jobs>,
    JsonBody(start): JsonBody<Start>,
) -> Result<(StatusCode, Json<JobView>), ApiError> {
    let by = permit.caller().to_string();
    let job = match start {
        Start::Shipped { shipped, device } => {
            let asked = Asked {
                by: &by,
                device: chosen(device.as_deref())?,
            };
            jobs.train_shipped(&shipped, asked).await?
        }
        Start::Recipe {
            recipe,
            file,
            dataset,
            dataset_version,
            device,
        } => {
            not_a_name(&recipe)?;
            let rows = stored_rows(dataset.as_deref(), dataset_version.as_deref())?;
            let asked = Asked {
                by: &by,
                device: chosen(device.as_deref())?,
            };
            jobs.train(&file, &recipe, rows, asked).await?
        }
    };
    Ok((StatusCode::ACCEPTED, Json(job.into())))
}

/// That `recipe` is not the name of a shipped one, which is asked for otherwise.
fn not_a_name(recipe: &str) -> Result<(), ApiError> {
    let name = recipe.trim();
    match shipped::find(name) {
        Ok(Some(_)) => Err(ApiError::BadBody {
            message: format!(
                "`recipe` is a recipe's text; the shipped one is asked for with {{\"shipped\": \"{name}\"}}"
            ),
            field: Some("recipe".to_owned()),
        }),
        _ => Ok(()),
    }
}

fn chosen(device: Option<&str>) -> Result<Option<DeviceChoice>, ApiError> {
    device.map(|device| parameter("device", device)).transpose()
}

fn stored_rows(dataset: Option<&str>, version: Option<&str>) -> Result<Option<StoredRows>, ApiError> {
    let Some(dataset) = dataset else {
        return Ok(None);
    };
    Ok(Some(StoredRows {
        dataset: parameter("dataset", dataset)?,
        version: version
            .map(|version| parameter("dataset_version", version))
            .transpose()?,
    }))
}

/// Shows a job.
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", operation_id = "show_job",
    params(("id" = String, Path)), responses(
    (status = 200, description = "The job", body = JobView),
    (status = 404, description = "No such job")))]
async fn show(
    _: Permit<ReadJobs>,
    State(jobs): State<Jobs>,
    Segments(id): Segments<String>,
) -> Result<Json<JobView>, ApiError> {
    Ok(Json(jobs.find(parameter("id", &id)?).await?.into()))
}

/// Calls a job off.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", operation_id = "cancel_job",
    params(("id" = String, Path)),
    request_body = Empty, responses(
    (status = 200, description = "The job", body = JobView),
    (status = 404, description = "No such job"),
    (status = 409, description = "It has ended")))]
async fn cancel(
    _: Permit<RunJobs>,
    State(jobs): State<Jobs>,
    Segments(id): Segments<String>,
    JsonBody(Empty {}): JsonBody<Empty>,
) -> Result<Json<JobView>, ApiError> {
    Ok(Json(jobs.cancel(parameter("id", &id)?).await?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{JobId, Time};
    use crate::platform::jobs::{State, Task};

    #[test]
    fn only_what_is_done_is_wholly_done() {
        let progress = |state| {
            let job = Job {
                id: JobId::from_bytes([1; 16]),
                task: Task::Train {
                    file: "recipe.toml".to_owned(),
                    recipe: String::new(),
                    shipped: None,
                    generated: false,
                    rows: None,
                    device: None,
                },
                model: "a-model".parse().unwrap(),
                requested_by: "owner".to_owned(),
                state,
                progress: None,
                attempts: 0,
                created_at: Time::from_millis(0),
                not_before: None,
                started_at: None,
                ended_at: None,
                run_id: None,
                outcome: None,
                error: None,
                bad_input: false,
                warnings: Vec::new(),
            };
            JobView::from(job).progress
        };
        assert_eq!(progress(State::Done), 1.0);
        for state in [State::Queued, State::Running, State::Failed, State::Cancelled] {
            assert_eq!(progress(state), 0.0, "{state}");
        }
    }
}
