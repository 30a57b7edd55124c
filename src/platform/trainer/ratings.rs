//! Training a recommender: from rows to ratings, the factors, and the measuring.

mod measure;
mod read;
mod rivals;

use std::sync::Arc;

use super::curve::Curve;
use super::dataset::Source;
use super::finish::{Made, took};
use super::prepare::seed;
use super::{TrainError, Trainer, card};
use crate::base::Stop;
use crate::data::profile::Profiler;
use crate::engine::algorithm::Algorithm;
use crate::engine::device::Device;
use crate::engine::factor::{
    FactorError, FactorModel, FactorParams, Interactions, Labels, RecommendSpec, fit as factorise,
};
use crate::engine::fit::{FitError, How, Round};
use crate::platform::bundles::{Fitted, FittedItems, ItemsWarmUp};
use crate::platform::datasets::Columns;
use crate::platform::jobs::{Job, Phase, Reporter};
use crate::platform::recipes::{Recipe, WrittenRecipe};

use measure::Ranked;
use rivals::RankRivals;

const FIT_AT: f64 = 0.1;
const MEASURE_AT: f64 = 0.9;

/// Ratings, and which of them are held out.
pub(super) struct Ratings<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) spec: &'a RecommendSpec,
    pub(super) users: Labels,
    pub(super) items: Labels,
    /// In the order of time: user, item, value.
    pub(super) all: Vec<(u32, u32, f32)>,
    /// Those that are learnt from.
    pub(super) train: Interactions,
    /// Users with the items that they had later and not before.
    pub(super) held_out: Vec<(u32, Vec<u32>)>,
    pub(super) stop: &'a Stop,
}

impl Trainer {
    /// Trains a recommender, and registers it.
    pub(super) fn train_ratings(
        &self,
        job: &Job,
        written: &WrittenRecipe,
        spec: &RecommendSpec,
        source: &Source,
        device: &Device,
        (stop, reporter): (&Stop, &Reporter),
    ) -> Result<(), TrainError> {
        let recipe = written.recipe();
        let params = match &recipe.algorithm {
            Algorithm::Nmf(params) => FactorParams::Nmf(params.clone()),
            Algorithm::Als(params) => FactorParams::Als(params.clone()),
            other => {
                return Err(TrainError::Fit(FitError::OtherData {
                    algorithm: other.name(),
                    data: "ratings",
                    instead: "nmf or als",
                }));
            }
        };
        let ratings = read::ratings(recipe, spec, source, stop)?;
        let warnings = source.check(written, stop)?;
        let run = self.begin_run(job, recipe, source, device, &warnings)?;
        let mut kept = self.kept(job, run, recipe, source, device)?;
        let mut curve = Curve::new(&self.tracking, &self.clock, run, "valid");
        let mut progress = |round: Round| {
            let share = round.round as f64 / round.of as f64;
            let message = format!("iteration {} of at most {}", round.round, round.of);
            reporter.report(Phase::Fitting, FIT_AT + (MEASURE_AT - FIT_AT) * share, message);
            curve.add(round);
        };
        let how = How {
            threads: self.threads,
            seed: seed(recipe),
            device,
            stop,
            progress: &mut progress,
            checkpoints: &mut kept.checkpoints,
        };
        let factors = match factorise(&ratings.train, &params, how) {
            Err(FactorError::Stopped) => return Err(TrainError::Stopped),
            other => other.map_err(|error| read::refused(error, source, &ratings.users, &ratings.items))?,
        };
        curve.finish();

        reporter.report(Phase::Validating, MEASURE_AT, "measuring on the hold-out");
        let labels = || (ratings.users.clone(), ratings.items.clone());
        let iterations = factors.objectives().len();
        let learnt = FactorModel::new(params.clone(), factors.clone(), &ratings.train, labels());
        let ranked = Ranked::new(&ratings, &learnt.map_err(FitError::Stored)?, self.threads)?;
        let measured = self.measure_ranked(&ratings, &ranked)?;
        // It recommends with the factors that were measured, and knows of everything that a user has had.
        let known = Interactions::new(ratings.users.len(), ratings.items.len(), &ratings.all);
        let known = known.map_err(|error| read::refused(error, source, &ratings.users, &ratings.items))?;
        let model = FactorModel::new(params, factors, &known, labels()).map_err(FitError::Stored)?;
        let now = self.clock.now();
        let made = Made {
            card: card::recommend::card(
                &ratings,
                source,
                &measured,
                (iterations, device.info()),
                took(job, now),
                now,
            ),
            profile: self.described(recipe, source, stop)?,
            measured,
            curves: None,
            threshold: 0.5,
            fitted: Fitted::Items(FittedItems {
                warm_up: ItemsWarmUp::record(&model, spec.top_k)?,
                user: spec.user.clone(),
                item: spec.item.clone(),
                top_k: spec.top_k,
                usual: read::median(&ratings.all),
                model,
            }),
        };
        let rivals = RankRivals {
            ratings: &ratings,
            ranked: &ranked,
        };
        self.finish((job, run), recipe, source, made, &rivals, reporter)
    }

    fn described(
        &self,
        recipe: &Recipe,
        source: &Source,
        stop: &Stop,
    ) -> Result<crate::data::profile::Profile, TrainError> {
        let mut profiler = Profiler::new(Arc::clone(source.rows.schema()), seed(recipe));
        source.rows.each(Columns::All, |_, batch| {
            if stop.is_asked() {
                return Err(TrainError::Stopped);
            }
            Ok::<_, TrainError>(profiler.update(batch)?)
        })?;
        // Who and what is in the model itself.
        Ok(profiler
            .finish()
            .to_pass_on(|column| column == recipe.data.target))
    }
}
