//! Training: from a recipe to a registered version, as one job.
//!
//! Everything is computed first and written last: one transaction registers the version, ends the run
//! and ends the job. A crash before it leaves a job that is taken up again, never half a version.

mod blame;
mod card;
mod curve;
mod dataset;
mod error;
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

use crate::base::{Clock, ContentId, Entropy, Stop};
use crate::data::split::Part;
use crate::engine::device::{Device, DeviceChoice, Devices, NoGpu};
use crate::store::Store;

use super::bundles::{Fitted, FittedRows};
use super::datasets::Datasets;
use super::deployments::Deployments;
use super::jobs::{Ended, Job, JobCheckpoints, Phase, Reporter, Task as JobTask, Work};
use super::recipes::{Recipe, WrittenRecipe};
use super::registry::Registry;
use super::tracking::Tracking;
use crate::base::RunId;

use dataset::Source;
use finish::Made;
use fit::Kept;
use gates::RowRivals;

pub use error::TrainError;
pub use prepare::Prepared;
pub use split_by::{Split, SplitBy};

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
