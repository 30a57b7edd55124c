//! The rows of a recipe: from the executable, from the store, or generated.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::split_by::{Split, SplitReader};
use super::{TrainError, Trainer};
use crate::base::{RunId, Seed, Stop};
use crate::data::generate::ratings::Ratings;
use crate::data::generate::{GenerateError, card_fraud};
use crate::data::table::Table;
use crate::engine::device::Device;
use crate::platform::datasets::{
    self, Columns, DatasetError, DatasetVersion, NewDataset, Purpose, Rows, Severity, Violated,
};
use crate::platform::jobs::{Job, Jobs, Phase, Reporter};
use crate::platform::recipes::{GenerateKind, GenerateSpec, Recipe, WrittenRecipe, shipped};
use crate::platform::target::{Target, TargetError, TargetWatch};
use crate::platform::tracking::{Input, NewRun, start_in};

use crate::base::{ExperimentId, Name};

/// Rows that are generated at a time.
const BATCH_ROWS: usize = 8_192;

/// The most characters of a tag that lists warnings; the job has all of them.
const LONGEST_TAG: usize = 4_000;

/// The rows that a training learns from, and where they are from.
pub(super) struct Source {
    pub(super) dataset: Name,
    pub(super) version: DatasetVersion,
    pub(super) rows: Rows,
}

impl Source {
    /// What is wrong with the column that is to be predicted, told where the recipe names it, or of the rows
    /// when they are to blame.
    pub(super) fn refused(&self, written: &WrittenRecipe, error: TargetError) -> TrainError {
        let source = &self.version.source;
        if error.is_in_rows() {
            TrainError::Target {
                source_name: source.to_string(),
                error,
            }
        } else {
            TrainError::Recipe(written.of_target(&source.to_string(), &error))
        }
    }
}

impl Source {
    /// What the rows violate of the recipe's expectations and is no reason to refuse them, in words.
    ///
    /// # Errors
    /// What is one, all of it.
    pub(super) fn check(&self, written: &WrittenRecipe, stop: &Stop) -> Result<Vec<String>, TrainError> {
        let Some(mut checker) = written.checker(self.rows.schema())? else {
            return Ok(Vec::new());
        };
        self.rows.each(Columns::All, |_, batch| {
            if stop.is_asked() {
                return Err(TrainError::Stopped);
            }
            Ok(checker.see(batch).map_err(DatasetError::from)?)
        })?;
        let source = self.version.source.to_string();
        let report = Violated::unless_right(&source, checker.finish())?;
        let warnings = report.of_severity(Severity::Warn);
        Ok(warnings.map(ToString::to_string).collect())
    }
}

impl Trainer {
    /// Reads the rows; those that are not in the store yet are put there first, as a dataset version.
    pub(super) fn source(
        &self,
        written: &WrittenRecipe,
        shipped_as: Option<&str>,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<Source, TrainError> {
        let recipe = written.recipe();
        let data = &recipe.data;
        let dataset = data.dataset.clone().unwrap_or_else(|| recipe.name.clone());
        let mut new = NewDataset {
            name: dataset.clone(),
            source: datasets::Source::file(data.file.clone().unwrap_or_default()),
            generated: false,
            purpose: Purpose::Train(Box::new(written.clone())),
        };
        let added = if let Some(generate) = &data.generate {
            let sizes = match generate.kind {
                GenerateKind::CardFraud => BTreeMap::new(),
                GenerateKind::Ratings => BTreeMap::from([
                    ("users".to_owned(), generate.users.unwrap_or(Ratings::USERS)),
                    ("items".to_owned(), generate.items.unwrap_or(Ratings::ITEMS)),
                ]),
            };
            new.source = datasets::Source::Generated {
                kind: generate.kind.as_str().to_owned(),
                rows: generate.rows,
                seed: generate.seed,
                sizes,
            };
            new.generated = true;
            Some(self.generate(&new, generate, stop, reporter)?)
        } else if let Some(folder) = shipped_as {
            let found = shipped::find(folder)?;
            let bytes = found.as_ref().and_then(shipped::Shipped::data);
            let bytes = bytes.ok_or_else(|| TrainError::NotShipped(folder.to_owned()))?;
            Some(
                self.datasets
                    .add_file(&new, &data.reading(), Arc::new(bytes), stop)?,
            )
        } else {
            None
        };
        let wanted = added.map(|added| added.version.id).or(data.version);
        let (version, rows) = self.datasets.rows_blocking(&dataset, wanted, self.kept_bytes)?;
        Ok(Source {
            dataset,
            version,
            rows,
        })
    }

    /// Reads the column that is predicted, and those that rows are split by and weighed with.
    pub(super) fn target(
        &self,
        written: &WrittenRecipe,
        source: &Source,
        stop: &Stop,
    ) -> Result<(Target, Split), TrainError> {
        let data = &written.recipe().data;
        let refused = |error| source.refused(written, error);
        let each = |names: &[&str], see: &mut dyn FnMut(&Table) -> Result<(), TrainError>| {
            source.rows.each(Columns::Named(names), |_, batch| {
                if stop.is_asked() {
                    return Err(TrainError::Stopped);
                }
                see(batch)
            })
        };
        let (schema, rows) = (source.rows.schema(), source.rows.count());
        let mut watch = TargetWatch::new(schema, &data.target, &data.aim()).map_err(refused)?;
        each(&[&data.target], &mut |batch| watch.see(batch).map_err(refused))?;
        let task = watch.finish().map_err(refused)?.task;

        let mut target = Target::new(task, rows);
        let mut split = SplitReader::new(written, rows);
        let mut columns = SplitReader::columns(written);
        columns.push(&data.target);
        each(&columns, &mut |batch| {
            split.see(batch)?;
            target.extend(batch, &data.target).map_err(refused)
        })?;
        Ok((target, split.finish()))
    }

    fn generate(
        &self,
        new: &NewDataset,
        spec: &GenerateSpec,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<crate::platform::datasets::Added, TrainError> {
        let mut made = 0;
        let batches: Box<dyn Iterator<Item = Result<Table, GenerateError>>> = match spec.kind {
            GenerateKind::CardFraud => {
                let seed = Seed::new(spec.seed);
                Box::new(card_fraud::batches(spec.rows, seed, BATCH_ROWS)?)
            }
            GenerateKind::Ratings => {
                let ratings = spec.ratings().map_err(GenerateError::from)?;
                Box::new(ratings.batches(BATCH_ROWS)?)
            }
        };
        let told = batches.map(|batch| {
            let batch = batch?;
            made += batch.rows() as u64;
            let message = format!("generated {made} of {} rows", spec.rows);
            reporter.report(Phase::Reading, 0.1 * made as f64 / spec.rows as f64, message);
            Ok(batch)
        });
        Ok(self
            .datasets
            .add_batches(new, Arc::new(spec.schema()?), told, stop)?)
    }

    /// Begins the run and notes it in the job, in one transaction.
    pub(super) fn begin_run(
        &self,
        job: &Job,
        recipe: &Recipe,
        rows: &Source,
        device: &Device,
        warnings: &[String],
    ) -> Result<RunId, TrainError> {
        let experiment = match &recipe.experiment {
            Some(name) => Self::wait(self.tracking.experiment(name))?.id,
            None => ExperimentId::DEFAULT,
        };
        let mut tags = BTreeMap::from([
            ("usina.job".to_owned(), job.id.to_string()),
            ("usina.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            (
                "usina.data_generated".to_owned(),
                rows.version.generated.to_string(),
            ),
        ]);
        if recipe.algorithm.is_net() {
            tags.insert("usina.device".to_owned(), device.info().to_string());
        }
        if !recipe.expectations.is_empty() {
            let told = if warnings.is_empty() {
                "all met".to_owned()
            } else {
                warnings.join("; ").chars().take(LONGEST_TAG).collect()
            };
            tags.insert("usina.expectations".to_owned(), told);
        }
        let prepared = self.tracking.prepare(NewRun {
            experiment,
            name: format!("{}-{}", recipe.name, &job.id.to_string()[..8]),
            model: Some(recipe.name.to_string()),
            params: params(recipe)?,
            tags,
            inputs: vec![Input {
                name: rows.dataset.to_string(),
                digest: rows.version.id.to_string(),
                contexts: vec!["training".to_owned()],
                dataset: Some(rows.version.dataset),
            }],
        })?;
        let (run, job, warnings) = (prepared.id(), job.id, warnings.to_vec());
        self.store.write_blocking(move |tx| {
            start_in(tx, &prepared)?;
            Jobs::begin_run_in(tx, job, run, &warnings)?;
            Ok::<_, TrainError>(())
        })?;
        Ok(run)
    }
}

/// What a run keeps of its recipe: every parameter of the algorithm, and how quality was measured.
fn params(recipe: &Recipe) -> Result<BTreeMap<String, String>, TrainError> {
    let mut params = BTreeMap::new();
    params.insert("algorithm".to_owned(), recipe.algorithm.name().to_owned());
    params.insert("target".to_owned(), recipe.data.target.clone());
    let algorithm = serde_json::to_value(&recipe.algorithm)?;
    // Its parameters go by their own names, as everywhere; what is within them by its path.
    for parameters in algorithm
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::values)
    {
        flatten("", parameters, &mut params);
    }
    flatten(
        "validation",
        &serde_json::to_value(&recipe.validation)?,
        &mut params,
    );
    match (&recipe.forecast, &recipe.recommend) {
        (Some(forecast), _) => flatten("forecast", &serde_json::to_value(forecast)?, &mut params),
        (None, Some(recommend)) => flatten("recommend", &serde_json::to_value(recommend)?, &mut params),
        (None, None) => flatten("features", &serde_json::to_value(&recipe.features)?, &mut params),
    }
    Ok(params)
}

/// The leaves of a JSON value by dotted path.
fn flatten(path: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                match path {
                    "" => flatten(key, value, into),
                    _ => flatten(&format!("{path}.{key}"), value, into),
                }
            }
        }
        serde_json::Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => {
            into.insert(path.to_owned(), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_called_as_a_parameter_does_not_stand_in_its_place() {
        let text = "name = \"m\"\n[data]\ndataset = \"d\"\ntarget = \"y\"\n[algorithm.boost]\nlearning_rate = 0.2\n\
                    gamma = 0.5\nmonotone_constraints = { gamma = 1, age = -1 }\n";
        let recipe = Recipe::parse("r.toml", text).unwrap();
        let params = params(&recipe).unwrap();
        for (key, value) in [
            ("gamma", "0.5"),
            ("learning_rate", "0.2"),
            ("monotone_constraints.gamma", "1"),
            ("monotone_constraints.age", "-1"),
            ("validation.folds", "5"),
        ] {
            assert_eq!(params[key], value, "{key}");
        }
    }
}
