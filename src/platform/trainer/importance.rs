//! What the quality of a model hangs on, on rows that it has not seen.

use super::TrainError;
use super::prepare::{Prepared, seed};
use crate::base::Stop;
use crate::data::feature::FittedFeatures;
use crate::data::split::{Part, Parts};
use crate::engine::explain::permuted::{REPEATS, permuted};
use crate::engine::matrix::Matrix;
use crate::engine::metric::known::{Better, better, headline_of};
use crate::engine::metric::report;
use crate::engine::model::Model;
use crate::platform::bundles::measured::Importance;

/// Rows that are enough to tell.
const ROWS: usize = 5_000;
/// Rows that are predicted in all, at most: for very many inputs fewer rows are taken.
const PREDICTED: usize = 5_000_000;
/// Fewer tell nothing.
const LEAST_ROWS: usize = 20;

/// How much worse the model gets at the metric to look at first when an input is dealt anew among the rows that are
/// held out; none where there are too few rows to tell.
pub(super) fn importance(
    prepared: &Prepared<'_>,
    features: &FittedFeatures,
    model: &Model,
    parts: &Parts,
    threshold: f32,
    stop: &Stop,
) -> Result<Option<Importance>, TrainError> {
    let inputs = by_input(features);
    let wanted = (PREDICTED / (inputs.len().max(1) * REPEATS as usize)).min(ROWS);
    let held_out = parts.count(Part::Test);
    if held_out < LEAST_ROWS || wanted < LEAST_ROWS {
        return Ok(None);
    }
    let some = every_nth(parts, held_out.div_ceil(wanted));
    let matrix = prepared.matrix(features, &some, Part::Test)?;
    let labels = prepared.targets(&some, Part::Test);
    let task = &prepared.target().task;
    let metric = headline_of(task);
    let sign = match better(metric) {
        Some(Better::Higher) => -1.0,
        _ => 1.0,
    };
    let rows = matrix.rows();
    let found = permuted(
        &matrix,
        &inputs,
        seed(prepared.recipe()).derive("importance", 0),
        stop,
        |values| {
            let dealt = Matrix::new(values.to_vec(), rows, matrix.features().clone())?;
            let answers = model.predict(&dealt)?;
            let measured = report(task, &labels, &answers, threshold).ok();
            Ok::<_, TrainError>(
                measured
                    .and_then(|report| report.get(metric))
                    .map(|value| sign * value),
            )
        },
    )?;
    let inputs = found.ok_or(TrainError::Stopped)?;
    Ok((!inputs.is_empty()).then(|| Importance {
        metric: metric.to_owned(),
        rows: rows as u64,
        repeats: REPEATS,
        inputs,
    }))
}

/// The columns of each input; what is made of several inputs stands by itself, under its own name.
fn by_input(features: &FittedFeatures) -> Vec<(String, Vec<usize>)> {
    let mut inputs: Vec<(String, Vec<usize>)> = features
        .inputs()
        .iter()
        .map(|input| (input.name.clone(), Vec::new()))
        .collect();
    for (column, origin) in features.origins().into_iter().enumerate() {
        match origin {
            Some(input) => inputs[input].1.push(column),
            None => inputs.push((features.outputs()[column].name.clone(), vec![column])),
        }
    }
    inputs.retain(|(_, columns)| !columns.is_empty());
    inputs
}

/// Of the rows that are held out every `step`-th.
fn every_nth(parts: &Parts, step: usize) -> Parts {
    let mut seen = 0;
    Parts::new(parts.len(), |row| {
        if parts.of(row) != Part::Test {
            return Part::Unused;
        }
        seen += 1;
        if (seen - 1) % step == 0 {
            Part::Test
        } else {
            Part::Unused
        }
    })
}
