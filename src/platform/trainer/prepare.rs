//! The rows of a recipe as its training sees them: which are learnt from, which are held out, and as
//! which numbers. Whoever compares with usina takes the same rows from here.

use std::sync::Arc;

use super::TrainError;
use crate::base::Seed;
use crate::data::feature::{self, FittedFeatures, OutputKind};
use crate::data::split;
use crate::data::table::Table;
use crate::engine::algorithm::Algorithm;
use crate::engine::matrix::{Feature, FeatureKind, Matrix};
use crate::engine::validate::{Fold, FoldMatrices};
use crate::platform::recipes::Recipe;
use crate::platform::target::Target;

/// The share of the training rows that early stopping watches.
const WATCHED: f64 = 0.1;

/// A recipe's rows, split as the recipe says. Rows are told by their index in the table, from 0.
#[derive(Debug, Clone)]
pub struct Prepared<'a> {
    recipe: &'a Recipe,
    table: &'a Table,
    target: &'a Target,
    strata: Vec<u32>,
    holdout: split::Fold,
}

impl<'a> Prepared<'a> {
    /// Holds out the share of rows that the recipe says; of a classification, the same share of each class.
    ///
    /// # Errors
    /// Too few rows, or too few of a class.
    pub fn new(recipe: &'a Recipe, table: &'a Table, target: &'a Target) -> Result<Self, TrainError> {
        let strata = target.strata();
        let holdout = split::holdout(&strata, recipe.validation.holdout, seed(recipe))?;
        Ok(Self {
            recipe,
            table,
            target,
            strata,
            holdout,
        })
    }

    /// The recipe.
    pub fn recipe(&self) -> &'a Recipe {
        self.recipe
    }

    /// The whole table.
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// The target of the whole table.
    pub fn target(&self) -> &'a Target {
        self.target
    }

    /// The class of each row of the whole table; 0 for a regression.
    pub fn strata(&self) -> &[u32] {
        &self.strata
    }

    /// The rows that are not held out.
    pub fn train_rows(&self) -> &[usize] {
        &self.holdout.train
    }

    /// The rows of each class that are not held out, and that are: `[classes]`, none for a regression.
    pub fn class_rows(&self) -> (Vec<usize>, Vec<usize>) {
        let of = |rows: &[usize]| self.class_rows_of(rows.iter().copied());
        (of(&self.holdout.train), of(&self.holdout.test))
    }

    /// How many of these rows are of each class: `[classes]`, none for a regression.
    pub(super) fn class_rows_of(&self, rows: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut counts = vec![0; self.target.task.classes().len()];
        for row in rows {
            if let Some(count) = counts.get_mut(self.strata[row] as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// The targets of these rows, in their order.
    pub fn targets(&self, rows: &[usize]) -> Vec<f32> {
        rows.iter().map(|&row| self.target.values[row]).collect()
    }

    /// The parts of the training itself: it is measured on what is held out.
    ///
    /// # Errors
    /// Too few rows to set some apart for early stopping.
    pub fn parts(&self) -> Result<Fold, TrainError> {
        self.watched_apart(&self.holdout)
    }

    /// The folds of the cross-validation, over the rows that are not held out; none when the recipe wants
    /// none.
    ///
    /// # Errors
    /// Too few rows, or too few of a class, for so many folds.
    pub fn folds(&self) -> Result<Vec<Fold>, TrainError> {
        if self.recipe.validation.folds == 0 {
            return Ok(Vec::new());
        }
        let train = &self.holdout.train;
        let strata: Vec<u32> = train.iter().map(|&row| self.strata[row]).collect();
        let rows = |positions: &[usize]| positions.iter().map(|&position| train[position]).collect();
        split::stratified_kfold(&strata, self.recipe.validation.folds, seed(self.recipe))?
            .iter()
            .map(|fold| {
                self.watched_apart(&split::Fold {
                    train: rows(&fold.train),
                    test: rows(&fold.test),
                })
            })
            .collect()
    }

    /// Fits the features on the rows that `fold` learns from, and encodes its parts with them.
    ///
    /// # Errors
    /// The columns cannot be made into features, or the features are no matrix.
    pub fn encode(&self, fold: &Fold) -> Result<(FittedFeatures, FoldMatrices), TrainError> {
        let target: &str = &self.recipe.data.target;
        let features = feature::fit(&self.recipe.features, self.table, &fold.train, &[target])?;
        let columns = columns(&features);
        let matrix = |rows: &[usize]| {
            let mut values = Vec::with_capacity(rows.len() * features.width());
            features.encode_table(self.table, rows, &mut values)?;
            Ok::<_, TrainError>(Matrix::new(values, rows.len(), Arc::clone(&columns))?)
        };
        let valid = if fold.valid.is_empty() {
            None
        } else {
            Some(matrix(&fold.valid)?)
        };
        let matrices = FoldMatrices {
            train: matrix(&fold.train)?,
            valid,
            test: matrix(&fold.test)?,
        };
        Ok((features, matrices))
    }

    /// Sets apart the rows that early stopping watches, when the recipe asks for it.
    fn watched_apart(&self, fold: &split::Fold) -> Result<Fold, TrainError> {
        let Algorithm::Boost(params) = &self.recipe.algorithm;
        if params.early_stopping_rounds.is_none() {
            return Ok(Fold {
                train: fold.train.clone(),
                valid: Vec::new(),
                test: fold.test.clone(),
            });
        }
        let strata: Vec<u32> = fold.train.iter().map(|&row| self.strata[row]).collect();
        let apart = split::holdout(&strata, WATCHED, seed(self.recipe).derive("watched", 0))?;
        let rows = |positions: &[usize]| positions.iter().map(|&position| fold.train[position]).collect();
        Ok(Fold {
            train: rows(&apart.train),
            valid: rows(&apart.test),
            test: fold.test.clone(),
        })
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
