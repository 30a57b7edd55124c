//! What a version forecasts, as the API tells it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::bundles::measured::{ForecastQuality, OtherForecast, StepQuality};
use crate::platform::bundles::{Predicts, Series};
use crate::platform::predictor::Cell;

/// Periods of the history that are told, at most.
const TOLD: usize = 200;

/// What a version forecasts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ForecastView {
    /// The column that says when a period was.
    #[schema(example = "date")]
    time: String,
    /// How far apart periods are.
    #[schema(example = "1d")]
    frequency: String,
    /// How many periods it looks ahead.
    horizon: usize,
    /// The periods after which the series is alike; 1 for none.
    season: usize,
    /// The share of values that its intervals are to hold; null where it has none.
    interval: Option<f64>,
    /// Columns that whoever asks sends for the periods to come.
    known: Vec<String>,
    /// The latest periods that it knows: where a forecast goes on that is sent no history.
    history: PeriodsView,
    /// When the periods begin that follow them.
    next: Vec<String>,
}

/// Periods and their values.
#[derive(Debug, Serialize, ToSchema)]
struct PeriodsView {
    /// When each begins.
    time: Vec<String>,
    /// Of each column a value a period; null where it is not known.
    values: BTreeMap<String, Vec<Option<f64>>>,
}

impl ForecastView {
    /// What `predicts` says beside the history of its version; none where it forecasts nothing.
    pub(super) fn new(predicts: &Predicts, history: Option<&Series>) -> Option<Self> {
        let Predicts::Forecast {
            time,
            frequency,
            horizon,
            season,
            interval,
            known,
            ..
        } = predicts
        else {
            return None;
        };
        let series = history?;
        let first = series.len().saturating_sub(TOLD);
        let told = |at: usize| {
            series
                .grid
                .moment(at)
                .map(|moment| Cell::Timestamp(moment).to_string())
        };
        let values = series.names.iter().zip(&series.columns).map(|(name, values)| {
            let values = values.iter().skip(first);
            (
                name.clone(),
                values.map(|value| value.is_finite().then_some(*value)).collect(),
            )
        });
        Some(Self {
            time: time.clone(),
            frequency: frequency.to_string(),
            horizon: *horizon,
            season: *season,
            interval: *interval,
            known: known.clone(),
            history: PeriodsView {
                time: (first..series.len()).filter_map(told).collect(),
                values: values.collect(),
            },
            next: (series.len()..series.len() + horizon).filter_map(told).collect(),
        })
    }
}

/// How forecasts did from a rolling origin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ForecastQualityView {
    /// Origins that it forecast from.
    origins: u64,
    /// Periods that it learnt from.
    learnt: u64,
    /// Periods without a value that were filled in.
    filled: usize,
    /// Other forecasts of the same periods.
    beside: Vec<OtherView>,
    /// Step by step.
    steps: Vec<StepView>,
    /// The latest forecast that can be held against what came.
    example: ExampleView,
}

/// Another forecast of the same periods.
#[derive(Debug, Serialize, ToSchema)]
struct OtherView {
    /// persistence, seasonal_naive or boosted_lags.
    #[schema(example = "seasonal_naive")]
    name: String,
    metrics: BTreeMap<String, f64>,
}

/// One step of the horizon.
#[derive(Debug, Serialize, ToSchema)]
struct StepView {
    step: u64,
    rmse: f64,
    mae: f64,
    /// The share of values inside their interval; null where there are no intervals.
    coverage: Option<f64>,
    /// The root mean squared errors of the others, in their order.
    beside: Vec<f64>,
}

/// A forecast and what came.
#[derive(Debug, Serialize, ToSchema)]
struct ExampleView {
    /// When each period begins: those before the origin, and those that are forecast.
    time: Vec<String>,
    /// What came, one a period.
    values: Vec<f64>,
    /// What was forecast of the last periods.
    forecast: Vec<f64>,
    /// The lower ends of the intervals; empty where there are none.
    lower: Vec<f64>,
    /// The upper ends.
    upper: Vec<f64>,
}

impl From<ForecastQuality> for ForecastQualityView {
    fn from(quality: ForecastQuality) -> Self {
        let (lower, upper) = quality.example.intervals.into_iter().unzip();
        Self {
            origins: quality.origins,
            learnt: quality.learnt,
            filled: quality.mended.filled,
            beside: super::quality::views(quality.beside),
            steps: super::quality::views(quality.steps),
            example: ExampleView {
                time: quality.example.times,
                values: quality.example.values,
                forecast: quality.example.forecast,
                lower,
                upper,
            },
        }
    }
}

impl From<OtherForecast> for OtherView {
    fn from(OtherForecast { name, metrics }: OtherForecast) -> Self {
        Self { name, metrics }
    }
}

impl From<StepQuality> for StepView {
    fn from(step: StepQuality) -> Self {
        Self {
            step: step.step,
            rmse: step.rmse,
            mae: step.mae,
            coverage: step.coverage,
            beside: step.beside,
        }
    }
}
