//! The rows of a recipe as its training sees them: which are learnt from, which are held out, and as
//! which numbers. Whoever compares with usina takes the same rows from here.

use std::sync::Arc;

use super::TrainError;
use super::split_by::{Split, SplitBy};
use crate::base::{Seed, Stop};
use crate::data::feature::{self, CrossFitted, FittedFeatures, Fitter, OutputKind, TargetKind};
use crate::data::split::{Folds, Part, Parts};
use crate::data::table::Table;
use crate::engine::matrix::{Feature, FeatureKind, Matrix};
use crate::engine::model::Model;
use crate::engine::validate::{FoldMatrices, FoldRows};
use crate::platform::datasets::{Columns, Rows};
use crate::platform::recipes::Recipe;
use crate::platform::target::Target;

/// The share of the training rows that early stopping watches.
const WATCHED: f64 = 0.1;

/// A recipe's rows, split as the recipe says. Rows are told by their index in the table, from 0.
#[derive(Debug, Clone)]
pub struct Prepared<'a> {
    recipe: &'a Recipe,
    rows: &'a Rows,
    target: &'a Target,
    by: SplitBy,
    weights: Option<Vec<f32>>,
    holdout: Parts,
    stop: Stop,
}

impl<'a> Prepared<'a> {
    /// Holds out the share of rows that the recipe says, by what it says. `weights`: how much each row counts when
    /// a model learns, `[rows]`; `None`: all the same. What goes through the rows ends early once `stop` is asked.
    ///
    /// # Errors
    /// Too few rows, groups or moments, or too few of a class.
    pub fn new(
        recipe: &'a Recipe,
        rows: &'a Rows,
        target: &'a Target,
        (by, weights): Split,
        stop: Stop,
    ) -> Result<Self, TrainError> {
        let all = 0..rows.count();
        let holdout = by.holdout(all, &target.strata(), recipe.validation.holdout, seed(recipe))?;
        Ok(Self {
            recipe,
            rows,
            target,
            by,
            weights,
            holdout,
            stop,
        })
    }

    /// The recipe.
    pub fn recipe(&self) -> &'a Recipe {
        self.recipe
    }

    /// All rows.
    pub fn rows(&self) -> &'a Rows {
        self.rows
    }

    /// The target of all rows.
    pub fn target(&self) -> &'a Target {
        self.target
    }

    /// Whether someone wants it to end.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// How much each row counts when a model learns: `[rows]`; none when all count the same.
    pub fn weights(&self) -> Option<&[f32]> {
        self.weights.as_deref()
    }

    /// Which rows are held out, and which are not.
    pub fn holdout(&self) -> &Parts {
        &self.holdout
    }

    /// How many of the rows for `part` are of each class: `[classes]`, none for a regression.
    pub fn class_rows(&self, part: Part) -> Vec<usize> {
        self.class_rows_of(&self.holdout, part)
    }

    /// As [`Prepared::class_rows`], of the rows that `parts` has for `part`.
    pub fn class_rows_of(&self, parts: &Parts, part: Part) -> Vec<usize> {
        let mut counts = vec![0; self.target.task.classes().len()];
        for row in parts.rows(part) {
            if let Some(count) = counts.get_mut(self.target.values[row] as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// The targets of the rows for `part`, in their order.
    pub fn targets(&self, parts: &Parts, part: Part) -> Vec<f32> {
        parts.rows(part).map(|row| self.target.values[row]).collect()
    }

    /// How much the rows for `part` count, in their order; none when all count the same.
    pub fn weights_of(&self, parts: &Parts, part: Part) -> Option<Vec<f32>> {
        let weights = self.weights.as_ref()?;
        Some(parts.rows(part).map(|row| weights[row]).collect())
    }

    /// The parts of the training itself: it is measured on what is held out.
    ///
    /// # Errors
    /// Too few rows to set some apart for early stopping.
    pub fn parts(&self) -> Result<Parts, TrainError> {
        self.watched_apart(&self.holdout)
    }

    /// The folds of the cross-validation, over the rows that are not held out; none when the recipe wants
    /// none.
    ///
    /// # Errors
    /// Too few rows, or too few of a class, for so many folds.
    pub fn folds(&self) -> Result<Option<PreparedFolds<'_>>, TrainError> {
        let count = self.recipe.validation.folds;
        if count == 0 {
            return Ok(None);
        }
        let learnt = Parts::new(self.holdout.len(), |row| match self.holdout.of(row) {
            Part::Train => Part::Train,
            _ => Part::Unused,
        });
        self.folds_of(learnt, count, seed(self.recipe)).map(Some)
    }

    /// Cuts the rows that `learnt` has to learn from into folds; all others are for nothing.
    fn folds_of(&self, learnt: Parts, count: usize, seed: Seed) -> Result<PreparedFolds<'_>, TrainError> {
        let rows = learnt.rows(Part::Train);
        let strata = self.target.strata_of(rows.clone());
        Ok(PreparedFolds {
            prepared: self,
            folds: self.by.folds(rows, &strata, count, seed)?,
            learnt,
            fold: None,
        })
    }

    /// Fits the features on the rows that `parts` learns from, and encodes those, and what is watched, with them.
    ///
    /// # Errors
    /// The columns cannot be made into features, or the features are no matrix.
    pub fn encode(&self, parts: &Parts) -> Result<(FittedFeatures, FoldMatrices), TrainError> {
        let fitted = self.fit_features(parts)?;
        let columns = columns(fitted.features());
        let counts = [Part::Train, Part::Valid].map(|part| parts.count(part));
        let width = fitted.features().width();
        let [mut train, mut valid] = counts.map(|rows| Vec::with_capacity(rows * width));
        self.each(|first, batch| {
            let rows = parts.in_batch(Part::Train, first, batch.rows());
            fitted.encode_training(batch, first as u64, &rows, &mut train)?;
            let rows = parts.in_batch(Part::Valid, first, batch.rows());
            Ok(fitted.features().encode_table(batch, &rows, &mut valid)?)
        })?;
        let matrix = |values, rows| Matrix::new(values, rows, Arc::clone(&columns));
        let matrices = FoldMatrices {
            parts: parts.clone(),
            train: matrix(train, counts[0])?,
            valid: (counts[1] > 0).then(|| matrix(valid, counts[1])).transpose()?,
        };
        Ok((fitted.into_features(), matrices))
    }

    /// The rows of `parts` that are for `part`, in their order, all of them in memory.
    ///
    /// # Errors
    /// The rows cannot be encoded, or are no matrix.
    pub fn matrix(&self, features: &FittedFeatures, parts: &Parts, part: Part) -> Result<Matrix, TrainError> {
        let rows = parts.count(part);
        let mut values = Vec::with_capacity(rows * features.width());
        self.each(|first, batch| {
            let rows = parts.in_batch(part, first, batch.rows());
            Ok(features.encode_table(batch, &rows, &mut values)?)
        })?;
        Ok(Matrix::new(values, rows, columns(features))?)
    }

    /// What `model` predicts for the rows of `parts` that are for `part`: `[rows x width]`, in their order. A batch of
    /// rows is in memory at a time.
    ///
    /// # Errors
    /// The rows cannot be encoded or predicted.
    pub fn predict(
        &self,
        features: &FittedFeatures,
        model: &Model,
        parts: &Parts,
        part: Part,
    ) -> Result<Vec<f32>, TrainError> {
        let columns = columns(features);
        let mut answers = Vec::with_capacity(parts.count(part) * model.width());
        self.each(|first, batch| {
            for rows in parts
                .in_batch(part, first, batch.rows())
                .chunks(PREDICTED_AT_ONCE)
            {
                let mut values = Vec::with_capacity(rows.len() * features.width());
                features.encode_table(batch, rows, &mut values)?;
                let matrix = Matrix::new(values, rows.len(), Arc::clone(&columns))?;
                answers.extend(model.predict(&matrix)?);
            }
            Ok(())
        })?;
        Ok(answers)
    }

    /// The rows that are held out with these columns of theirs, all of them in memory; others may be there too.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub(super) fn held_out(&self, columns: &[String]) -> Result<Table, TrainError> {
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mut held_out: Option<Table> = None;
        if names.is_empty() {
            return Ok(Table::empty(Arc::clone(self.rows.schema())));
        }
        self.rows.each(Columns::Named(&names), |first, batch| {
            if self.stop.is_asked() {
                return Err(TrainError::Stopped);
            }
            let next = batch.take(&self.holdout.in_batch(Part::Test, first, batch.rows()));
            match &mut held_out {
                Some(held_out) => held_out.append(next)?,
                None => held_out = Some(next),
            }
            Ok(())
        })?;
        Ok(held_out.unwrap_or_else(|| Table::empty(Arc::clone(self.rows.schema()))))
    }

    /// Shows all rows to `see`, batch after batch, until it is to stop.
    pub(super) fn each(
        &self,
        mut see: impl FnMut(usize, &Table) -> Result<(), TrainError>,
    ) -> Result<(), TrainError> {
        self.rows.each(Columns::All, |first, batch| {
            if self.stop.is_asked() {
                return Err(TrainError::Stopped);
            }
            see(first, batch)
        })
    }

    fn fit_features(&self, parts: &Parts) -> Result<CrossFitted, TrainError> {
        let exclude = self.recipe.no_features();
        let mut fitter = Fitter::new(
            &self.recipe.features,
            self.rows.schema(),
            &exclude,
            &TargetKind::from(&self.target.task),
            seed(self.recipe),
        )?;
        self.each(|first, batch| {
            let rows = parts.in_batch(Part::Train, first, batch.rows());
            let targets: Vec<f32> = rows.iter().map(|row| self.target.values[first + row]).collect();
            Ok(fitter.see(batch, &rows, Some(&targets))?)
        })?;
        Ok(fitter.finish_cross_fitted()?)
    }

    /// Sets apart the rows that early stopping watches, when the recipe asks for it.
    fn watched_apart(&self, parts: &Parts) -> Result<Parts, TrainError> {
        if !self.recipe.algorithm.watches() {
            return Ok(parts.clone());
        }
        let learnt = parts.rows(Part::Train);
        let strata = self.target.strata_of(learnt.clone());
        let seed = seed(self.recipe).derive("watched", 0);
        let apart = self.by.holdout(learnt, &strata, WATCHED, seed)?;
        let watched = |part| if part == Part::Test { Part::Valid } else { part };
        Ok(parts.refined(Part::Train, &apart, watched))
    }
}

/// Rows that are predicted together: their encoded values fit into the processor's cache.
const PREDICTED_AT_ONCE: usize = 16_384;

/// The folds of a recipe's rows.
#[derive(Debug)]
pub struct PreparedFolds<'a> {
    prepared: &'a Prepared<'a>,
    /// The rows that are cut, as rows to learn from; of the cross-validation itself those that are not held out.
    learnt: Parts,
    /// Of these rows.
    folds: Folds,
    /// The features of the fold that was asked for last, and its parts.
    fold: Option<(FittedFeatures, Parts)>,
}

impl<'a> PreparedFolds<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.folds.len()
    }

    /// What each row of the whole table is for in this fold, from 0.
    ///
    /// # Errors
    /// Too few rows to set some apart for early stopping.
    pub fn parts(&self, fold: usize) -> Result<Parts, TrainError> {
        self.prepared.watched_apart(&self.cut(fold))
    }

    /// The folds inside of a fold, from 0: of the rows that it learns from, and no other.
    ///
    /// # Errors
    /// Too few rows, or too few of a class, for so many folds.
    pub(super) fn inner(&self, fold: usize, count: usize) -> Result<PreparedFolds<'a>, TrainError> {
        let cut = self.cut(fold);
        let learnt = Parts::new(cut.len(), |row| match cut.of(row) {
            Part::Train => Part::Train,
            _ => Part::Unused,
        });
        let seed = seed(self.prepared.recipe).derive("inner folds", fold as u64);
        self.prepared.folds_of(learnt, count, seed)
    }

    /// What each row is for in this fold, before some of those to learn from are set apart.
    fn cut(&self, fold: usize) -> Parts {
        self.learnt
            .refined(Part::Train, &self.folds.parts(fold), |part| part)
    }
}

impl FoldRows for PreparedFolds<'_> {
    type Error = TrainError;

    fn fold(&mut self, fold: usize) -> Result<FoldMatrices, TrainError> {
        let parts = self.parts(fold)?;
        let (features, matrices) = self.prepared.encode(&parts)?;
        self.fold = Some((features, parts));
        Ok(matrices)
    }

    fn predict(&mut self, model: &Model) -> Result<Vec<f32>, TrainError> {
        match &self.fold {
            Some((features, parts)) => self.prepared.predict(features, model, parts, Part::Test),
            None => Ok(Vec::new()),
        }
    }
}

/// Where every random choice of the recipe starts.
pub(super) fn seed(recipe: &Recipe) -> Seed {
    Seed::new(recipe.validation.seed)
}

/// The fitted features as the engine's columns.
fn columns(features: &FittedFeatures) -> Arc<[Feature]> {
    let column = |output: &feature::OutputFeature| Feature {
        name: output.name.clone(),
        kind: match &output.kind {
            OutputKind::Numeric => FeatureKind::Numeric,
            OutputKind::Categorical { levels } => FeatureKind::Categorical { levels: levels.len() },
        },
    };
    features.outputs().iter().map(column).collect()
}
