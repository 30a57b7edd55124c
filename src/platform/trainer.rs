//! Training: from a recipe to a registered version, as one job.
//!
//! Everything is computed first and written last: one transaction registers the version, ends the run
//! and ends the job. A crash before it leaves a job that is taken up again, never half a version.

mod blame;
mod card;
mod curve;
mod dataset;
mod finish;
mod fit;
mod gates;
mod importance;
mod measure;
mod prepare;
mod ratings;
mod segments;
mod series;
mod split_by;

use tokio::runtime::Handle;

use crate::base::{Clock, ContentId, Entropy, Name, Stop};
use crate::data::generate::GenerateError;
use crate::data::schema::SchemaError;
use crate::data::split::Part;
use crate::engine::device::{Device, DeviceChoice, Devices, NoGpu};
use crate::engine::validate::{BootstrapError, CrossError, ThresholdError};
use crate::store::{Store, StoreError};

use super::bundles::{BundleError, Differs, Fitted, FittedRows};
use super::datasets::{DatasetError, Datasets};
use super::deployments::Deployments;
use super::jobs::{Ended, Job, JobCheckpoints, JobError, Phase, Reporter, Task as JobTask, Work};
use super::predictor::LoadError;
use super::recipes::{Recipe, RecipeError, WrittenRecipe};
use super::registry::{Registry, RegistryError};
use super::target::TargetError;
use super::tracking::{Tracking, TrackingError};
use crate::base::RunId;

use dataset::Source;
use finish::Made;
use fit::Kept;
use gates::RowRivals;

pub use prepare::Prepared;
pub use split_by::{Split, SplitBy};

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
    fn passes(&self) -> bool {
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

/// Another usina may learn otherwise: it does not go on with what this one has kept.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Does trainings.
#[derive(Debug, Clone)]
pub struct Trainer {
    /// Where versions and runs are written together.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where ids come from.
    pub entropy: Entropy,
    /// The tables.
    pub datasets: Datasets,
    /// Experiments and runs.
    pub tracking: Tracking,
    /// Registered models.
    pub registry: Registry,
    /// What answers.
    pub deployments: Deployments,
    /// On how many threads a model is fitted.
    pub threads: usize,
    /// What nets are fitted on.
    pub devices: Devices,
    /// How much memory rows may take that are gone through more than once; more are read from the store each time.
    pub kept_bytes: usize,
}

impl Work for Trainer {
    fn work(&self, job: &Job, stop: &Stop, reporter: &Reporter) -> Ended {
        match self.train(job, stop, reporter) {
            Ok(()) => Ended::Done,
            Err(_) if stop.is_asked() => Ended::Stopped,
            Err(error) if error.passes() => {
                tracing::warn!(job = %job.id, model = %job.model, %error, "a training is interrupted, and tried again");
                Ended::Again {
                    reason: error.to_string(),
                }
            }
            Err(error) => {
                let is_input = blame::is_input(&error);
                // Whoever sent the recipe is told by the job; a warning is for whoever runs usina.
                if is_input {
                    tracing::info!(job = %job.id, model = %job.model, %error, "a training was refused");
                } else {
                    tracing::warn!(job = %job.id, model = %job.model, %error, "a training failed");
                }
                Ended::Failed {
                    reason: error.to_string(),
                    is_input,
                }
            }
        }
    }
}

impl Trainer {
    fn train(&self, job: &Job, stop: &Stop, reporter: &Reporter) -> Result<(), TrainError> {
        let JobTask::Train {
            file,
            recipe: text,
            shipped,
            rows,
            device,
            ..
        } = &job.task;
        let mut written = WrittenRecipe::parse(file, text)?;
        if let Some(rows) = rows {
            written = written.on(rows);
        }
        let recipe = written.recipe();
        let device = self.device(recipe, *device)?;
        reporter.report(
            Phase::Reading,
            0.0,
            format!("reading the rows of {}", recipe.name),
        );
        let source = self.source(&written, shipped.as_deref(), stop, reporter)?;
        written.check_columns(&source.version.source.to_string(), source.rows.schema())?;
        if let Some(spec) = &recipe.forecast {
            return self.train_series(job, &written, spec, &source, device, (stop, reporter));
        }
        if let Some(spec) = &recipe.recommend {
            return self.train_ratings(job, &written, spec, &source, device, (stop, reporter));
        }
        let (target, split) = self.target(&written, &source, stop)?;
        written.check_task(&target.task)?;
        let refused = |error| match error {
            TrainError::Split(error) => written.of_split(&error).into(),
            other => other,
        };
        let prepared = Prepared::new(recipe, &source.rows, &target, split, stop.clone()).map_err(refused)?;
        let [train, holdout] = [Part::Train, Part::Test].map(|part| prepared.class_rows(part));
        written.check_split(&target.task, &train, &holdout)?;
        if let Some(folds) = prepared.folds().map_err(refused)? {
            for fold in 0..folds.len() {
                let parts = folds.parts(fold).map_err(refused)?;
                let [learnt, tested] =
                    [Part::Train, Part::Test].map(|part| prepared.class_rows_of(&parts, part));
                written.check_fold(&target.task, fold + 1, &learnt, &tested)?;
            }
        }
        let warnings = source.check(&written, stop)?;
        let run = self.begin_run(job, recipe, &source, device, &warnings)?;
        let kept = self.kept(job, run, recipe, &source, device)?;
        let trained = self.fit(kept, &prepared, stop, reporter);
        let trained = trained.map_err(|error| match error {
            TrainError::Threshold(error) => written.of_threshold(&error).into(),
            other => other,
        })?;
        let now = self.clock.now();
        let card = card::card(recipe, &source, &trained, finish::took(job, now), now);
        let rivals = RowRivals {
            prepared: &prepared,
            answers: &trained.answers,
        };
        let threshold = trained.quality.threshold(recipe);
        let made = Made {
            fitted: Fitted::Rows(FittedRows {
                features: trained.features,
                model: trained.model,
                warm_up: trained.warm_up,
            }),
            profile: trained.profile,
            measured: trained.quality.measured,
            curves: Some(trained.quality.curves),
            threshold,
            card,
        };
        self.finish((job, run), recipe, &source, made, &rivals, reporter)
    }

    /// Where a training keeps how far it is.
    fn kept<'d>(
        &self,
        job: &Job,
        run: RunId,
        recipe: &Recipe,
        source: &Source,
        device: &'d Device,
    ) -> Result<Kept<'d>, TrainError> {
        let of = format!(
            "{} {} {} {}",
            recipe.to_canonical_json()?,
            source.version.id,
            VERSION,
            // Another device learns otherwise, in the last bits.
            device.info().name
        );
        let checkpoints = JobCheckpoints::new(
            self.store.clone(),
            self.clock.clone(),
            job.id,
            ContentId::of(of.as_bytes()),
        );
        Ok(Kept {
            run,
            checkpoints,
            device,
        })
    }

    /// What the model of `recipe` is fitted on, where whoever started the training has `asked` for a device or not.
    fn device(&self, recipe: &Recipe, asked: Option<DeviceChoice>) -> Result<&Device, NoGpu> {
        if recipe.algorithm.is_net() {
            self.devices.of(asked.or(recipe.training.device))
        } else {
            Ok(self.devices.cpu())
        }
    }

    /// Waits for what only async code can do; trainings run on a blocking thread of the runtime.
    fn wait<T>(future: impl Future<Output = T>) -> T {
        Handle::current().block_on(future)
    }
}

#[cfg(test)]
mod tests;
