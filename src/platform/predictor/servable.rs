//! One version in memory, ready to answer.

pub mod explain;
pub mod forecast;
pub mod recommend;
pub mod rows;
pub mod score;
pub mod table;
pub mod understand;

use std::sync::Arc;
use std::time::Duration;

use super::PredictError;
use super::measured::{Measured, Tally};
use crate::base::{ModelId, Name};
use crate::data::feature::InputField;
use crate::engine::task::Task;
use crate::store::StoreError;

use super::super::bundles::{
    BundleError, Content, Differs, Fitted, FittedItems, FittedRows, FittedSeries, Predicts, usable,
};
use super::super::registry::{FetchError, VersionInfo};

pub use rows::{Answers, RowModel};

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
    /// A forecast cannot go on with the periods that it carries.
    #[error("the history in the bundle is not one that its forecaster can go on with")]
    History,
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
    inputs: Vec<InputField>,
    kind: Kind,
    measured: Arc<Measured>,
}

/// What it answers.
#[derive(Debug)]
enum Kind {
    Rows(Box<RowModel>),
    Series(Box<FittedSeries>),
    Items(Box<FittedItems>),
}

impl Servable {
    /// Checks that a version's parts fit, and has it answer its warm-up rows.
    ///
    /// # Errors
    /// Its parts do not fit, or it answers differently than when it was made.
    pub fn check(content: &Content) -> Result<(), LoadError> {
        match &content.fitted {
            Fitted::Rows(rows) => check_rows(content, rows)?,
            Fitted::Series(series) => check_series(content, series)?,
            Fitted::Items(_) => check_items(content)?,
        }
        if content.schema.inputs != content.fitted.inputs() {
            return Err(LoadError::Inputs);
        }
        match &content.fitted {
            Fitted::Rows(rows) => Ok(rows.warm_up.check(&rows.features, &rows.model)?),
            Fitted::Series(series) => Ok(series.warm_up.check(series)?),
            Fitted::Items(items) => Ok(items.warm_up.check(items)?),
        }
    }

    /// Makes the content of `version` ready, which was [checked](Self::check). What it is called is what the
    /// registry calls it.
    pub fn load(content: Content, version: &VersionInfo) -> Self {
        let Content { manifest, fitted, .. } = content;
        let measured = Arc::default();
        Self {
            inputs: fitted.inputs(),
            kind: match fitted {
                Fitted::Rows(rows) => {
                    let rows = RowModel::new(rows, &manifest.predicts, Arc::clone(&measured));
                    Kind::Rows(Box::new(rows))
                }
                Fitted::Series(series) => Kind::Series(Box::new(series)),
                Fitted::Items(items) => Kind::Items(Box::new(items)),
            },
            measured,
            model_id: version.model_id,
            model: version.model.clone(),
            number: version.number,
            label: version.label.clone(),
            predicts: manifest.predicts,
        }
    }

    /// What answers rows.
    ///
    /// # Errors
    /// The version answers something else.
    pub fn rows(&self) -> Result<&RowModel, PredictError> {
        match &self.kind {
            Kind::Rows(rows) => Ok(rows),
            Kind::Series(_) => Err(PredictError::TakesNoRows(self.model.clone())),
            Kind::Items(_) => Err(PredictError::TakesUsers(self.model.clone())),
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
        &self.inputs
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
        if let Kind::Rows(rows) = &mut self.kind {
            rows.measured = Arc::clone(&other.measured);
        }
    }
}

/// That the parts of what answers rows fit.
fn check_rows(content: &Content, rows: &FittedRows) -> Result<(), LoadError> {
    let (model, features) = (rows.model.features().len(), rows.features.width());
    if model != features {
        return Err(LoadError::Width { model, features });
    }
    // Warm-up rows know numbers alone: classes in another order would be answered by the wrong name.
    let (says, predicts) = (content.manifest.predicts.task(), rows.model.task());
    if says.as_ref() != Some(predicts) {
        let told = |task: &Task| format!("{} ({})", task.name(), task.classes().join(", "));
        return Err(LoadError::Task {
            says: says.as_ref().map_or_else(|| "no rows".to_owned(), told),
            predicts: told(predicts),
        });
    }
    Ok(())
}

/// That what a recommender says of itself is what it is.
fn check_items(content: &Content) -> Result<(), LoadError> {
    let predicts = &content.manifest.predicts;
    if *predicts == content.fitted.predicts(predicts.target(), 0.5) {
        return Ok(());
    }
    Err(LoadError::Task {
        says: format!("{} of {}", predicts.task_name(), predicts.target()),
        predicts: "recommendations of other columns".to_owned(),
    })
}

/// That the parts of what forecasts a series fit.
fn check_series(content: &Content, series: &FittedSeries) -> Result<(), LoadError> {
    let (predicts, plan) = (&content.manifest.predicts, &series.forecaster.plan);
    if *predicts != content.fitted.predicts(&plan.target, 0.5) {
        return Err(LoadError::Task {
            says: format!("{} of {}", predicts.task_name(), predicts.target()),
            predicts: format!("a forecast of {} over {} periods", plan.target, plan.horizon),
        });
    }
    if usable(&series.history, plan) {
        Ok(())
    } else {
        Err(LoadError::History)
    }
}
