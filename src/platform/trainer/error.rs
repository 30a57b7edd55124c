//! Why a training made no version.

use crate::base::Name;
use crate::data::generate::GenerateError;
use crate::data::schema::SchemaError;
use crate::engine::device::NoGpu;
use crate::engine::validate::{BootstrapError, CrossError, ThresholdError};
use crate::platform::bundles::{BundleError, Differs};
use crate::platform::datasets::DatasetError;
use crate::platform::jobs::JobError;
use crate::platform::predictor::LoadError;
use crate::platform::recipes::RecipeError;
use crate::platform::registry::RegistryError;
use crate::platform::target::TargetError;
use crate::platform::tracking::TrackingError;
use crate::store::StoreError;

/// Why a training made no version.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Someone wanted it to stop.
    #[error("stopped before its end")]
    Stopped,
    /// The recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A shipped recipe that this executable does not carry.
    #[error("this usina carries no recipe called {0} with its data")]
    NotShipped(String),
    /// The data.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The rows could not be generated.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The column that is to be predicted.
    #[error("{source_name}{}: {error}", .error.place())]
    Target {
        /// Where the rows came from.
        source_name: String,
        /// What is wrong.
        #[source]
        error: TargetError,
    },
    /// The rows could not be split.
    #[error(transparent)]
    Split(#[from] crate::data::split::SplitError),
    /// The columns could not be made into features.
    #[error(transparent)]
    Features(#[from] crate::data::feature::FeatureError),
    /// The features are no matrix.
    #[error(transparent)]
    Matrix(#[from] crate::engine::matrix::MatrixError),
    /// The rows could not be summarised.
    #[error(transparent)]
    Table(#[from] crate::data::table::TableError),
    /// The fit.
    #[error(transparent)]
    Fit(#[from] crate::engine::fit::FitError),
    /// A fold of a rolling origin.
    #[error("fold {fold} of {folds}: {source}; with fewer validation.folds each learns from more periods")]
    SeriesFold {
        /// Which, from 1.
        fold: usize,
        /// Of how many.
        folds: usize,
        /// Why it was not fitted.
        #[source]
        source: crate::engine::fit::FitError,
    },
    /// Folds that are shorter than what is forecast.
    #[error(
        "validation.folds: of {learnt} periods to learn from a training takes {least}, and the rest makes no {folds} folds of          {horizon} (forecast.horizon); take {most} folds at most, bring more periods, or 0 for none (then there are no intervals)"
    )]
    ShortFolds {
        /// How many folds are wanted.
        folds: usize,
        /// How many there may be.
        most: usize,
        /// Periods that are not held out.
        learnt: usize,
        /// Periods that a training takes.
        least: usize,
        /// Periods that are forecast.
        horizon: usize,
    },
    /// A row that is no rating.
    #[error("{source_name}: row {row}: {column} {problem}")]
    Rating {
        /// Where the rows came from.
        source_name: String,
        /// The row, from 1.
        row: usize,
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The ratings give no recommender.
    #[error("{source_name}: {problem}")]
    Ratings {
        /// Where the rows came from.
        source_name: String,
        /// Why.
        problem: String,
    },
    /// The factors.
    #[error(transparent)]
    Factor(#[from] crate::engine::factor::FactorError),
    /// The recommendations cannot be measured.
    #[error(transparent)]
    Rank(#[from] crate::engine::metric::rank::RankError),
    /// Nothing is recommended.
    #[error(transparent)]
    Recommend(#[from] crate::engine::factor::RecommendError),
    /// The rows are no series.
    #[error("{source_name}: {error}")]
    Series {
        /// Where the rows came from.
        source_name: String,
        /// Why.
        #[source]
        error: crate::data::series::SeriesError,
    },
    /// A row of a series without a time.
    #[error("{source_name}: row {row} has no {column}, which says when it was; fill it in or drop the row")]
    NoTime {
        /// Where the rows came from.
        source_name: String,
        /// The column.
        column: String,
        /// The row, from 1.
        row: usize,
    },
    /// A series that is too long to be put on a grid in memory.
    #[error("{source_name} has {rows} rows, and a series has {most} at most; train on the latest of them")]
    LongSeries {
        /// Where the rows came from.
        source_name: String,
        /// How many there are.
        rows: usize,
        /// How many there may be.
        most: usize,
    },
    /// The device that is asked for.
    #[error("the GPU that is asked for cannot be had: {}", .0.with_remedy())]
    Device(#[from] NoGpu),
    /// The cross-validation.
    #[error("cross-validation: {0}")]
    Folds(#[from] Box<CrossError<TrainError>>),
    /// The model could not predict the hold-out.
    #[error(transparent)]
    Predict(#[from] crate::engine::model::PredictError),
    /// The quality could not be measured.
    #[error("the hold-out cannot be measured: {0}")]
    Metric(#[from] crate::engine::metric::MetricError),
    /// The rule of the recipe finds no threshold.
    #[error(transparent)]
    Threshold(ThresholdError),
    /// The intervals could not be found.
    #[error("the intervals cannot be found: {0}")]
    Intervals(BootstrapError),
    /// The version is not what the recipe wants of one that is registered.
    #[error(
        "{model} was trained and is not registered, since it is not what its recipe wants: {}; the run keeps what was \
         measured",
        failed.join("; ")
    )]
    Gates {
        /// The model.
        model: Name,
        /// The gates that it failed, in words.
        failed: Vec<String>,
    },
    /// The bundle could not be made.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The version that was made answers nothing.
    #[error("the version that was made does not answer: {0}")]
    WarmUp(#[from] Differs),
    /// The operating system has no randomness for an id.
    #[error(transparent)]
    Entropy(#[from] crate::base::random::EntropyError),
    /// The version that was made does not load.
    #[error("the version that was made does not load: {0}")]
    Load(#[from] LoadError),
    /// Something could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The columns are no table.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The run.
    #[error(transparent)]
    Tracking(#[from] TrackingError),
    /// The job.
    #[error(transparent)]
    Job(#[from] JobError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TrainError {
    /// Whether it may go better another time: the store was busy, or its disk was full or away.
    pub(super) fn passes(&self) -> bool {
        let store = match self {
            Self::Store(error)
            | Self::Dataset(DatasetError::Store(error))
            | Self::Tracking(TrackingError::Store(error))
            | Self::Job(JobError::Store(error))
            | Self::Registry(RegistryError::Store(error)) => error,
            _ => return false,
        };
        store.passes()
    }
}
