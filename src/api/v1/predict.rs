//! Predictions.

mod answer;
mod dry_run;
mod explanation;
mod forecast;
mod lines;
mod recommend;
mod request;
mod stream;
mod table;
mod value;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::body::{check_type, read_body};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::no_query;
use crate::api::{Api, RequestId};
use crate::platform::access::Predict;
use crate::platform::predictor::{Row, Servable, split_version};
use answer::render;
use explanation::ExplanationView;
use request::{Explain, PredictRequest, What, parse};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(predict))
}

/// More rows than this are computed aside, so that other requests need not wait; a large body is so anyway.
const ROWS_AT_ONCE: usize = 256;

/// What is answered: predictions, or how the input is understood.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what is answered")]
enum PredictReply {
    /// One entry a row.
    Answer(answer::PredictAnswer),
    /// Of a forecast: one entry a period.
    Forecast(forecast::ForecastReply),
    /// Of recommendations: items, best first.
    Recommended(recommend::RecommendReply),
    /// With `dry_run`.
    Understood(dry_run::DryRunAnswer),
}

/// Predicts one row or several.
///
/// `features` is a list in the order of the model's inputs, an object by name, or a list of either.
/// Without `model` the default model answers, without `model_version` the one in production. A version is named
/// by number, label, stage or alias (`"model_version": "@champion"`), or behind the model (`"model":
/// "churn@champion"`).
///
/// A model that forecasts a series takes `history` (its latest periods, an object each), `future` (what is known of the
/// periods to come, where it takes such columns) and `horizon`; each may be left out, as long as one is there:
/// `{"model": "demand-forecast", "horizon": 7}` goes on from the latest periods that the version knows.
///
/// A model that recommends takes `user` (who it knows; others are recommended what is popular), `items` (what somebody has
/// had who is new, each an id or `{"item": …, "value": …}`) or `similar_to` (an item), and `top_k`.
///
/// With the content type application/x-ndjson the body is a stream: each line is a row, a list or an object, and
/// is answered by a line, in order, while the next ones arrive. A line is `{"prediction": …, "probability": …}`,
/// or `{"error": {"code": …, "message": …, "detail": …}, "row": n}` where the row is wrong. One version answers
/// all rows; the headers x-model and x-model-version name it. Take the answers while you send: what is not taken
/// is not read on. A connection that is closed before the last chunk says that answers are missing.
///
/// With the content type text/csv the body is a table, whose first line names the columns: the inputs are found by
/// name, other columns are passed over, and an empty field is a missing value. It is answered whole or refused, with
/// line and column of what is wrong, within the bounds of a request in JSON. The answer is JSON, or with
/// `Accept: text/csv` a table of as many rows: prediction, and of classes probability, or one probability_CLASS a
/// class; the headers x-model and x-model-version name who answered.
#[utoipa::path(post, path = "/api/v1/predict", tag = "predict", params(stream::StreamQuery),
    request_body(content((PredictRequest = "application/json",
        example = json!({"features": {"tenure": 3, "contract": "Month-to-month"}, "dry_run": true})), (String = "application/x-ndjson"), (String = "text/csv"))), responses(
    (status = 200, description = "One entry a row; of a stream or a table, one line a row",
        content((PredictReply = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"))),
    (status = 404, description = "No such model or version"),
    (status = 422, description = "What is wrong, with the field's name")))]
async fn predict(
    _: Permit<Predict>,
    State(api): State<Api>,
    id: RequestId,
    request: Request,
) -> Result<Response, ApiError> {
    let started = api.clock.monotonic();
    if let Err(refusal) = check_type(request.headers(), "application/json") {
        if stream::is_stream(request.headers()) {
            return stream::answer(&api, request).await;
        }
        if table::is_table(request.headers()) {
            return table::answer(&api, id, request).await;
        }
        return Err(refusal);
    }
    no_query(request.uri())?;
    let body = read_body(request, api.limits()).await?;
    let asked = aside(body.is_large(), || parse(&body.bytes))?;
    let servable = servable(&api, asked.model.as_deref(), asked.model_version.as_deref()).await?;
    let is_more = asked.is_more_than_an_answer();
    let rows = match asked.what {
        What::Rows(rows) => rows,
        What::Forecast(_) | What::Recommend(_) if is_more => {
            return Err(ApiError::BadBody {
                message: "explain and dry_run go with features".to_owned(),
                field: Some("explain".to_owned()),
            });
        }
        What::Recommend(wanted) => {
            return aside(true, || {
                let answer = servable.recommend(&wanted);
                servable.note_duration(api.clock.monotonic() - started);
                Ok(recommend::render(&servable, answer?, id))
            });
        }
        What::Forecast(ahead) => {
            return aside(true, || {
                let answer = servable.forecast(ahead);
                servable.note_duration(api.clock.monotonic() - started);
                forecast::render(&servable, &answer?, id)
            });
        }
    };
    let is_long = body.is_large() || rows.len() > ROWS_AT_ONCE || is_more;
    aside(is_long, || {
        // Owned here: a million cells are not freed in passing, either.
        let rows = rows;
        if is_more {
            return more_than_an_answer(&servable, &rows, (asked.dry_run, asked.explain), id);
        }
        let answered = servable.rows()?.predict(&rows);
        servable.note_duration(api.clock.monotonic() - started);
        Ok(render(&servable, &answered?, id, None))
    })
}

/// An explained answer, or how the input is understood.
fn more_than_an_answer(
    servable: &Servable,
    rows: &[Row<'_>],
    (is_dry, explain): (bool, Explain),
    id: RequestId,
) -> Result<Response, ApiError> {
    if is_dry {
        let understood = dry_run::understand(servable, rows, id)?;
        return Ok(Json(understood).into_response());
    }
    let top = explain.top().unwrap_or(usize::MAX);
    let model = servable.rows()?;
    let (answers, explained) = model.explain(rows, top)?;
    let explanations = explained
        .iter()
        .map(|row| ExplanationView::new(servable, model, row));
    Ok(render(servable, &answers, id, Some(explanations.collect())))
}

/// Does what may take long beside the async work of this thread, which others wait for.
fn aside<T>(is_long: bool, work: impl FnOnce() -> T) -> T {
    if is_long {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

/// The version that is asked.
async fn servable(api: &Api, model: Option<&str>, version: Option<&str>) -> Result<Arc<Servable>, ApiError> {
    let (model, named) = match model {
        None => (None, None),
        Some(model) => {
            let (model, named) = split_version(model);
            (Some(model), named)
        }
    };
    match (named, version) {
        (None, None) => Ok(api.predictor.in_production(model)?),
        (Some(_), Some(_)) => Err(ApiError::BadBody {
            message: "the version is named twice, behind the @ of the model and as model_version".to_owned(),
            field: Some("model_version".to_owned()),
        }),
        (Some(version), None) | (None, Some(version)) => match api.predictor.loaded(model, version) {
            Some(servable) => Ok(servable),
            None => Ok(api.deployments.servable(model, version).await?),
        },
    }
}
