//! Predictions.

mod answer;
mod request;

use axum::extract::{Request, State};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::body::read_json;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::{Api, RequestId};
use crate::platform::access::Predict;
use answer::render;
use request::{PredictRequest, parse};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(predict))
}

/// More rows than this are computed on a thread of their own, so that other requests need not wait.
const ROWS_AT_ONCE: usize = 256;

/// Predicts one row or several.
///
/// `features` is a list in the order of the model's inputs, an object by name, or a list of either.
/// Without `model` the default model answers, without `model_version` the one in production.
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
    let body = read_json(request).await?;
    let _place = api.limits().large_place(body.len())?;
    let request = parse(&body)?;
    let model = request.model.as_deref();
    let servable = match request.model_version.as_deref() {
        None => api.predictor.in_production(model)?,
        Some(version) => match api.predictor.loaded(model, version) {
            Some(servable) => servable,
            None => api.deployments.servable(model, version).await?,
        },
    };
    let rows = request.rows.len();
    let answered = if rows > ROWS_AT_ONCE {
        tokio::task::block_in_place(|| servable.predict(&request.rows))
    } else {
        servable.predict(&request.rows)
    };
    servable.note_duration(api.clock.monotonic() - started);
    Ok(render(&servable, &answered?, id))
}
