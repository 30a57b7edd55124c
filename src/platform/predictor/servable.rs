//! One version in memory, ready to answer.

pub mod explain;
pub mod score;
pub mod table;
pub mod understand;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::extent::max_rows;
use super::measured::{Measured, Tally};
use super::{PredictError, Row};
use crate::base::{ModelId, Name};
use crate::data::cell::Cell;
use crate::data::feature::{FittedFeatures, InputField};
use crate::engine::model::Model;
use crate::engine::task::Task;
use crate::store::StoreError;

use super::super::bundles::{BundleError, Content, Differs, Predicts};
use super::super::registry::{FetchError, VersionInfo};

/// Why a version is not put to work.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The bundle cannot be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What it says that it takes in is not what it takes in.
    #[error("the bundle's schema names other inputs than its features take")]
    Inputs,
    /// What it says that it predicts is not what it predicts.
    #[error("the bundle says that it predicts {says}, but its model predicts {predicts}")]
    Task {
        /// What its manifest says.
        says: String,
        /// What the model says.
        predicts: String,
    },
    /// The model and the features do not fit each other.
    #[error("the model takes {model} numbers, but the features make {features}")]
    Width {
        /// What the model takes.
        model: usize,
        /// What the features make.
        features: usize,
    },
    /// It answers differently than when it was made.
    #[error(transparent)]
    WarmUp(#[from] Differs),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LoadError {
    /// The store's own error, when the store was busy or away: nothing is said of the version then.
    pub(in crate::platform) fn of_the_store(self) -> Result<StoreError, Self> {
        match self {
            Self::Store(error) | Self::Fetch(FetchError::Store(error)) if error.passes() => Ok(error),
            other => Err(other),
        }
    }
}

/// A version that answers.
#[derive(Debug)]
pub struct Servable {
    model_id: ModelId,
    model: Name,
    number: u64,
    label: String,
    predicts: Predicts,
    features: FittedFeatures,
    fitted: Model,
    /// Where each input stands.
    positions: HashMap<String, usize>,
    /// The rows that it answers at once.
    max_rows: usize,
    measured: Arc<Measured>,
}

/// The answers of one request, a row after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// The model's values, `[rows x width]`.
    values: Vec<f32>,
    width: usize,
}

impl Answers {
    /// The model's values for each row: one probability, one probability a class, or one number.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }
}

impl Servable {
    /// Checks that a version's parts fit, and has it answer its warm-up rows.
    ///
    /// # Errors
    /// Its parts do not fit, or it answers differently than when it was made.
    pub fn check(content: &Content) -> Result<(), LoadError> {
        let (model, features) = (content.model.features().len(), content.features.width());
        if model != features {
            return Err(LoadError::Width { model, features });
        }
        // Warm-up rows know numbers alone: classes in another order would be answered by the wrong name.
        let (says, predicts) = (content.manifest.predicts.task(), content.model.task());
        if says != *predicts {
            let told = |task: &Task| format!("{} ({})", task.name(), task.classes().join(", "));
            return Err(LoadError::Task {
                says: told(&says),
                predicts: told(predicts),
            });
        }
        if content.schema.inputs != content.features.inputs() {
            return Err(LoadError::Inputs);
        }
        Ok(content.warm_up.check(&content.features, &content.model)?)
    }

    /// Makes the content of `version` ready, which was [checked](Self::check). What it is called is what the
    /// registry calls it.
    pub fn load(content: Content, version: &VersionInfo) -> Self {
        let Content {
            manifest,
            features,
            model: fitted,
            ..
        } = content;
        Self {
            measured: Arc::default(),
            positions: features
                .inputs()
                .iter()
                .enumerate()
                .map(|(position, input)| (input.name.clone(), position))
                .collect(),
            model_id: version.model_id,
            model: version.model.clone(),
            number: version.number,
            label: version.label.clone(),
            max_rows: max_rows(&manifest.predicts),
            predicts: manifest.predicts,
            features,
            fitted,
        }
    }

    /// The model that it is a version of, whatever it is called.
    pub fn model_id(&self) -> ModelId {
        self.model_id
    }

    /// What the model is called.
    pub fn model(&self) -> &Name {
        &self.model
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether `version`, as a request names it, is this version: by label, by number, or as the one in
    /// production when it is that.
    pub(super) fn is_called(&self, version: &str, is_in_production: bool) -> bool {
        version == self.label
            || is_in_production && version == "production"
            || version.parse() == Ok(self.number)
    }

    /// What it predicts.
    pub fn predicts(&self) -> &Predicts {
        &self.predicts
    }

    /// The class that a row's values say; none for a number. See [`Predicts::class`].
    pub fn class(&self, values: &[f32]) -> Option<&str> {
        self.predicts.class(values)
    }

    /// What it takes in.
    pub fn inputs(&self) -> &[InputField] {
        self.features.inputs()
    }

    /// Predicts rows. The whole request is answered or refused.
    ///
    /// # Errors
    /// What is wrong with a row; or there are too many, before any of them is looked at.
    pub fn predict(&self, rows: &[Row<'_>]) -> Result<Answers, PredictError> {
        let answers = self.answer(rows);
        match &answers {
            Ok(_) => self.measured.add_answered(rows.len()),
            Err(_) => self.measured.add_refused(),
        }
        answers
    }

    /// Notes how long a request took, from its first byte read to its answer.
    pub fn note_duration(&self, took: Duration) {
        self.measured.add_duration(took);
    }

    /// What it has answered since it came into memory.
    pub fn tally(&self) -> Tally {
        self.measured.tally()
    }

    /// Counts on where `other`, the same version, has come to.
    pub(in crate::platform) fn count_on(&mut self, other: &Self) {
        self.measured = Arc::clone(&other.measured);
    }

    fn answer(&self, rows: &[Row<'_>]) -> Result<Answers, PredictError> {
        if rows.len() > self.max_rows {
            return Err(PredictError::TooManyRows { limit: self.max_rows });
        }
        let width = self.fitted.width();
        let mut encoded = vec![0.0; self.features.width()];
        let mut values = vec![0.0; rows.len() * width];
        for (index, (row, out)) in rows.iter().zip(values.chunks_exact_mut(width)).enumerate() {
            self.answer_row(row, &mut encoded, out)
                .map_err(|source| match rows.len() {
                    1 => source,
                    _ => PredictError::InRow {
                        row: index + 1,
                        source: Box::new(source),
                    },
                })?;
        }
        if rows.is_empty() {
            Err(PredictError::NoRows)
        } else {
            Ok(Answers { values, width })
        }
    }

    fn answer_row(&self, row: &Row<'_>, encoded: &mut [f32], out: &mut [f32]) -> Result<(), PredictError> {
        match row {
            Row::Listed(cells) => {
                if cells.len() != self.inputs().len() {
                    return Err(PredictError::Length {
                        expected: self.inputs().len(),
                        got: cells.len(),
                        order: self.names(),
                    });
                }
                self.features.encode_row(cells, encoded)?;
            }
            Row::Named(fields) => self.features.encode_row(&self.in_order(fields)?, encoded)?,
        }
        Ok(self.fitted.predict_row(encoded, out)?)
    }

    /// The cells of a row in the order of the inputs.
    fn in_order<'r>(
        &self,
        fields: &[(std::borrow::Cow<'r, str>, Cell<'r>)],
    ) -> Result<Vec<Cell<'r>>, PredictError> {
        let mut cells: Vec<Option<&Cell<'r>>> = vec![None; self.inputs().len()];
        for (name, cell) in fields {
            let field = || name.chars().take(100).collect();
            let position = *self
                .positions
                .get(name.as_ref())
                .ok_or_else(|| PredictError::ExtraField {
                    field: field(),
                    known: self.names(),
                })?;
            if cells[position].replace(cell).is_some() {
                return Err(PredictError::DuplicateField { field: field() });
            }
        }
        let missing = |position: usize| {
            let input = &self.inputs()[position];
            PredictError::MissingField {
                field: input.name.clone(),
                expected: input.kind,
                nullable: input.nullable,
            }
        };
        cells
            .into_iter()
            .enumerate()
            .map(|(position, cell)| cell.cloned().ok_or_else(|| missing(position)))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.inputs().iter().map(|input| input.name.clone()).collect()
    }
}
