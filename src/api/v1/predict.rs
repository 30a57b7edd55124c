//! Predictions.

mod answer;
mod request;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::body::read_json;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::{Api, RequestId};
use crate::platform::access::Predict;
use crate::platform::predictor::{Servable, split_version};
use answer::render;
use request::{Asked, PredictRequest, parse};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(predict))
}

/// More rows than this are computed aside, so that other requests need not wait; a large body is so anyway.
const ROWS_AT_ONCE: usize = 256;

/// Predicts one row or several.
///
/// `features` is a list in the order of the model's inputs, an object by name, or a list of either.
/// Without `model` the default model answers, without `model_version` the one in production. A version is named
/// by number, label, stage or alias (`"model_version": "@champion"`), or behind the model (`"model":
/// "churn@champion"`).
#[utoipa::path(post, path = "/api/v1/predict", tag = "predict", request_body = PredictRequest, responses(
    (status = 200, description = "One entry a row", body = answer::PredictAnswer),
    (status = 404, description = "No such model or version"),
    (status = 422, description = "What is wrong, with the field's name")))]
async fn predict(
    _: Permit<Predict>,
    State(api): State<Api>,
    id: RequestId,
    request: Request,
) -> Result<Response, ApiError> {
    let started = api.clock.monotonic();
    let body = read_json(request, api.limits()).await?;
    let asked = aside(body.is_large(), || parse(&body.bytes))?;
    let servable = servable(&api, &asked).await?;
    let is_long = body.is_large() || asked.rows.len() > ROWS_AT_ONCE;
    aside(is_long, || {
        // Owned here: a million cells are not freed in passing, either.
        let Asked { rows, .. } = asked;
        let answered = servable.predict(&rows);
        servable.note_duration(api.clock.monotonic() - started);
        Ok(render(&servable, &answered?, id))
    })
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
async fn servable(api: &Api, asked: &Asked<'_>) -> Result<Arc<Servable>, ApiError> {
    let (model, named) = match asked.model.as_deref() {
        None => (None, None),
        Some(model) => {
            let (model, named) = split_version(model);
            (Some(model), named)
        }
    };
    match (named, asked.model_version.as_deref()) {
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
