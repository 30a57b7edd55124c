//! What a forecast hangs on: how much worse it gets when something that it looks at is of other periods.

use super::Periods;
use super::measure::errors;
use crate::base::Stop;
use crate::data::series::Series;
use crate::data::split::{below, shuffled};
use crate::engine::forecast::{Answered, Forecaster};
use crate::engine::metric::MetricError;
use crate::engine::metric::forecast::{Errors, HEADLINE};
use crate::platform::bundles::measured::{Importance, PermutedInput};
use crate::platform::trainer::TrainError;
use crate::platform::trainer::prepare::seed;

/// How often each input is dealt anew.
const REPEATS: usize = 5;
/// Origins that are enough to tell.
const ORIGINS: usize = 300;

/// What is dealt anew.
enum Input {
    /// A column of the series: its values in another order.
    Column(usize),
    /// The calendar: the same values at other times.
    Calendar,
}

/// How much worse the forecasts get at the metric to look at first; none where there are too few origins to tell.
pub(super) fn importance(
    periods: &Periods<'_>,
    forecaster: &Forecaster,
    whole: &Errors,
    stop: &Stop,
) -> Result<Option<Importance>, TrainError> {
    let measured = periods.measured();
    if whole.origins() < 20 {
        return Ok(None);
    }
    let every = measured.len().div_ceil(ORIGINS);
    let origins: Vec<usize> = measured.into_iter().step_by(every).collect();
    let of = |series: &Series| -> Result<f64, TrainError> {
        let forecasts = forecaster.forecast(series, &origins)?;
        let answered = Answered::new(&periods.plan, &periods.series, &origins, forecasts);
        let metrics = errors(periods, periods.learnt(), &answered, None)?.metrics();
        Ok(metrics
            .into_iter()
            .find(|(name, _)| *name == HEADLINE)
            .map_or(0.0, |(_, value)| value))
    };
    let usual = match of(&periods.series) {
        // None of these origins has a value that was observed.
        Err(TrainError::Metric(MetricError::Empty)) => return Ok(None),
        other => other?,
    };
    let names = periods.series.names.iter().enumerate();
    let mut inputs: Vec<(String, Input)> = names
        .map(|(at, name)| (name.clone(), Input::Column(at)))
        .collect();
    if periods.plan.calendar {
        inputs.push(("the calendar".to_owned(), Input::Calendar));
    }
    let mut found = Vec::new();
    for (name, input) in inputs {
        let mut worse = Vec::with_capacity(REPEATS);
        for repeat in 0..REPEATS {
            if stop.is_asked() {
                return Err(TrainError::Stopped);
            }
            let seed = seed(periods.recipe)
                .derive("importance", repeat as u64)
                .derive(&name, 0);
            let mut series = periods.series.clone();
            match input {
                Input::Column(column) => {
                    let values = &periods.series.columns[column];
                    let order = shuffled(values.len(), seed);
                    series.columns[column] = order.into_iter().map(|at| values[at]).collect();
                }
                Input::Calendar => {
                    let at = 1 + below(series.len().max(2) as u64 - 1, &mut seed.rng()) as usize;
                    series.grid = series.grid.from(at);
                }
            }
            worse.push(of(&series)? - usual);
        }
        let mean = worse.iter().sum::<f64>() / REPEATS as f64;
        let squares = worse.iter().map(|worse| (worse - mean).powi(2)).sum::<f64>();
        found.push(PermutedInput {
            input: name,
            worse: mean,
            sd: (squares / (REPEATS - 1) as f64).sqrt(),
        });
    }
    found.sort_by(|a, b| b.worse.total_cmp(&a.worse));
    Ok(Some(Importance {
        metric: HEADLINE.to_owned(),
        rows: origins.len() as u64,
        repeats: REPEATS as u64,
        inputs: found,
    }))
}
