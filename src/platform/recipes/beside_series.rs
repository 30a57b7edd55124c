//! A recipe that forecasts: what goes with a series and what does not, alone and beside the columns of its data.

use super::locate::{Step, keys};
use super::{Recipe, RecipeError, Threshold, Validation, WrittenRecipe};
use crate::data::schema::{ColumnType, Schema};
use crate::engine::algorithm::{Algorithm, Learns};
use crate::engine::forecast::ForecastSpec;
use crate::engine::metric::forecast;

impl Recipe {
    /// The first key that does not go with whether a series is forecast, and what is wrong with it.
    pub(super) fn mistake_in_forecast(&self) -> Option<(Vec<&'static str>, String)> {
        let Some(spec) = &self.forecast else {
            return (self.algorithm.learns() == Learns::Series).then(|| {
                let name = self.algorithm.name();
                let message = "it learns from a series; say in [forecast] what is forecast, as in time = \"date\" and \
                               horizon = 14";
                (vec!["algorithm", name], message.to_owned())
            });
        };
        if let Err(wrong) = spec.validate() {
            return Some((vec!["forecast", wrong.param], wrong.to_string()));
        }
        let named = [&spec.time].into_iter().chain(&spec.exogenous).chain(&spec.known);
        if named.into_iter().any(|column| *column == self.data.target) {
            let message = "it is what is forecast, and cannot be a column beside it".to_owned();
            return Some((vec!["data", "target"], message));
        }
        if self.algorithm.learns() == Learns::Ratings {
            let message =
                "it learns from ratings, and this recipe forecasts a series; take lstm, boost, linear or mlp";
            return Some((vec!["algorithm", self.algorithm.name()], message.to_owned()));
        }
        if let Some(stray) = self.goes_with_rows() {
            let message = "it goes with rows that are predicted one by one, and this recipe forecasts a series; leave it out";
            return Some((stray, message.to_owned()));
        }
        let Algorithm::Lstm(params) = &self.algorithm else {
            return None;
        };
        let steps = params.output_steps.filter(|steps| *steps > spec.horizon)?;
        let message = format!("expected at most forecast.horizon, {}, got {steps}", spec.horizon);
        Some((vec!["algorithm", "lstm", "output_steps"], message))
    }

    /// The first key that is given and goes with rows that are predicted one by one alone.
    pub(super) fn goes_with_rows(&self) -> Option<Vec<&'static str>> {
        let (data, validation, usual) = (&self.data, &self.validation, Validation::default());
        let given = [
            (data.quantile.is_some(), vec!["data", "quantile"]),
            (data.positive.is_some(), vec!["data", "positive"]),
            (data.weight.is_some(), vec!["data", "weight"]),
            (validation.group.is_some(), vec!["validation", "group"]),
            (validation.time.is_some(), vec!["validation", "time"]),
            (!validation.segments.is_empty(), vec!["validation", "segments"]),
            (validation.inner_folds > 0, vec!["validation", "inner_folds"]),
            (
                validation.threshold != usual.threshold || matches!(validation.threshold, Threshold::Rule(_)),
                vec!["validation", "threshold"],
            ),
            (self.features != Default::default(), vec!["features"]),
        ];
        given
            .into_iter()
            .find(|(is_given, _)| *is_given)
            .map(|(_, path)| path)
    }
}

impl WrittenRecipe {
    /// Checks a recipe that forecasts beside the columns of its data, which messages call `source`.
    ///
    /// # Errors
    /// The first column that is not there or of another kind, or the first gate on a metric that forecasts do not have.
    pub(super) fn check_series(
        &self,
        source: &str,
        schema: &Schema,
        spec: &ForecastSpec,
    ) -> Result<(), RecipeError> {
        let wrong = |path: &[Step<'_>], name: &str, column: &str, problem: String| {
            Err(self.mistake(path, format!("{name}: \"{column}\" {problem}")))
        };
        let time = keys(&["forecast", "time"]);
        match schema.field(&spec.time).map(|field| field.kind) {
            None => {
                return wrong(
                    &time,
                    "forecast.time",
                    &spec.time,
                    format!("is no column of {source}"),
                );
            }
            Some(ColumnType::Timestamp) => {}
            Some(other) => {
                let problem = format!(
                    "is of type {other}; the time is a timestamp, such as 2026-01-31 or 2026-01-31T12:00:00Z"
                );
                return wrong(&time, "forecast.time", &spec.time, problem);
            }
        }
        let lists = [("exogenous", &spec.exogenous), ("known", &spec.known)];
        let target = std::iter::once((
            "data.target".to_owned(),
            keys(&["data", "target"]),
            &self.recipe().data.target,
        ));
        let others = lists.into_iter().flat_map(|(list, columns)| {
            columns.iter().enumerate().map(move |(at, column)| {
                let path = [&keys(&["forecast", list])[..], &[Step::Entry(at)]].concat();
                (format!("forecast.{list}"), path, column)
            })
        });
        for (name, path, column) in target.chain(others) {
            match schema.field(column).map(|field| field.kind) {
                None => return wrong(&path, &name, column, format!("is no column of {source}")),
                Some(ColumnType::Number | ColumnType::Integer) => {}
                Some(ColumnType::Boolean) if name != "data.target" => {}
                Some(other) => {
                    let problem = format!("is of type {other}, and a series is of numbers");
                    return wrong(&path, &name, column, problem);
                }
            }
        }
        self.check_gates_of("forecast", &forecast::NAMES)
    }
}
