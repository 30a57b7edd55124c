//! Measuring: where the line between two classes is drawn, and how good the model is on what was held out.

use super::TrainError;
use super::importance::importance;
use super::prepare::{Prepared, seed};
use super::segments::groups;
use crate::base::Stop;
use crate::data::feature::FittedFeatures;
use crate::data::split::{Part, Parts};
use crate::engine::metric::classify::Confusion;
use crate::engine::metric::multiclass::ConfusionMatrix;
use crate::engine::metric::{Report, Sample, curves};
use crate::engine::model::Model;
use crate::engine::validate::segment::worst;
use crate::engine::validate::{
    Baseline, Bootstrap, BootstrapError, Costs, CrossReport, Summary, ThresholdRule, best_threshold,
    bootstrap, by_segment,
};
use crate::platform::bundles::measured::{ChosenThreshold, FoldsMetric, MeasuredClass, MeasuredMetric};
use crate::platform::bundles::{Curves, Measured};
use crate::platform::recipes::{Recipe, Threshold};

/// The threshold until a rule has found another, and where it decides nothing.
pub(super) const USUAL_THRESHOLD: f32 = 0.5;

/// Predicted values that are drawn for the intervals, in all: less than a minute of one core.
const MOST_DRAWN: usize = 1_000_000_000;

/// With fewer tables the ends of an interval are noise.
const FEWEST_RESAMPLES: usize = 200;

/// What the expected cost of a row is called among the metrics.
pub(super) const EXPECTED_COST: &str = "expected_cost";

/// A threshold that a rule found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chosen {
    pub(super) threshold: f32,
    pub(super) on: &'static str,
}

/// How good a model is, in every way that is kept of it.
pub(super) struct Quality {
    pub(super) holdout: Report,
    pub(super) folds: Option<CrossReport>,
    pub(super) measured: Measured,
    pub(super) curves: Curves,
    /// Rows that are not held out.
    pub(super) train_rows: usize,
    /// Those among them that were only watched, for early stopping.
    pub(super) watched_rows: usize,
    pub(super) holdout_rows: usize,
    /// Rows of each class in the whole table; empty for a regression.
    pub(super) class_rows: Vec<usize>,
}

/// What is measured, and with what.
pub(super) struct Measuring<'a> {
    pub(super) prepared: &'a Prepared<'a>,
    pub(super) features: &'a FittedFeatures,
    pub(super) model: &'a Model,
    /// Which rows of the table are held out.
    pub(super) parts: &'a Parts,
    /// What the model answers for them: `[rows x width]`.
    pub(super) answers: &'a [f32],
    pub(super) folds: Option<CrossReport>,
    /// The threshold that a rule found.
    pub(super) chosen: Option<Chosen>,
    pub(super) threads: usize,
    pub(super) stop: &'a Stop,
}

/// The threshold that the recipe gives as a number; the usual one where a rule is to find it.
pub(super) fn fixed_threshold(recipe: &Recipe) -> f32 {
    match recipe.validation.threshold {
        Threshold::Fixed(threshold) => threshold as f32,
        Threshold::Rule(_) => USUAL_THRESHOLD,
    }
}

/// The threshold that the recipe's rule finds, if it has one: on `labels` and what was predicted for them, of rows
/// that the models have not learnt from. Rows without a prediction (NaN) do not count.
pub(super) fn choose(
    recipe: &Recipe,
    labels: &[f32],
    predicted: &[f32],
    on: &'static str,
) -> Result<Option<Chosen>, TrainError> {
    let Some(rule) = recipe.validation.threshold.rule() else {
        return Ok(None);
    };
    let pairs = labels.iter().zip(predicted).filter(|(_, p)| !p.is_nan());
    let (labels, predicted): (Vec<f32>, Vec<f32>) = pairs.map(|(&label, &p)| (label, p)).unzip();
    let threshold = best_threshold(&rule, &labels, &predicted).map_err(TrainError::Threshold)?;
    Ok(Some(Chosen { threshold, on }))
}

impl Measuring<'_> {
    /// Measures the hold-out in every way that the recipe asks for.
    pub(super) fn quality(self) -> Result<Quality, TrainError> {
        let (recipe, target) = (self.prepared.recipe(), self.prepared.target());
        let labels = self.prepared.targets(self.parts, Part::Test);
        let threshold = self
            .chosen
            .map_or_else(|| fixed_threshold(recipe), |chosen| chosen.threshold);
        let costs = costs(recipe);
        let metrics = |report: &Report| with_cost(report, costs.as_ref());
        let sample = Sample::new(&target.task, &labels, self.answers, threshold)?;
        let holdout = crate::engine::metric::report(&target.task, &labels, self.answers, threshold)?;
        let whole = self.prepared.holdout();
        let learnt = self.prepared.targets(whole, Part::Train);
        let weights = self.prepared.weights_of(whole, Part::Train);
        let baseline = Baseline::fit(&target.task, &learnt, weights.as_deref())?.report(&labels)?;
        let [in_train, in_holdout] = [Part::Train, Part::Test].map(|part| self.prepared.class_rows(part));
        let plan = self.plan();
        let intervals = match &plan {
            Some(plan) => bootstrap(&sample, &metrics, plan, self.stop)?,
            None => Vec::new(),
        };
        let segments = self.segments(&labels, threshold, plan.as_ref())?;
        let mut of_baseline = baseline.as_pairs();
        of_baseline.extend(costs.map(|costs| (EXPECTED_COST, cheapest_answer(&labels, &costs))));
        let metric = |(name, value): (&'static str, f64)| MeasuredMetric {
            name: name.to_owned(),
            value,
            interval: find(&intervals, name),
            baseline: find(&of_baseline, name),
        };
        let worst = worst(&target.task, &segments);
        let measured = Measured {
            rows: labels.len() as u64,
            confidence: plan.map(|plan| plan.confidence),
            resamples: plan.map_or(0, |plan| plan.resamples as u64),
            metrics: metrics(&holdout).into_iter().map(metric).collect(),
            folds: self
                .folds
                .as_ref()
                .map_or_else(Vec::new, |folds| by_fold(folds, costs.as_ref())),
            threshold: self.line(&holdout),
            classes: classes(&holdout, target.task.classes()),
            worst_segment: worst.and_then(|worst| segments.iter().position(|segment| segment == worst)),
            segments,
            forecast: None,
            ranking: None,
            importance: importance(
                self.prepared,
                self.features,
                self.model,
                self.parts,
                threshold,
                self.stop,
            )?,
        };
        Ok(Quality {
            curves: curves(&target.task, &labels, self.answers)?,
            holdout,
            measured,
            train_rows: learnt.len(),
            watched_rows: self.parts.count(Part::Valid),
            holdout_rows: labels.len(),
            class_rows: in_train.iter().zip(in_holdout).map(|(a, b)| a + b).collect(),
            folds: self.folds,
        })
    }

    /// How the intervals are found; none where the recipe wants none.
    fn plan(&self) -> Option<Bootstrap> {
        let validation = &self.prepared.recipe().validation;
        (validation.bootstrap > 0).then(|| Bootstrap {
            resamples: resamples(validation.bootstrap, self.answers.len()),
            confidence: validation.confidence,
            threads: self.threads,
            seed: seed(self.prepared.recipe()).derive("bootstrap", 0),
        })
    }

    fn segments(
        &self,
        labels: &[f32],
        threshold: f32,
        plan: Option<&Bootstrap>,
    ) -> Result<Vec<crate::engine::validate::Segment>, TrainError> {
        let prepared = self.prepared;
        let columns = &prepared.recipe().validation.segments;
        let held_out = prepared.held_out(columns)?;
        let groups: Vec<_> = columns
            .iter()
            .flat_map(|column| groups(&held_out, column))
            .collect();
        let task = &prepared.target().task;
        Ok(by_segment(
            task,
            labels,
            self.answers,
            threshold,
            &groups,
            plan,
            self.stop,
        )?)
    }

    /// Where the line between two classes is drawn.
    fn line(&self, holdout: &Report) -> Option<ChosenThreshold> {
        let Report::Binary(report) = holdout else {
            return None;
        };
        let rule = match &self.prepared.recipe().validation.threshold {
            Threshold::Fixed(_) => None,
            Threshold::Rule(spec) => Some(spec.to_string()),
        };
        Some(ChosenThreshold {
            threshold: shortest(report.threshold),
            rule,
            chosen_on: self.chosen.map(|chosen| chosen.on.to_owned()),
            confusion: report.confusion,
        })
    }
}

impl Quality {
    /// From which probability on a row is called positive; the recipe's own number where it gives one.
    pub(super) fn threshold(&self, recipe: &Recipe) -> f64 {
        match (&recipe.validation.threshold, &self.holdout) {
            (Threshold::Fixed(threshold), _) => *threshold,
            (Threshold::Rule(_), Report::Binary(report)) => shortest(report.threshold),
            (Threshold::Rule(_), _) => f64::from(USUAL_THRESHOLD),
        }
    }
}

impl From<BootstrapError> for TrainError {
    fn from(error: BootstrapError) -> Self {
        match error {
            BootstrapError::Stopped => Self::Stopped,
            BootstrapError::Metric(error) => Self::Metric(error),
            other => Self::Intervals(other),
        }
    }
}

/// Of `wanted` tables as many as take no more than some [`MOST_DRAWN`] predicted values: of a very large hold-out, whose
/// intervals are narrow, fewer tables find the ends as well. `values`: rows times the width of the task.
pub(super) fn resamples(wanted: usize, values: usize) -> usize {
    wanted.min((MOST_DRAWN / values.max(1)).max(FEWEST_RESAMPLES))
}

/// What the recipe says that decisions cost, if it does.
fn costs(recipe: &Recipe) -> Option<Costs> {
    match recipe.validation.threshold.rule() {
        Some(ThresholdRule::Cost(costs)) => Some(costs),
        _ => None,
    }
}

/// The metrics of a report, and what its decisions cost where that is known.
fn with_cost(report: &Report, costs: Option<&Costs>) -> Vec<(&'static str, f64)> {
    let mut metrics = report.as_pairs();
    if let (Report::Binary(report), Some(costs)) = (report, costs) {
        metrics.push((EXPECTED_COST, costs.per_row(&report.confusion)));
    }
    metrics
}

/// What a row costs on average under the cheaper of the two answers that are the same for all.
fn cheapest_answer(labels: &[f32], costs: &Costs) -> f64 {
    let positives = labels.iter().filter(|label| **label == 1.0).count() as u64;
    let negatives = labels.len() as u64 - positives;
    let never = Confusion {
        false_negatives: positives,
        true_negatives: negatives,
        ..Confusion::default()
    };
    let always = Confusion {
        true_positives: positives,
        false_positives: negatives,
        ..Confusion::default()
    };
    costs.per_row(&never).min(costs.per_row(&always))
}

fn find<T: Copy>(among: &[(&'static str, T)], name: &str) -> Option<T> {
    among
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, found)| *found)
}

fn by_fold(cross: &CrossReport, costs: Option<&Costs>) -> Vec<FoldsMetric> {
    let folds: Vec<_> = cross
        .folds
        .iter()
        .map(|fold| with_cost(&fold.model, costs))
        .collect();
    let names = folds.first().into_iter().flatten().map(|(name, _)| *name);
    names
        .filter_map(|name| {
            let values: Vec<f64> = folds.iter().filter_map(|fold| find(fold, name)).collect();
            // A metric that a fold does not have is no metric of the folds.
            (values.len() == folds.len()).then(|| {
                let Summary { name, mean, sd } = Summary::of(name, &values);
                FoldsMetric {
                    name,
                    mean,
                    sd,
                    values,
                }
            })
        })
        .collect()
}

fn classes(holdout: &Report, names: &[String]) -> Vec<MeasuredClass> {
    let Report::Multiclass(report) = holdout else {
        return Vec::new();
    };
    let matrix: &ConfusionMatrix = &report.confusion;
    let scores = matrix.per_class().into_iter();
    names
        .iter()
        .zip(scores)
        .map(|(class, scores)| MeasuredClass {
            class: class.clone(),
            scores,
        })
        .collect()
}

/// The number with the digits that the f32 is written with, and not those of the f64 next to it.
fn shortest(threshold: f32) -> f64 {
    threshold.to_string().parse().unwrap_or(f64::from(threshold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_very_large_hold_out_is_drawn_less_often() {
        assert_eq!(resamples(1000, 100_000), 1000);
        assert_eq!(resamples(1000, 2_000_000), 500);
        assert_eq!(resamples(1000, 50_000_000), 200);
        assert_eq!(resamples(100, 50_000_000), 100, "no more than are wanted");
    }

    #[test]
    fn a_threshold_is_told_in_the_digits_that_it_has() {
        assert_eq!(shortest(0.1283), 0.1283);
        assert_eq!(shortest(0.0), 0.0);
    }

    #[test]
    fn the_cheaper_of_always_and_never_is_what_a_model_has_to_beat() {
        let costs = |false_negative| Costs {
            false_positive: 1.0,
            false_negative,
            ..Costs::default()
        };
        let labels = [1.0, 0.0, 0.0, 0.0];
        assert_eq!(cheapest_answer(&labels, &costs(2.0)), 0.5, "never");
        assert_eq!(cheapest_answer(&labels, &costs(20.0)), 0.75, "always");
    }
}
