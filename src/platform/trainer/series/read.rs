//! Rows as a series, and which of its periods are held out.

use super::Periods;
use crate::base::Stop;
use crate::data::series::{Frequency, Observation, Series};
use crate::data::table::{Column, Table};
use crate::engine::device::Device;
use crate::engine::forecast::{ForecastSpec, Plan};
use crate::platform::datasets::Columns;
use crate::platform::recipes::WrittenRecipe;
use crate::platform::trainer::TrainError;
use crate::platform::trainer::dataset::Source;

/// More rows are no series that is forecast from its last periods.
const MOST_ROWS: usize = 20_000_000;

/// Puts the rows on their grid, and holds the last periods out.
///
/// # Errors
/// They are no series under the recipe's rules, or too few.
pub(super) fn periods<'a>(
    written: &'a WrittenRecipe,
    spec: &ForecastSpec,
    source: &Source,
    (device, stop): (&'a Device, &'a Stop),
) -> Result<Periods<'a>, TrainError> {
    let recipe = written.recipe();
    let name = || source.version.source.to_string();
    if source.rows.count() > MOST_ROWS {
        return Err(TrainError::LongSeries {
            source_name: name(),
            rows: source.rows.count(),
            most: MOST_ROWS,
        });
    }
    let mut columns = vec![recipe.data.target.clone()];
    columns.extend(spec.exogenous.iter().chain(&spec.known).cloned());
    let mut names: Vec<&str> = columns.iter().map(String::as_str).collect();
    names.push(&spec.time);
    let mut rows = Vec::with_capacity(source.rows.count());
    source.rows.each(Columns::Named(&names), |first, batch| {
        if stop.is_asked() {
            return Err(TrainError::Stopped);
        }
        observe(batch, first, &spec.time, &columns, &mut rows).map_err(|row| TrainError::NoTime {
            source_name: name(),
            column: spec.time.clone(),
            row,
        })
    })?;
    let frequency = spec.frequency.or_else(|| frequency(&rows));
    let built = Series::new(&columns, rows, &spec.rule(frequency));
    let (series, mended) = built.map_err(|error| TrainError::Series {
        source_name: name(),
        error,
    })?;
    let series = observed(series);
    let plan = Plan::new(spec, &recipe.data.target, series.grid.frequency);
    let wanted = (series.len() as f64 * recipe.validation.holdout).round() as usize;
    let held_out = series.len().saturating_sub(wanted.max(plan.horizon));
    if held_out < plan.needs() + plan.horizon {
        return Err(TrainError::Fit(crate::engine::fit::FitError::SeriesTooShort {
            periods: series.len(),
            window: plan.window,
            horizon: plan.horizon,
            needed: plan.needs() + plan.horizon + wanted.max(plan.horizon),
        }));
    }
    Ok(Periods {
        recipe,
        series,
        mended,
        plan,
        held_out,
        device,
        stop,
    })
}

fn frequency(rows: &[Observation]) -> Option<Frequency> {
    let mut moments: Vec<i64> = rows.iter().map(|row| row.at).collect();
    moments.sort_unstable();
    moments.dedup();
    Frequency::of(&moments)
}

/// The periods from the first value of the target to its last one.
fn observed(series: Series) -> Series {
    let is_there = |value: &f64| value.is_finite();
    let last = series
        .target()
        .iter()
        .rposition(is_there)
        .map_or(0, |last| last + 1);
    let mut ends = series;
    ends.columns.iter_mut().for_each(|values| values.truncate(last));
    ends.filled.truncate(last);
    let first = ends.target().iter().position(is_there).unwrap_or(0);
    ends.tail(last - first)
}

/// Appends the rows of a batch, or tells the row, from 1, whose time is missing.
fn observe(
    batch: &Table,
    first: usize,
    time: &str,
    columns: &[String],
    rows: &mut Vec<Observation>,
) -> Result<(), usize> {
    let column = |name: &str| batch.schema().index_of(name).map(|at| &batch.columns()[at]);
    let Some(Column::Timestamp(moments)) = column(time) else {
        return Ok(());
    };
    let columns: Vec<Option<&Column>> = columns.iter().map(|name| column(name)).collect();
    for (row, moment) in moments.iter().enumerate() {
        let at = moment.ok_or(first + row + 1)?;
        let values = columns
            .iter()
            .map(|column| column.map_or(f64::NAN, |column| number(column, row)));
        rows.push(Observation {
            at,
            values: values.collect(),
        });
    }
    Ok(())
}

fn number(column: &Column, row: usize) -> f64 {
    match column {
        Column::Number(values) => values[row],
        Column::Integer(values) => values[row].map_or(f64::NAN, |value| value as f64),
        Column::Boolean(values) => values[row].map_or(f64::NAN, |value| f64::from(u8::from(value))),
        Column::Category(_) | Column::Text(_) | Column::Timestamp(_) => f64::NAN,
    }
}
