//! Writing a forecast.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::RequestId;
use crate::api::error::ApiError;
use crate::platform::predictor::{Cell, ForecastAnswer, Servable};

/// What a model forecasts, period by period.
#[derive(Serialize, ToSchema)]
pub(super) struct ForecastReply {
    /// What is expected of each period.
    #[schema(example = json!([13.2, 14.1]))]
    prediction: Vec<f64>,
    /// When each period begins.
    #[schema(example = json!(["2016-08-29T00:00:00Z", "2016-08-30T00:00:00Z"]))]
    time: Vec<String>,
    /// The lower end of each period's interval; null where the version has no intervals.
    lower: Option<Vec<f64>>,
    /// The upper end.
    upper: Option<Vec<f64>>,
    /// The share of values that the intervals are to hold.
    #[schema(example = 0.9)]
    interval: Option<f64>,
    /// The last period that the forecast knows.
    origin: String,
    /// The model that answered.
    model: String,
    /// The version that answered.
    #[schema(example = "v1.0.0")]
    version: String,
    /// Names this request: in the header x-request-id, and in the server's log.
    request_id: String,
}

/// The forecast as JSON.
pub(super) fn render(
    servable: &Servable,
    answer: &ForecastAnswer,
    id: RequestId,
) -> Result<Response, ApiError> {
    let told = |moment: &i64| Cell::Timestamp(*moment).to_string();
    let ends =
        |end: fn(&(f64, f64)) -> f64| answer.intervals.as_ref().map(|all| all.iter().map(end).collect());
    Ok(Json(ForecastReply {
        prediction: answer.values.clone(),
        time: answer.times.iter().map(told).collect(),
        lower: ends(|interval| interval.0),
        upper: ends(|interval| interval.1),
        interval: answer.level,
        origin: told(&answer.origin),
        model: servable.model().to_string(),
        version: servable.label().to_owned(),
        request_id: id.to_string(),
    })
    .into_response())
}
