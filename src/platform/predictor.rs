//! Predictions: from named values to answers, without a lock and without the store.
//!
//! The deployments that answer stand in a snapshot that is swapped whole, so a request sees one
//! version from beginning to end, and a promotion never makes a request wait.

mod extent;
mod measured;
mod servable;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::base::Name;
use crate::data::feature::EncodeError;
use crate::data::schema::ColumnType;
use crate::data::source::SourceError;

use super::registry::{VersionRef, no_such_version};

pub use crate::data::cell::Cell;
pub use crate::data::feature::{InputField, Value};
pub use crate::engine::explain::Space;
pub use crate::engine::factor::RecommendError;
pub use measured::Tally;
pub use servable::explain::{ExplainedOutput, ExplainedRow, Part, Source};
pub use servable::forecast::{Ahead, ForecastAnswer};
pub use servable::recommend::{Recommendation, Wanted};
pub use servable::score::Scorer;
pub use servable::understand::{Given, Level, Understood, UnderstoodField, UnknownField};
pub use servable::{Answers, LoadError, RowModel, Servable};

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// Nothing is in production at all.
    #[error("no model is in production yet; train one, for example with `usina up`")]
    NothingServes,
    /// No model of this name is in production.
    #[error("model {0} is not known, or no version of it is in production")]
    UnknownModel(String),
    /// The model has no such version.
    #[error("{}", no_such_version(.model, .version))]
    UnknownVersion {
        /// The model.
        model: Name,
        /// What was asked for.
        version: String,
    },
    /// The version cannot be loaded.
    #[error("model {model}, version {version}, cannot be loaded: {source}")]
    CannotLoad {
        /// The model.
        model: Name,
        /// The version.
        version: String,
        /// Why.
        #[source]
        source: Box<LoadError>,
    },
    /// Rows were sent to a version that takes none.
    #[error(
        "{0} forecasts a series and takes no rows; send history and horizon, or neither to go on where it ended"
    )]
    TakesNoRows(Name),
    /// A forecast was asked of a version that makes none.
    #[error("{0} forecasts nothing; send rows as features")]
    NoForecast(Name),
    /// Rows were sent to a version that takes users.
    #[error("{0} recommends items and takes no rows; send user, items or similar_to")]
    TakesUsers(Name),
    /// Recommendations were asked of a version that makes none.
    #[error("{0} recommends nothing")]
    NoItems(Name),
    /// What is asked of a recommender makes no sense.
    #[error("{part}: {problem}")]
    Wanted {
        /// What of the request.
        part: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A recommender refused.
    #[error(transparent)]
    Recommend(#[from] crate::engine::factor::RecommendError),
    /// What was sent is no series that goes on.
    #[error("{part}: {problem}")]
    Series {
        /// history, future or horizon.
        part: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No row at all.
    #[error("there is no row to predict")]
    NoRows,
    /// More rows than one request may have, or than are answered at once by a model with many classes.
    #[error("there are more than {limit} rows, which is what one request may have; send them in parts")]
    TooManyRows {
        /// How many may be sent.
        limit: usize,
    },
    /// A list of another length than the model has inputs.
    #[error("expected {expected} features in the order {}, got {got}", .order.join(", "))]
    Length {
        /// How many the model takes.
        expected: usize,
        /// How many were sent.
        got: usize,
        /// Their names, in order.
        order: Vec<String>,
    },
    /// An input that was not sent.
    #[error("the feature {field} is missing; {}", remedy(*.nullable, *.expected))]
    MissingField {
        /// The input.
        field: String,
        /// Its type.
        expected: ColumnType,
        /// Whether its value may be missing.
        nullable: bool,
    },
    /// Something that the model does not take.
    #[error("{field} is not a feature of the model; it takes {}", .known.join(", "))]
    ExtraField {
        /// What was sent.
        field: String,
        /// What the model takes.
        known: Vec<String>,
    },
    /// An input that was sent twice.
    #[error("the feature {field} is there twice")]
    DuplicateField {
        /// The input.
        field: String,
    },
    /// A value that the model cannot take.
    #[error(transparent)]
    Value(#[from] EncodeError),
    /// One row of several.
    #[error("row {row}: {source}")]
    InRow {
        /// Which, from 1.
        row: usize,
        /// What is wrong with it.
        #[source]
        source: Box<PredictError>,
    },
    /// One row of a table.
    #[error("line {line}: {source}")]
    InLine {
        /// Its line, from 1: that of the field at fault, where one is.
        line: u64,
        /// What is wrong with it.
        #[source]
        source: Box<PredictError>,
    },
    /// A table that cannot be read.
    #[error(transparent)]
    Table(Box<SourceError>),
    /// The model itself refused.
    #[error(transparent)]
    Model(#[from] crate::engine::model::PredictError),
    /// The registry, when a version had to be loaded first.
    #[error(transparent)]
    Registry(#[from] super::registry::RegistryError),
}

impl PredictError {
    /// The field that is at fault, when one is.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::MissingField { field, .. }
            | Self::ExtraField { field, .. }
            | Self::DuplicateField { field } => Some(field),
            Self::Value(error) => error.field(),
            Self::InRow { source, .. } | Self::InLine { source, .. } => source.field(),
            Self::Table(error) => error.column.as_deref(),
            _ => None,
        }
    }
}

fn remedy(nullable: bool, expected: ColumnType) -> String {
    if nullable {
        "send null where its value is not known".to_owned()
    } else {
        format!("send a value of type {expected}")
    }
}

/// One row as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Row<'a> {
    /// Values by name, in any order.
    Named(Vec<(Cow<'a, str>, Cell<'a>)>),
    /// Values in the order of the model's inputs.
    Listed(Vec<Cell<'a>>),
}

/// The versions that answer.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// The version in production, by model.
    pub(super) production: HashMap<String, Arc<Servable>>,
    /// The model that answers when none is named.
    pub(super) default: Option<Arc<Servable>>,
    /// Other versions that were asked for by label, most recent last.
    pub(super) pinned: Vec<Arc<Servable>>,
    /// Where the aliases of each model that has some point, by model.
    pub(super) aliases: Arc<HashMap<String, BTreeMap<String, u64>>>,
}

impl Snapshot {
    /// The version of `model` with this number, if it is in memory.
    fn numbered(&self, model: &str, number: u64) -> Option<&Arc<Servable>> {
        let production = self.production.get(model);
        let mut found = production.into_iter().chain(&self.pinned);
        found.find(|servable| servable.number() == number && servable.model().as_str() == model)
    }
}

/// A model as MLflow writes one with its version, `churn@champion`, `models:/churn@champion` or `models:/churn/2`:
/// the model, and the version as [`Predictor::loaded`] takes it. Without either sign, the model alone.
pub fn split_version(given: &str) -> (&str, Option<&str>) {
    let (named, is_uri) = match given.strip_prefix("models:/") {
        Some(named) => (named, true),
        None => (given, false),
    };
    match (named.find('@'), named.split_once('/').filter(|_| is_uri)) {
        (Some(at), _) => {
            let (model, rest) = (&named[..at], &named[at + 1..]);
            let is_alias = matches!(rest.parse(), Err(_) | Ok(VersionRef::Alias(_)));
            (model, Some(if is_alias { &named[at..] } else { rest }))
        }
        (None, Some((model, version))) => (model, Some(version)),
        (None, None) => (named, None),
    }
}

/// Finds the version that answers.
#[derive(Debug, Clone, Default)]
pub struct Predictor(pub(super) Arc<ArcSwap<Snapshot>>);

impl Predictor {
    /// The version that is in production for `model`, or for the default model.
    ///
    /// # Errors
    /// No such model is in production.
    pub fn in_production(&self, model: Option<&str>) -> Result<Arc<Servable>, PredictError> {
        let snapshot = self.0.load();
        match model {
            None => snapshot.default.clone().ok_or(PredictError::NothingServes),
            Some(model) => {
                let found = snapshot.production.get(model).cloned();
                found.ok_or_else(|| PredictError::UnknownModel(model.chars().take(Name::MAX_LEN).collect()))
            }
        }
    }

    /// The version of `model` that a request calls `version`, if it is in memory.
    pub fn loaded(&self, model: Option<&str>, version: &str) -> Option<Arc<Servable>> {
        let snapshot = self.0.load();
        let model = match model {
            Some(model) => model,
            None => snapshot.default.as_ref()?.model().as_str(),
        };
        if let Some(alias) = version.strip_prefix('@') {
            let number = *snapshot.aliases.get(model)?.get(alias)?;
            return snapshot.numbered(model, number).cloned();
        }
        let production = snapshot
            .production
            .get(model)
            .filter(|servable| servable.is_called(version, true));
        let mut pinned = snapshot
            .pinned
            .iter()
            .filter(|servable| servable.model().as_str() == model);
        production
            .or_else(|| pinned.find(|servable| servable.is_called(version, false)))
            .cloned()
    }

    /// The versions that are in memory, each once, by model and label.
    pub fn versions(&self) -> Vec<Arc<Servable>> {
        let snapshot = self.0.load();
        let mut versions: Vec<_> = snapshot
            .production
            .values()
            .chain(&snapshot.pinned)
            .cloned()
            .collect();
        versions.sort_by(|a, b| (a.model(), a.label()).cmp(&(b.model(), b.label())));
        // One that was asked for by label before it went into production is there twice.
        versions.dedup_by(|a, b| (a.model(), a.label()) == (b.model(), b.label()));
        versions
    }

    /// The default model.
    pub fn default_model(&self) -> Option<Name> {
        self.0
            .load()
            .default
            .as_ref()
            .map(|servable| servable.model().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::split_version;

    #[test]
    fn a_model_is_named_with_its_version_as_mlflow_does() {
        for (given, model, version) in [
            ("churn", "churn", None),
            ("churn@champion", "churn", Some("@champion")),
            ("models:/churn@champion", "churn", Some("@champion")),
            ("churn@2", "churn", Some("2")),
            ("churn@v1.0.0", "churn", Some("v1.0.0")),
            ("churn@production", "churn", Some("production")),
            ("churn@", "churn", Some("@")),
            ("models:/churn/2", "churn", Some("2")),
            ("models:/churn", "churn", None),
            ("churn/2", "churn/2", None),
        ] {
            assert_eq!(split_version(given), (model, version), "{given}");
        }
    }
}
