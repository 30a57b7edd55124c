//! A version that forecasts a series.

use super::{Kind, Servable};
use crate::data::cell::Cell;
use crate::data::series::{Observation, Series, Snap};
use crate::engine::forecast::Plan;

use super::super::{PredictError, Row};

/// What a forecast is asked from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ahead<'a> {
    /// The latest periods; those that the version carries where there are none.
    pub history: Option<Vec<Row<'a>>>,
    /// What is known of the periods to come; other columns in them are not looked at.
    pub future: Vec<Row<'a>>,
    /// How many periods are wanted; the version's horizon unless it is given.
    pub horizon: Option<usize>,
}

/// A forecast, period by period.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastAnswer {
    /// When the last period was that it knows, in microseconds since the epoch.
    pub origin: i64,
    /// When each period begins.
    pub times: Vec<i64>,
    /// What is expected of it.
    pub values: Vec<f64>,
    /// Its interval, where the version has intervals.
    pub intervals: Option<Vec<(f64, f64)>>,
    /// The share of values that the intervals are to hold.
    pub level: Option<f64>,
}

impl Servable {
    /// What is forecast, where the version forecasts.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.kind {
            Kind::Series(series) => Some(&series.forecaster.plan),
            Kind::Rows(_) | Kind::Items(_) => None,
        }
    }

    /// Forecasts the periods after the history.
    ///
    /// # Errors
    /// The version forecasts nothing, or what was sent is no series that it can go on with.
    pub fn forecast(&self, asked: Ahead<'_>) -> Result<ForecastAnswer, PredictError> {
        let answer = self.answer_forecast(asked);
        match &answer {
            Ok(_) => self.measured.add_answered(1),
            Err(_) => self.measured.add_refused(),
        }
        answer
    }

    fn answer_forecast(&self, asked: Ahead<'_>) -> Result<ForecastAnswer, PredictError> {
        let Kind::Series(fitted) = &self.kind else {
            return Err(PredictError::NoForecast(self.model.clone()));
        };
        let plan = &fitted.forecaster.plan;
        let horizon = asked.horizon.unwrap_or(plan.horizon);
        if !(1..=plan.horizon).contains(&horizon) {
            let problem = format!(
                "expected 1 to {}, which is how far the version was trained to look, got {horizon}",
                plan.horizon
            );
            return Err(wrong("horizon", problem));
        }
        let mut series = match asked.history {
            None => fitted.history.clone(),
            Some(rows) => history(plan, self.observations("history", rows)?)?,
        };
        let known = series.len();
        let origin = known - 1;
        if series.grid.moment(origin + plan.horizon).is_none() {
            return Err(wrong(
                "history",
                "it ends where the calendar does; is its last time right?".to_owned(),
            ));
        }
        for (column, values) in series.columns.iter_mut().enumerate() {
            // Of exogenous columns that end before the target the last value is the latest that is known.
            let last = values.iter().rev().find(|value| value.is_finite()).copied();
            if column > 0 {
                let missing = values.iter_mut().rev().take_while(|value| value.is_nan());
                missing.for_each(|value| *value = last.unwrap_or(f64::NAN));
            }
            values.resize(known + plan.horizon, f64::NAN);
        }
        series.filled.resize(known + plan.horizon, true);
        let future = self.observations("future", asked.future)?;
        add_future(plan, &mut series, origin, horizon, &future)?;
        let values = fitted.forecaster.forecast(&series, &[origin])?;
        if let Some(step) = values.iter().take(horizon).position(|value| !value.is_finite()) {
            let problem = format!(
                "its values are so large that step {} has no finite forecast",
                step + 1
            );
            return Err(wrong("history", problem));
        }
        let moment = |at: usize| series.grid.moment(at).unwrap_or(i64::MAX);
        let intervals = fitted.forecaster.intervals.as_ref();
        let around = |step: usize| intervals.and_then(|of| of.around(step + 1, values[step]));
        Ok(ForecastAnswer {
            origin: moment(origin),
            times: (1..=horizon).map(|step| moment(origin + step)).collect(),
            intervals: (0..horizon).map(around).collect(),
            level: intervals.map(|of| of.level),
            values: values[..horizon].to_vec(),
        })
    }

    /// Rows as the periods that they are of: the time, and a value of each column, missing where none is sent.
    fn observations(&self, part: &'static str, rows: Vec<Row<'_>>) -> Result<Vec<Observation>, PredictError> {
        let [time, columns @ ..] = self.inputs() else {
            return Ok(Vec::new());
        };
        let of_row = |(at, row): (usize, Row<'_>)| {
            let row = &row;
            let in_row = |source| PredictError::InRow {
                row: at + 1,
                source: Box::new(source),
            };
            let Row::Named(fields) = row else {
                let names: Vec<&str> = self.inputs().iter().map(|input| &*input.name).collect();
                return Err(wrong(
                    part,
                    format!("expected rows as objects with {}", names.join(", ")),
                ));
            };
            let mut moment = None;
            let mut values = vec![f64::NAN; columns.len()];
            for (name, cell) in fields {
                if *name == time.name {
                    moment = time.moment(cell).map_err(|error| in_row(error.into()))?;
                } else if let Some(column) = columns.iter().position(|column| *name == column.name) {
                    let cell = match cell {
                        Cell::Boolean(boolean) => &Cell::Integer(i64::from(*boolean)),
                        other => other,
                    };
                    values[column] = columns[column]
                        .number(cell)
                        .map_err(|error| in_row(error.into()))?;
                } else {
                    return Err(in_row(PredictError::ExtraField {
                        field: name.chars().take(100).collect(),
                        known: self.inputs().iter().map(|input| input.name.clone()).collect(),
                    }));
                }
            }
            let at = moment.ok_or_else(|| {
                in_row(PredictError::MissingField {
                    field: time.name.clone(),
                    expected: time.kind,
                    nullable: false,
                })
            })?;
            Ok(Observation { at, values })
        };
        rows.into_iter().enumerate().map(of_row).collect()
    }
}

/// The history that was sent, on the grid of the version.
fn history(plan: &Plan, rows: Vec<Observation>) -> Result<Series, PredictError> {
    let built = Series::new(&plan.columns(), rows, &plan.rule());
    let (mut series, _) = built.map_err(|error| wrong("history", error.to_string()))?;
    // A forecast begins behind the last value that is known.
    let ends = series
        .target()
        .iter()
        .rposition(|value| value.is_finite())
        .map_or(0, |last| last + 1);
    for values in &mut series.columns {
        values.truncate(ends);
    }
    series.filled.truncate(ends);
    let leading = series.target().iter().take_while(|value| value.is_nan()).count();
    let series = series.tail(ends - leading);
    if series.len() < plan.needs() {
        let problem = format!(
            "{} periods of {} are too few: a forecast needs {} (a window of {}, and what is subtracted)",
            series.len(),
            plan.frequency,
            plan.needs(),
            plan.window
        );
        return Err(wrong("history", problem));
    }
    Ok(series)
}

/// Puts what is known of the time to come behind the history.
fn add_future(
    plan: &Plan,
    series: &mut Series,
    origin: usize,
    horizon: usize,
    rows: &[Observation],
) -> Result<(), PredictError> {
    let first = 1 + plan.exogenous.len();
    let mut sent = std::collections::HashSet::new();
    for row in rows {
        let at = series.grid.index(row.at, Snap::Nearest);
        let at = at.and_then(|at| usize::try_from(at).ok());
        let Some(at) = at.filter(|at| (origin + 1..=origin + plan.horizon).contains(at)) else {
            let problem = format!(
                "{} is none of the {} periods after {}",
                Cell::Timestamp(row.at),
                plan.horizon,
                series.time(origin)
            );
            return Err(wrong("future", problem));
        };
        if !sent.insert(at) {
            return Err(wrong("future", format!("{} is there twice", series.time(at))));
        }
        for column in first..first + plan.known.len() {
            series.columns[column][at] = row.values[column];
        }
    }
    for (name, column) in plan.known.iter().zip(first..) {
        let mut steps = origin + 1..=origin + horizon;
        if let Some(missing) = steps.find(|at| series.columns[column][*at].is_nan()) {
            let problem = format!(
                "{name} is known ahead, and is not sent for {}; send a row with \"{}\" and \"{name}\" for each of the {horizon} \
                 periods",
                series.time(missing),
                plan.time
            );
            return Err(wrong("future", problem));
        }
        // Behind the wanted periods a net still reads something; it tells nothing that is answered.
        let last = series.columns[column][origin + horizon];
        series.columns[column][origin + horizon + 1..].fill(last);
    }
    Ok(())
}

fn wrong(part: &'static str, problem: String) -> PredictError {
    PredictError::Series { part, problem }
}
