//! A series as a table, for algorithms that learn from rows: a row is an origin and a step.

use std::sync::Arc;

use super::calendar;
use super::plan::Plan;
use crate::data::series::Series;
use crate::engine::matrix::{Feature, Matrix, MatrixError};

/// Lags that are features, at most: those of a longer window are told by their mean, their spread, and the same times of
/// the seasons before.
const MOST_LAGS: usize = 64;

/// Seasons before the target whose same time is a feature.
const SEASONS: usize = 3;

/// Rows to learn from, at most; of more, evenly spread ones are taken.
const MOST_ROWS: usize = 400_000;

/// The features of a row.
pub(super) fn features(plan: &Plan) -> Arc<[Feature]> {
    let mut features = vec![Feature::numeric("step")];
    features.extend((1..=lags(plan)).map(|lag| Feature::numeric(format!("lag_{lag}"))));
    features.extend(seasons(plan).map(|season| Feature::numeric(format!("season_{season}"))));
    features.extend(["window_mean", "window_spread"].map(Feature::numeric));
    if plan.calendar {
        features.extend(calendar::features(plan.frequency));
    }
    features.extend(
        plan.exogenous
            .iter()
            .map(|name| Feature::numeric(format!("{name} at origin"))),
    );
    features.extend(
        plan.known
            .iter()
            .map(|name| Feature::numeric(format!("{name} at step"))),
    );
    features.into()
}

fn lags(plan: &Plan) -> usize {
    plan.window.min(MOST_LAGS)
}

fn seasons(plan: &Plan) -> std::ops::RangeInclusive<usize> {
    // Of what is subtracted itself nothing is left.
    let first = if plan.lag() == Some(plan.season) { 2 } else { 1 };
    let last = if plan.season > 1 { SEASONS } else { 0 };
    first..=last
}

/// Rows of origins and steps, and what is subtracted from the target of each.
pub(super) struct Rows {
    pub(super) matrix: Matrix,
    /// `[rows]`.
    pub(super) subtracted: Vec<f64>,
    /// The period of each row's target: `[rows]`.
    pub(super) periods: Vec<usize>,
    /// Its step, from 1: `[rows]`.
    pub(super) steps: Vec<usize>,
}

/// The rows of every step of these origins: `[origins x horizon]`.
pub(super) fn asked(plan: &Plan, series: &Series, origins: &[usize]) -> Result<Rows, MatrixError> {
    let pairs = origins
        .iter()
        .flat_map(|origin| (1..=plan.horizon).map(move |step| (*origin, step)));
    rows(plan, series, pairs)
}

/// The rows to learn from: of these origins every step whose value was observed, or evenly spread ones of them.
pub(super) fn learnt(plan: &Plan, series: &Series, origins: &[usize]) -> Result<Rows, MatrixError> {
    let every = (origins.len() * plan.horizon).div_ceil(MOST_ROWS).max(1);
    let steps = |origin: &usize| {
        (1..=plan.horizon).map({
            let origin = *origin;
            move |step| (origin, step)
        })
    };
    let pairs = origins.iter().flat_map(steps);
    let taken = pairs.filter(|(origin, step)| (origin + step) % every == 0);
    rows(
        plan,
        series,
        taken.filter(|(origin, step)| !series.filled[origin + step]),
    )
}

fn rows(
    plan: &Plan,
    series: &Series,
    pairs: impl Iterator<Item = (usize, usize)>,
) -> Result<Rows, MatrixError> {
    let features = features(plan);
    let values = series.target();
    let (mut cells, mut subtracted) = (Vec::new(), Vec::new());
    let (mut periods, mut steps) = (Vec::new(), Vec::new());
    for (origin, step) in pairs {
        let known = &values[..=origin];
        // As `naive` has it, of one step.
        let at_step = |lag: usize| known[known.len() - lag + (step - 1) % lag];
        let base = plan.lag().map_or(0.0, at_step);
        let mut add = |value: f64| cells.push(finite(value));
        add(step as f64);
        let window = &known[known.len() - plan.window..];
        for value in window.iter().rev().take(lags(plan)) {
            add(value - base);
        }
        // The same time of the last season that is known, and of those before it.
        let last = (origin + step).checked_sub(plan.season * step.div_ceil(plan.season));
        for season in seasons(plan) {
            let at = last.and_then(|last| last.checked_sub((season - 1) * plan.season));
            add(at.map_or(f64::NAN, |at| values[at] - base));
        }
        let mean = window.iter().sum::<f64>() / window.len() as f64;
        let variance = window.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        add(mean - base);
        add((variance / window.len() as f64).sqrt());
        let target = origin + step;
        if plan.calendar {
            calendar::codes(plan.frequency, moment(series, target), &mut cells);
        }
        let exogenous = plan.exogenous_at().map(|column| series.columns[column][origin]);
        let ahead = plan.known_at().map(|column| series.columns[column][target]);
        cells.extend(exogenous.chain(ahead).map(finite));
        subtracted.push(base);
        periods.push(target);
        steps.push(step);
    }
    Ok(Rows {
        matrix: Matrix::new(cells, subtracted.len(), features)?,
        subtracted,
        periods,
        steps,
    })
}

/// Where the period at `index` begins. A series reaches no further than the calendar.
pub(super) fn moment(series: &Series, index: usize) -> i64 {
    series.grid.moment(index).unwrap_or(series.grid.start)
}

/// A number of 32 bits, which no infinite one is.
fn finite(value: f64) -> f32 {
    value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
}
