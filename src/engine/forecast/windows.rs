//! A series as windows, for an LSTM.

use serde::{Deserialize, Serialize};

use super::calendar;
use super::naive::naive;
use super::plan::Plan;
use super::rows::moment;
use super::scale::Scale;
use crate::data::series::Series;
use crate::engine::model::PredictError;
use crate::engine::net::lstm::{LstmModel, Scaling, Sequences};

/// How numbers are scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scales {
    /// Of the values that go in, differenced.
    pub(super) input: Scale,
    /// Of what comes out, less what is subtracted.
    pub(super) output: Scale,
    /// Of the other columns, in their order.
    pub(super) columns: Vec<Scale>,
}

impl Scales {
    /// Of the periods up to `end`, and what comes after `origins` among them.
    pub(super) fn of(
        how: Scaling,
        plan: &Plan,
        series: &Series,
        (origins, end): (&[usize], usize),
        outputs: usize,
    ) -> Self {
        let values = &series.target()[..end];
        let differences: Vec<f64> = (0..end).map(|at| difference(plan, values, at)).collect();
        let left: Vec<f64> = origins
            .iter()
            .flat_map(|origin| left(plan, values, *origin, outputs))
            .collect();
        let others = 1..series.columns.len();
        Self {
            input: Scale::of(how, differences.iter().copied()),
            output: Scale::of(how, left.iter().copied()),
            columns: others
                .map(|at| Scale::of(how, series.columns[at][..end].iter().copied()))
                .collect(),
        }
    }

    pub(super) fn is_sound(&self, plan: &Plan) -> bool {
        self.columns.len() == plan.exogenous.len() + plan.known.len()
            && [self.input, self.output]
                .iter()
                .chain(&self.columns)
                .all(|scale| scale.is_sound())
    }
}

/// A value less the one a lag before; NaN where there is none.
fn difference(plan: &Plan, values: &[f64], at: usize) -> f64 {
    match plan.lag() {
        None => values[at],
        Some(lag) => at
            .checked_sub(lag)
            .map_or(f64::NAN, |before| values[at] - values[before]),
    }
}

/// What is subtracted from the values that come after an origin.
fn subtracted(plan: &Plan, known: &[f64], outputs: usize) -> Vec<f64> {
    match plan.lag() {
        None => vec![0.0; outputs],
        Some(lag) => naive(known, lag, outputs).collect(),
    }
}

/// The values that come after an origin, less what is subtracted.
fn left(plan: &Plan, values: &[f64], origin: usize, outputs: usize) -> Vec<f64> {
    let subtracted = subtracted(plan, &values[..=origin], outputs);
    let after = &values[origin + 1..=origin + outputs];
    after
        .iter()
        .zip(subtracted)
        .map(|(value, base)| value - base)
        .collect()
}

/// Numbers of a period that go in.
pub(super) fn inputs(plan: &Plan) -> usize {
    1 + plan.exogenous.len() + ahead(plan)
}

/// Numbers of a period that are known ahead.
pub(super) fn ahead(plan: &Plan) -> usize {
    plan.known.len()
        + if plan.calendar {
            calendar::width(plan.frequency)
        } else {
            0
        }
}

/// Appends what is known ahead of the period at `at`.
fn push_ahead(plan: &Plan, series: &Series, scales: &Scales, at: usize, out: &mut Vec<f32>) {
    for column in plan.known_at() {
        out.push(scales.columns[column - 1].apply(series.columns[column][at]));
    }
    if plan.calendar {
        calendar::waves(plan.frequency, moment(series, at), out);
    }
}

/// The windows that end with `origins`, with what comes after them where `is_learnt`.
pub(super) fn sequences(
    plan: &Plan,
    series: &Series,
    scales: &Scales,
    origins: &[usize],
    (outputs, is_learnt): (usize, bool),
) -> Sequences {
    let last = origins.iter().max().map_or(0, |last| last + 1);
    let values = &series.target()[..last];
    let mut sequences = Sequences {
        inputs: inputs(plan),
        window: plan.window,
        ends: origins.to_vec(),
        extras: outputs * ahead(plan),
        ..Sequences::default()
    };
    for at in 0..last {
        let value = difference(plan, values, at);
        sequences.values.push(scales.input.apply(value));
        for column in plan.exogenous_at() {
            sequences
                .values
                .push(scales.columns[column - 1].apply(series.columns[column][at]));
        }
        push_ahead(plan, series, scales, at, &mut sequences.values);
    }
    for &origin in origins {
        for step in 1..=outputs {
            push_ahead(plan, series, scales, origin + step, &mut sequences.extra);
        }
        if is_learnt {
            let left = left(plan, series.target(), origin, outputs);
            sequences
                .target
                .extend(left.into_iter().map(|value| scales.output.apply(value)));
        }
    }
    sequences
}

/// Origins that are gone on from together.
const WAYS: usize = 256;

/// The forecasts of a net at these origins: `[origins x horizon]`. A net of fewer outputs is asked again, with what it
/// told as if it had been observed.
pub(super) fn told(
    plan: &Plan,
    series: &Series,
    scales: &Scales,
    model: &LstmModel,
    origins: &[usize],
) -> Result<Vec<f64>, PredictError> {
    let (.., outputs) = model.extent();
    if outputs < plan.horizon && origins.len() > WAYS {
        let parts = origins
            .chunks(WAYS)
            .map(|origins| told(plan, series, scales, model, origins));
        return Ok(parts.collect::<Result<Vec<_>, _>>()?.concat());
    }
    if outputs >= plan.horizon {
        let sequences = sequences(plan, series, scales, origins, (outputs, false));
        let seen = model.predict(&sequences)?;
        let mut told = Vec::with_capacity(origins.len() * plan.horizon);
        for (origin, seen) in origins.iter().zip(seen.chunks_exact(outputs)) {
            let base = subtracted(plan, &series.target()[..=*origin], plan.horizon);
            told.extend(
                seen.iter()
                    .zip(base)
                    .map(|(seen, base)| scales.output.invert(*seen) + base),
            );
        }
        return Ok(told);
    }
    // Each origin goes its own way: it gets the periods that it needs as a series of its own, and all ways are one behind
    // the other, so that the net is asked once for all of them.
    let ways: Vec<Series> = origins.iter().map(|origin| way(plan, series, *origin)).collect();
    let mut ways = ways;
    let mut told = vec![Vec::with_capacity(plan.horizon + outputs); origins.len()];
    let first = plan.needs() - 1;
    let mut at = 0;
    while at < plan.horizon {
        let mut joined = Sequences::default();
        for way in &ways {
            let next = sequences(plan, way, scales, &[first + at], (outputs, false));
            join(&mut joined, next);
        }
        let seen = model.predict(&joined)?;
        for ((way, told), seen) in ways.iter_mut().zip(&mut told).zip(seen.chunks_exact(outputs)) {
            let base = subtracted(plan, &way.columns[0][..=first + at], outputs);
            for (step, (seen, base)) in seen.iter().zip(base).enumerate() {
                let value = scales.output.invert(*seen) + base;
                told.push(value);
                if let Some(next) = way.columns[0].get_mut(first + at + step + 1) {
                    *next = value;
                }
            }
        }
        at += outputs;
    }
    let told = told
        .into_iter()
        .flat_map(|told| told.into_iter().take(plan.horizon));
    Ok(told.collect())
}

/// The periods that a forecast from `origin` needs, and those that it is of.
fn way(plan: &Plan, series: &Series, origin: usize) -> Series {
    let first = origin + 1 - plan.needs();
    let until = |column: usize| {
        if plan.known_at().contains(&column) {
            plan.horizon
        } else {
            0
        }
    };
    let mut way = Series {
        names: series.names.clone(),
        grid: series.grid,
        columns: Vec::new(),
        filled: vec![false; plan.needs() + plan.horizon],
    };
    way.grid = series.grid.from(first);
    for (column, values) in series.columns.iter().enumerate() {
        let mut taken = values[first..=origin + until(column)].to_vec();
        taken.resize(plan.needs() + plan.horizon, f64::NAN);
        way.columns.push(taken);
    }
    way
}

/// Puts the one window of `next` behind the windows of `all`.
fn join(all: &mut Sequences, next: Sequences) {
    if all.is_empty() {
        *all = next;
        return;
    }
    let periods = all.values.len() / all.inputs;
    all.ends.extend(next.ends.iter().map(|end| end + periods));
    all.values.extend(next.values);
    all.extra.extend(next.extra);
}
