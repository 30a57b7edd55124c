//! How good a recommender is on ratings that are held out, beside what is popular.

use super::Ratings;
use crate::engine::factor::{FactorModel, rankings};
use crate::engine::metric::rank::{
    NAMES, RankReport, average_precision, hit, ndcg, precision, rank_report, recall,
};
use crate::engine::validate::{Bootstrap, bootstrap_means};
use crate::platform::bundles::Measured;
use crate::platform::bundles::measured::{MeasuredMetric, RankingQuality};
use crate::platform::trainer::measure::resamples;
use crate::platform::trainer::prepare::seed;
use crate::platform::trainer::{TrainError, Trainer};

/// What was recommended to users, and how good that was.
pub(super) struct Ranked {
    pub(super) model: RankReport,
    pub(super) popular: RankReport,
    /// Of each user the metrics that are means, in the order of [`NAMES`]: of the model, and of what is popular.
    pub(super) of_users: Vec<Vec<f64>>,
    pub(super) of_popular: Vec<Vec<f64>>,
}

/// The metrics that are means over users: all but the catalogue's coverage.
const MEANS: usize = NAMES.len() - 1;

impl Ranked {
    pub(super) fn new(
        ratings: &Ratings<'_>,
        model: &FactorModel,
        threads: usize,
    ) -> Result<Self, TrainError> {
        let k = ratings.spec.top_k;
        let ranked = rankings(model, &ratings.held_out, k, threads)?;
        let report = |rankings: &[Vec<u32>]| {
            let pairs = rankings.iter().zip(&ratings.held_out);
            let pairs = pairs.map(|(ranked, (_, items))| (&ranked[..], &items[..]));
            rank_report(k, ratings.items.len(), pairs)
        };
        let each = |rankings: &[Vec<u32>]| -> Vec<Vec<f64>> {
            let pairs = rankings
                .iter()
                .zip(ratings.held_out.iter().map(|(_, items)| items));
            let metrics = [ndcg, average_precision, hit, precision, recall];
            pairs
                .map(|(ranked, items)| metrics.iter().map(|metric| metric(k, ranked, items)).collect())
                .collect()
        };
        Ok(Self {
            model: report(&ranked.model)?,
            popular: report(&ranked.popular)?,
            of_users: each(&ranked.model),
            of_popular: each(&ranked.popular),
        })
    }

    /// The metric to look at first, user by user.
    pub(super) fn headline(of: &[Vec<f64>]) -> Vec<f64> {
        of.iter().map(|metrics| metrics[0]).collect()
    }
}

impl Trainer {
    /// Measures the hold-out.
    pub(super) fn measure_ranked(
        &self,
        ratings: &Ratings<'_>,
        ranked: &Ranked,
    ) -> Result<Measured, TrainError> {
        let recipe = ratings.recipe;
        let plan = (recipe.validation.bootstrap > 0).then(|| Bootstrap {
            resamples: resamples(recipe.validation.bootstrap, ranked.of_users.len()),
            confidence: recipe.validation.confidence,
            threads: self.threads,
            seed: seed(recipe).derive("bootstrap", 0),
        });
        let intervals = match &plan {
            Some(plan) => bootstrap_means(&ranked.of_users, &NAMES[..MEANS], plan, ratings.stop)?,
            None => Vec::new(),
        };
        let metrics = ranked.model.as_pairs().into_iter().zip(ranked.popular.as_pairs());
        let metric =
            |((name, value), (_, popular)): ((&'static str, f64), (&'static str, f64))| MeasuredMetric {
                name: name.to_owned(),
                value,
                interval: intervals
                    .iter()
                    .find(|(other, _)| *other == name)
                    .map(|(_, interval)| *interval),
                baseline: Some(popular),
            };
        Ok(Measured {
            rows: ratings.held_out.iter().map(|(_, items)| items.len() as u64).sum(),
            confidence: plan.map(|plan| plan.confidence),
            resamples: plan.map_or(0, |plan| plan.resamples as u64),
            metrics: metrics.map(metric).collect(),
            folds: Vec::new(),
            threshold: None,
            classes: Vec::new(),
            segments: Vec::new(),
            worst_segment: None,
            forecast: None,
            ranking: Some(RankingQuality {
                k: ratings.spec.top_k as u64,
                users: ranked.model.users as u64,
                all_users: ratings.users.len() as u64,
                all_items: ratings.items.len() as u64,
                ratings: ratings.train.len() as u64,
            }),
            importance: None,
        })
    }
}
