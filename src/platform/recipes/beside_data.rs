//! A recipe beside its data: what is wrong with it and shows only there, told where it stands.
//!
//! The columns are known before the rows, and what is predicted, where it is whole numbers, after them; so
//! there are two checks.

use std::sync::Arc;

use super::locate::{Step, keys};
use super::{RecipeError, WrittenRecipe};
use crate::base::Name;
use crate::data::feature::{self, FeatureError, OutputFeature, OutputKind, TargetKind};
use crate::data::schema::{ColumnType, Schema};
use crate::data::source::{Problem, SourceError};
use crate::engine::matrix::Feature;
use crate::engine::param::ParamError;
use crate::engine::task::Task;
use crate::engine::validate::ThresholdError;
use crate::platform::target::{TargetError, known_task};

impl WrittenRecipe {
    /// Checks the recipe beside the columns of its data, which messages call `source`.
    ///
    /// # Errors
    /// The first mistake: a column that is not there, a target that cannot be predicted, a setting or a
    /// parameter that does not go with the columns.
    pub fn check_columns(&self, source: &str, schema: &Schema) -> Result<(), RecipeError> {
        let data = &self.recipe().data;
        if let Some(spec) = &self.recipe().forecast {
            self.check_series(source, schema, spec)?;
            return self.checker(&Arc::new(schema.clone())).map(|_| ());
        }
        if let Some(spec) = &self.recipe().recommend {
            self.check_ratings(source, schema, spec)?;
            return self.checker(&Arc::new(schema.clone())).map(|_| ());
        }
        let task =
            known_task(schema, &data.target, &data.aim()).map_err(|error| self.of_target(source, &error))?;
        self.check_split_columns(source, schema)?;
        // What is not known yet is numbers, or 0 and 1: features are called the same for both.
        let kind = task.as_ref().map_or(TargetKind::Number, TargetKind::from);
        let exclude = self.recipe().no_features();
        let outputs = feature::check(&self.recipe().features, schema, &exclude, &kind)
            .map_err(|error| self.of_features(&error))?;
        let columns: Vec<Feature> = outputs.iter().map(column).collect();
        self.recipe()
            .algorithm
            .validate_features(&columns)
            .map_err(|error| self.of_param(&error))?;
        self.check_segments(source, schema)?;
        self.checker(&Arc::new(schema.clone()))?;
        task.map_or(Ok(()), |task| self.check_task(&task))
    }

    /// Checks that the columns are there by which the quality is told apart.
    fn check_segments(&self, source: &str, schema: &Schema) -> Result<(), RecipeError> {
        let recipe = self.recipe();
        for (position, column) in recipe.validation.segments.iter().enumerate() {
            let problem = if *column == recipe.data.target {
                "is the target: what is predicted tells no rows apart that are to be predicted".to_owned()
            } else if schema.field(column).is_none() {
                format!("is no column of {source}")
            } else {
                continue;
            };
            let path = [&keys(&["validation", "segments"])[..], &[Step::Entry(position)]].concat();
            return Err(self.mistake(&path, format!("validation.segments: \"{column}\" {problem}")));
        }
        Ok(())
    }

    /// That the rule by which the threshold is found finds none, told where the recipe gives it.
    pub fn of_threshold(&self, error: &ThresholdError) -> RecipeError {
        self.mistake(
            &keys(&["validation", "threshold"]),
            format!("validation.threshold: {error}"),
        )
    }

    /// Checks the recipe beside what is predicted.
    ///
    /// # Errors
    /// The first parameter that goes with another task.
    pub fn check_task(&self, task: &Task) -> Result<(), RecipeError> {
        if !matches!(task, Task::Binary { .. }) && self.recipe().validation.threshold.rule().is_some() {
            let message = format!(
                "validation.threshold: a rule finds a threshold between two classes, and this task is {}; leave it out",
                task.name()
            );
            return Err(self.mistake(&keys(&["validation", "threshold"]), message));
        }
        self.check_gates(task)?;
        let algorithm = &self.recipe().algorithm;
        algorithm
            .validate_task(task)
            .map_err(|error| self.of_param(&error))
    }

    /// That there is no dataset of the name that the recipe gives.
    pub fn no_such_dataset(&self, name: &Name) -> RecipeError {
        let message =
            format!("data.dataset: there is no dataset called {name}; `usina data add {name} FILE` adds one");
        self.mistake(&keys(&["data", "dataset"]), message)
    }

    /// What is wrong with the recipe's file as a whole, for example that there is none.
    pub fn of_file(&self, reason: &str) -> RecipeError {
        self.mistake(&keys(&["data", "file"]), format!("data.file: {reason}"))
    }

    /// What is wrong with the target, told where the recipe names it; `source` is what messages call the rows.
    pub fn of_target(&self, source: &str, error: &TargetError) -> RecipeError {
        let key = match error {
            TargetError::NoSuchClass { .. } | TargetError::NotBinary { .. } => "positive",
            TargetError::NotNumbers { .. } => "quantile",
            TargetError::NotThere { .. }
            | TargetError::Type { .. }
            | TargetError::Missing { .. }
            | TargetError::MissingEverywhere(_)
            | TargetError::OneClass { .. } => "target",
        };
        self.mistake(&keys(&["data", key]), format!("data.{key}: {source}: {error}"))
    }

    /// What is wrong with how the file is to be read, told where the recipe says it; none when the file is
    /// to blame.
    pub fn of_source(&self, error: &SourceError) -> Option<RecipeError> {
        let data = &self.recipe().data;
        let (path, named) = match (&error.problem, &error.column) {
            (Problem::NoSuchColumn { .. }, Some(column)) => match data.types.contains_key(column) {
                true => (vec!["data", "types", column], 2),
                false => (vec!["data", "csv", "types", column], 3),
            },
            (Problem::Delimiter(_), _) => (vec!["data", "csv", "delimiter"], 3),
            (Problem::Names { .. }, _) => (vec!["data", "csv", "columns"], 3),
            (Problem::CsvOptions(_), _) => (vec!["data", "csv"], 2),
            _ => return None,
        };
        Some(self.mistake(&keys(&path), format!("{}: {error}", path[..named].join("."))))
    }

    fn of_param(&self, error: &ParamError) -> RecipeError {
        let algorithm = self.recipe().algorithm.name();
        let mut path = vec!["algorithm", algorithm, error.param];
        if error.param == "monotone_constraints" {
            path.push(&error.value);
        }
        self.mistake(&keys(&path), format!("algorithm.{algorithm}.{error}"))
    }

    fn of_features(&self, error: &FeatureError) -> RecipeError {
        let mut path = keys(&["features"]);
        match error {
            FeatureError::NoSuchColumn { place, column } if *place == "features.drop" => {
                path.push(Step::Key("drop"));
                let dropped = self.recipe().features.drop.iter();
                path.extend(dropped.clone().position(|name| name == column).map(Step::Entry));
            }
            FeatureError::NoSuchColumn { column, .. } | FeatureError::RuleForDropped { column, .. } => {
                path.extend(self.in_rules(column).next().into_iter().flatten());
            }
            FeatureError::TwoRules(column) => {
                path.extend(self.in_rules(column).last().into_iter().flatten());
            }
            FeatureError::DoesNotFit {
                setting,
                column,
                kind,
                ..
            } => {
                let key = setting.split(' ').next().unwrap_or(setting);
                path.extend(self.setting(key, column, *kind));
            }
            FeatureError::NoSuchLevel { column, .. } => {
                path.extend(self.setting("impute", column, ColumnType::Category));
            }
            FeatureError::NoSuchTime { column, .. } => {
                path.extend(self.setting("impute", column, ColumnType::Timestamp));
            }
            FeatureError::LevelWithoutPlace { column, .. } | FeatureError::LevelTwice { column, .. } => {
                path.extend(self.setting("levels", column, ColumnType::Category));
            }
            FeatureError::Interaction {
                position, problem, ..
            } => {
                let (key, column) = problem.key();
                path.extend([Step::Key("interactions"), Step::Entry(*position), Step::Key(key)]);
                let interaction = self.recipe().features.interactions.get(*position);
                let mut columns = interaction.iter().flat_map(|interaction| &interaction.columns);
                let named = columns.position(|name| Some(name.as_str()) == column);
                path.extend(named.map(Step::Entry));
            }
            // About all the columns together, or about rows.
            _ => {}
        }
        self.mistake(&path, error.to_string())
    }

    /// Where the rules name `column`, below `features`.
    fn in_rules(&self, column: &str) -> impl Iterator<Item = [Step<'static>; 4]> {
        let rules = self.recipe().features.rules.iter().enumerate();
        rules.flat_map(move |(rule, entry)| {
            let named = entry
                .columns
                .iter()
                .enumerate()
                .filter(move |(_, name)| *name == column);
            named.map(move |(position, _)| {
                [
                    Step::Key("rules"),
                    Step::Entry(rule),
                    Step::Key("columns"),
                    Step::Entry(position),
                ]
            })
        })
    }

    /// Where the setting `key` that holds for `column` stands, below `features`: in its rule, or in the
    /// defaults.
    fn setting<'a>(&self, key: &'a str, column: &str, kind: ColumnType) -> Vec<Step<'a>> {
        let rules = &self.recipe().features.rules;
        let rule = rules
            .iter()
            .position(|rule| rule.columns.iter().any(|name| name == column));
        match rule {
            Some(rule) if rules[rule].given().any(|given| given == key) => {
                vec![Step::Key("rules"), Step::Entry(rule), Step::Key(key)]
            }
            _ => match kind {
                ColumnType::Number | ColumnType::Integer => keys(&["numeric", key]),
                ColumnType::Timestamp => keys(&["timestamp", key]),
                _ => keys(&["categorical", key]),
            },
        }
    }
}

fn column(output: &OutputFeature) -> Feature {
    match &output.kind {
        OutputKind::Numeric => Feature::numeric(&output.name),
        OutputKind::Categorical { levels } => Feature::categorical(&output.name, levels.len()),
    }
}

#[cfg(test)]
mod tests;
