//! From which probability on a row is taken for positive, found by a rule that is stated beforehand.
//!
//! It is chosen on rows that the model has not learnt from and that do not measure it: what chose the threshold
//! would make it look better than it is.

use serde::{Deserialize, Serialize};

use crate::engine::metric::MetricError;
use crate::engine::metric::classify::Confusion;
use crate::engine::metric::points::decisions;

/// What a decision costs and brings, in one unit of money or trouble; none is below 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// Of a negative row that is taken for positive.
    pub false_positive: f64,
    /// Of a positive row that is taken for negative.
    pub false_negative: f64,
    /// What a positive row that is found brings.
    pub true_positive: f64,
    /// What a negative row that is left alone brings.
    pub true_negative: f64,
}

impl Costs {
    /// Expected cost of a row, in the unit of the costs; below 0 it is a gain. 0 without rows.
    ///
    /// (c_fp fp + c_fn fn − g_tp tp − g_tn tn) / rows
    ///
    /// Source: Elkan 2001.
    pub fn per_row(&self, confusion: &Confusion) -> f64 {
        let rows = confusion.positives() + confusion.negatives();
        if rows == 0 {
            return 0.0;
        }
        let cost = self.false_positive * confusion.false_positives as f64
            + self.false_negative * confusion.false_negatives as f64;
        let gain = self.true_positive * confusion.true_positives as f64
            + self.true_negative * confusion.true_negatives as f64;
        (cost - gain) / rows as f64
    }
}

/// What the best threshold is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThresholdRule {
    /// The highest F-beta score; the F1 score for 1.
    FBeta(f64),
    /// The highest recall + specificity − 1 (Youden 1950).
    Youden,
    /// The highest Matthews correlation.
    Mcc,
    /// The highest balanced accuracy; the same threshold as Youden's.
    BalancedAccuracy,
    /// The lowest expected cost.
    Cost(Costs),
    /// The highest recall of those with at least this precision.
    PrecisionAtLeast(f64),
    /// The highest precision of those with at least this recall.
    RecallAtLeast(f64),
}

impl ThresholdRule {
    /// How good a threshold with these decisions is, more is better; none for one that the rule does not allow.
    fn score(&self, confusion: &Confusion) -> Option<(f64, f64)> {
        let alone = |score: f64| Some((score, 0.0));
        match *self {
            Self::FBeta(beta) => alone(confusion.f_beta(beta)),
            Self::Youden => alone(confusion.recall() + confusion.specificity() - 1.0),
            Self::Mcc => alone(confusion.mcc()),
            Self::BalancedAccuracy => alone(confusion.balanced_accuracy()),
            Self::Cost(costs) => alone(-costs.per_row(confusion)),
            Self::PrecisionAtLeast(least) => {
                let decides = confusion.true_positives + confusion.false_positives > 0;
                (decides && confusion.precision() >= least)
                    .then(|| (confusion.recall(), confusion.precision()))
            }
            Self::RecallAtLeast(least) => {
                (confusion.recall() >= least).then(|| (confusion.precision(), confusion.recall()))
            }
        }
    }
}

/// Why there is no threshold.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ThresholdError {
    /// The rows cannot be measured.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// No threshold is precise enough.
    #[error(
        "no threshold has a precision of {wanted} or more on rows that the model has not seen; the highest is {best:.4}"
    )]
    NotPrecise {
        /// The precision that is wanted.
        wanted: f64,
        /// The highest that there is.
        best: f64,
    },
}

/// The threshold that is best by `rule`; of equally good ones the highest. It lies between two neighbouring
/// probabilities, and is the number of fewest decimals there: which of them it is changes no decision on these rows.
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class.
///
/// # Errors
/// `NotPrecise` when the rule asks for more precision than there is; otherwise what is wrong with the input,
/// `MissingClass` when all rows are of one class.
pub fn best_threshold(
    rule: &ThresholdRule,
    labels: &[f32],
    probabilities: &[f32],
) -> Result<f32, ThresholdError> {
    let steps = decisions(labels, probabilities)?;
    let mut best: Option<((f64, f64), usize)> = None;
    let mut most_precise = 0.0_f64;
    for (at, step) in steps.iter().enumerate() {
        let confusion = step.confusion;
        most_precise = most_precise.max(confusion.precision());
        // Nothing lies above a probability of 1 that could say no to it.
        let reachable = at > 0
            || steps
                .get(1)
                .and_then(|first| first.threshold)
                .is_some_and(|p| p < 1.0);
        if let Some(score) = rule.score(&confusion).filter(|_| reachable)
            && best.is_none_or(|(other, _)| score > other)
        {
            best = Some((score, at));
        }
    }
    match (best, rule) {
        (Some((_, at)), _) => {
            let upper = steps[at].threshold.unwrap_or(1.0);
            let lower = steps.get(at + 1).and_then(|next| next.threshold);
            Ok(between(lower, upper))
        }
        (None, ThresholdRule::PrecisionAtLeast(wanted)) => Err(ThresholdError::NotPrecise {
            wanted: *wanted,
            best: most_precise,
        }),
        // Recall is 1 where every row is taken for positive, and the other rules allow every threshold.
        (None, _) => Err(MetricError::Empty.into()),
    }
}

/// The number of fewest decimals, and near the middle, that is above `lower` and not above `upper`.
fn between(lower: Option<f32>, upper: f32) -> f32 {
    let least = lower.unwrap_or(0.0);
    let middle = f64::midpoint(f64::from(least), f64::from(upper));
    for decimals in 1..=8 {
        let scale = 10_f64.powi(decimals);
        let short = ((middle * scale).round() / scale) as f32;
        if short > least && short <= upper {
            return short;
        }
    }
    // Neighbours have nothing between them; 0 is not above 0, and may be the lowest probability.
    let middle = middle as f32;
    if middle > least { middle } else { upper }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LABELS: [f32; 8] = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    const SCORES: [f32; 8] = [0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.7, 0.9];

    fn best(rule: ThresholdRule) -> f32 {
        best_threshold(&rule, &LABELS, &SCORES).unwrap()
    }

    #[test]
    fn each_rule_finds_its_threshold() {
        // tp 3, fp 0 above 0.5; tp 4, fp 2 above 0.2.
        assert_eq!(best(ThresholdRule::FBeta(1.0)), 0.6);
        assert_eq!(best(ThresholdRule::FBeta(2.0)), 0.23);
        assert_eq!(best(ThresholdRule::Youden), 0.6);
        assert_eq!(best(ThresholdRule::BalancedAccuracy), 0.6);
        assert_eq!(best(ThresholdRule::Mcc), 0.6);
        assert_eq!(best(ThresholdRule::PrecisionAtLeast(0.6)), 0.23);
        assert_eq!(best(ThresholdRule::PrecisionAtLeast(0.7)), 0.6);
        assert_eq!(best(ThresholdRule::RecallAtLeast(0.75)), 0.6);
        assert_eq!(best(ThresholdRule::RecallAtLeast(0.8)), 0.23);
    }

    #[test]
    fn costs_move_the_threshold() {
        let costs = |false_positive, false_negative| {
            best(ThresholdRule::Cost(Costs {
                false_positive,
                false_negative,
                ..Costs::default()
            }))
        };
        assert_eq!(costs(1.0, 1.0), 0.6);
        assert!(costs(1.0, 10.0) <= 0.25, "misses are dear: find all");
        // A finding that costs more than all it saves: take none.
        let never = ThresholdRule::Cost(Costs {
            false_positive: 100.0,
            ..Costs::default()
        });
        assert!(best_threshold(&never, &[0.0, 1.0, 0.0], &[0.9, 0.8, 0.1]).unwrap() > 0.9);
        let confusion = Confusion {
            true_negatives: 4,
            false_positives: 3,
            false_negatives: 2,
            true_positives: 1,
        };
        let costs = Costs {
            false_positive: 1.0,
            false_negative: 10.0,
            true_positive: 5.0,
            true_negative: 0.25,
        };
        assert_eq!(costs.per_row(&confusion), (3.0 + 20.0 - 5.0 - 1.0) / 10.0);
        assert_eq!(costs.per_row(&Confusion::default()), 0.0);
    }

    #[test]
    fn a_rule_that_nothing_fulfils_says_how_near_one_comes() {
        let error = best_threshold(&ThresholdRule::PrecisionAtLeast(0.9), &[0.0, 1.0], &[0.9, 0.5]);
        assert_eq!(
            error,
            Err(ThresholdError::NotPrecise {
                wanted: 0.9,
                best: 0.5
            })
        );
        let one = best_threshold(&ThresholdRule::Youden, &[1.0, 1.0], &[0.9, 0.5]);
        assert_eq!(one, Err(MetricError::MissingClass(0).into()));
    }

    proptest! {
        #[test]
        fn no_other_threshold_is_better(
            rows in prop::collection::vec((any::<bool>(), 0_u8..=20), 2..50),
            rule in 0_usize..7,
        ) {
            let mut labels: Vec<f32> = rows.iter().map(|row| f32::from(u8::from(row.0))).collect();
            (labels[0], labels[1]) = (0.0, 1.0);
            let scores: Vec<f32> = rows.iter().map(|row| f32::from(row.1) / 20.0).collect();
            let costs = Costs { false_positive: 2.0, false_negative: 3.0, true_positive: 1.0, true_negative: 0.0 };
            let rule = [
                ThresholdRule::FBeta(1.0), ThresholdRule::FBeta(0.5), ThresholdRule::Youden, ThresholdRule::Mcc,
                ThresholdRule::Cost(costs), ThresholdRule::RecallAtLeast(0.6), ThresholdRule::BalancedAccuracy,
            ][rule];
            let found = best_threshold(&rule, &labels, &scores).unwrap();
            let score = |threshold| rule.score(&Confusion::count(&labels, &scores, threshold).unwrap());
            let reached = score(found).unwrap();
            for step in 0..=40_u8 {
                prop_assert!(score(f32::from(step) / 40.0).is_none_or(|other| other <= reached));
            }
        }
    }
}
