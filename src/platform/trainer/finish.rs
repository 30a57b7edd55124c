//! The end of a training: log the quality, seal the bundle, check it, register it.

use std::time::Duration;

use super::dataset::Source;
use super::gates::{Gates, Rivals};
use super::{TrainError, Trainer};
use crate::base::{ContentId, ModelId, RunId, Time};
use crate::data::profile::Profile;
use crate::platform::bundles::{
    Bundle, Content, Curves, DatasetOrigin, Fitted, Manifest, Measured, ModelSchema, TrustedKeys, this_build,
};
use crate::platform::jobs::{Job, Jobs, Outcome, Phase, Reporter};
use crate::platform::predictor::Servable;
use crate::platform::recipes::{Gates as GateSpec, Recipe, Registration, Training};
use crate::platform::registry::{BundleRow, NewOrigin, NewVersion, register_in};
use crate::platform::tracking::{MetricPoint, Point, RunStatus, end_in};
use crate::store::tables::models::TrainedOn;

/// What a training made, of whatever kind.
pub(super) struct Made {
    pub(super) fitted: Fitted,
    /// What the rows looked like that it learnt from.
    pub(super) profile: Profile,
    pub(super) measured: Measured,
    pub(super) curves: Option<Curves>,
    /// From which probability on a row is called positive.
    pub(super) threshold: f64,
    pub(super) card: String,
}

impl Trainer {
    /// Registers what was made; run and job end in the same transaction.
    pub(super) fn finish(
        &self,
        (job, run): (&Job, RunId),
        recipe: &Recipe,
        rows: &Source,
        made: Made,
        rivals: &dyn Rivals,
        reporter: &Reporter,
    ) -> Result<(), TrainError> {
        reporter.report(Phase::Sealing, 0.96, "sealing the bundle");
        let (metrics, baseline) = made.measured.pairs();
        self.log_quality(run, &made.measured)?;

        let trained_on = TrainedOn {
            id: Some(rows.version.dataset),
            name: rows.dataset.to_string(),
            version: rows.version.id,
            generated: rows.version.generated,
        };
        let now = self.clock.now();
        let predicts = made.fitted.predicts(&recipe.data.target, made.threshold);
        let task = predicts.task_name().to_owned();
        let content = Content {
            schema: ModelSchema::new(made.fitted.inputs(), &predicts),
            card: made.card,
            measured: Some(made.measured),
            curves: made.curves,
            recipe: recipe.to_canonical_json()?,
            manifest: Manifest {
                model: recipe.name.clone(),
                title: recipe.title.clone(),
                description: recipe.description.clone(),
                made_by: concat!("usina ", env!("CARGO_PKG_VERSION")).to_owned(),
                build: Some(this_build()),
                created_at: now,
                run_id: Some(run),
                dataset: Some(DatasetOrigin {
                    name: rows.dataset.clone(),
                    version: rows.version.id,
                    generated: rows.version.generated,
                }),
                weights: made.fitted.format(),
                needs: Vec::new(),
                predicts,
            },
            fitted: made.fitted,
            profile: made.profile,
        };
        let signer = self.store.vault().bundles();
        let sealed = content.to_bundle()?.seal(signer)?;
        // The version is tried as it will be loaded, before anybody can ask it anything.
        let opened = Bundle::read(sealed.as_slice(), &TrustedKeys::only(signer.public_key()))?;
        let opened = Content::from_bundle(&opened)?;
        Servable::check(&opened)?;
        let gates = match &content.measured {
            Some(measured) if !recipe.gates.is_empty() => {
                reporter.report(Phase::Sealing, 0.97, "checking the gates");
                self.check_gates(&Gates {
                    recipe,
                    rivals,
                    measured,
                    content: &opened,
                    bytes: sealed.len() as u64,
                })?
            }
            _ => Vec::new(),
        };
        let new = NewVersion {
            model: recipe.name.clone(),
            model_id: ModelId::random(self.entropy)?,
            title: recipe.title.clone(),
            description: recipe.description.clone(),
            origin: NewOrigin::Trained { run, job: job.id },
            dataset: Some(trained_on),
            task,
            target: recipe.data.target.clone(),
            metrics,
            baseline,
            input_schema: content.input_schema()?,
            recipe: Some(recipe_digest(recipe)?),
            promote: recipe.registry.promote,
            gates,
            bundle: BundleRow {
                address: self.store.blobs().put_blocking(&sealed)?,
                bytes: sealed.len() as u64,
                digest: ContentId::of(&sealed),
                signer: signer.public_key(),
            },
            by: job.requested_by.clone(),
        };
        self.register(job, run, new, opened)
    }

    fn register(&self, job: &Job, run: RunId, new: NewVersion, content: Content) -> Result<(), TrainError> {
        let (job, now) = (job.id, self.clock.now());
        let registering = self.store.write(move |tx| {
            let version = register_in(tx, &new, now)?;
            end_in(tx, run, RunStatus::Finished, now)?;
            let outcome = Outcome::Version {
                model: version.model_id,
                number: version.number,
                label: version.label.clone(),
            };
            Jobs::done_in(tx, job, &outcome, now)?;
            Ok::<_, TrainError>(version)
        });
        let version = Self::wait(self.deployments.register(content, registering))?;
        let headline = version.headline();
        tracing::info!(
            model = %version.model,
            version = version.label,
            stage = %version.stage,
            metric = headline.map(|headline| headline.metric),
            value = headline.map(|headline| headline.value),
            baseline = headline.and_then(|headline| headline.baseline),
            "a version is registered"
        );
        Ok(())
    }

    fn log_quality(&self, run: RunId, measured: &Measured) -> Result<(), TrainError> {
        let time = self.clock.now();
        let mut points = Vec::new();
        let mut add = |key: String, value: f64, step: i64| {
            points.push(MetricPoint {
                key,
                point: Point { value, time, step },
            });
        };
        for metric in &measured.metrics {
            add(metric.name.clone(), metric.value, 0);
            if let Some(baseline) = metric.baseline {
                add(format!("baseline_{}", metric.name), baseline, 0);
            }
        }
        for folds in &measured.folds {
            add(format!("cv_{}_mean", folds.name), folds.mean, 0);
            add(format!("cv_{}_sd", folds.name), folds.sd, 0);
            for (fold, value) in (1..).zip(&folds.values) {
                add(format!("fold_{}", folds.name), *value, fold);
            }
        }
        Ok(self.tracking.log_metrics_blocking(run, points)?)
    }
}

/// How long the job has worked.
pub(super) fn took(job: &Job, now: Time) -> Option<Duration> {
    job.started_at.map(|started| now.since(started))
}

/// Names how a version was made: by what changes its answers or their quality. Words for people, what becomes of
/// the version, and which way the rows came, are no part of it; the rows' version is told apart.
fn recipe_digest(recipe: &Recipe) -> Result<ContentId, TrainError> {
    let mut recipe = recipe.clone();
    (recipe.data.file, recipe.data.dataset, recipe.data.version) = (None, None, None);
    recipe.title.clear();
    recipe.description.clear();
    recipe.experiment = None;
    // They refuse rows, and change nothing about those that pass.
    recipe.expectations.clear();
    recipe.registry = Registration::default();
    recipe.gates = GateSpec::default();
    // Another device makes another model in the last bits, as another processor does.
    recipe.training = Training::default();
    Ok(ContentId::of(recipe.to_canonical_json()?.as_bytes()))
}
