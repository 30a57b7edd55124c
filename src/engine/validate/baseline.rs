//! The prediction of someone who has seen the target and nothing else.

use crate::engine::metric::{MetricError, Report, report};
use crate::engine::task::{Quantile, Task};

/// Predicts the same for every row: the share of each class, the mean, or the quantile. What a model must beat.
///
/// The most likely class of the shares is the majority class; scikit-learn's `DummyClassifier("prior")` and
/// `DummyRegressor("mean")`; of a quantile the least value that it takes, as of `inverted_cdf`.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    task: Task,
    prediction: Vec<f32>,
}

impl Baseline {
    /// The baseline of a target, `[rows]`, with weights, `[rows]`, where there are some.
    ///
    /// # Errors
    /// When there are no rows, lengths differ, or a target is no class or not finite.
    pub fn fit(task: &Task, target: &[f32], weights: Option<&[f32]>) -> Result<Self, MetricError> {
        let weight = |row: usize| weights.map_or(1.0, |weights| f64::from(weights[row]));
        if let Some(weights) = weights
            && weights.len() != target.len()
        {
            return Err(MetricError::Length {
                labels: target.len(),
                expected: target.len(),
                got: weights.len(),
            });
        }
        let total: f64 = (0..target.len()).map(weight).sum();
        if total <= 0.0 {
            return Err(MetricError::Empty);
        }
        let classes = task.classes().len();
        let mut sums = vec![0.0; classes.max(1)];
        for (row, &value) in target.iter().enumerate() {
            if classes == 0 {
                if !value.is_finite() {
                    return Err(MetricError::Label {
                        row,
                        value,
                        expected: "a finite number",
                    });
                }
                sums[0] += weight(row) * f64::from(value);
            } else if value >= 0.0 && value < classes as f32 && value.fract() == 0.0 {
                sums[value as usize] += weight(row);
            } else {
                return Err(MetricError::Label {
                    row,
                    value,
                    expected: "the index of a class",
                });
            }
        }
        let quantile = task
            .quantile()
            .map(|quantile| lower_quantile(target, &weight, quantile));
        let means = sums.iter().map(|sum| (sum / total) as f32);
        let prediction = match task {
            Task::Binary { .. } => means.skip(1).collect(),
            Task::Multiclass { .. } | Task::Regression => means.collect(),
            Task::Quantile { .. } => quantile.into_iter().collect(),
        };
        Ok(Self {
            task: task.clone(),
            prediction,
        })
    }

    /// What it predicts for any row: `[width]`, as a model of the task would.
    pub fn prediction(&self) -> &[f32] {
        &self.prediction
    }

    /// What it predicts for `rows` rows: `[rows x width]`.
    pub fn predict(&self, rows: usize) -> Vec<f32> {
        self.prediction.repeat(rows)
    }

    /// How good it is on these labels, `[rows]`. Its threshold is always 0.5: at another one it would no
    /// longer predict the majority class.
    ///
    /// # Errors
    /// As [`report`].
    pub fn report(&self, labels: &[f32]) -> Result<Report, MetricError> {
        report(&self.task, labels, &self.predict(labels.len()), 0.5)
    }
}

/// The least value that at least the share `quantile` of the weight is at or below: what has the least pinball loss.
fn lower_quantile(target: &[f32], weight: &dyn Fn(usize) -> f64, quantile: Quantile) -> f32 {
    let mut rows: Vec<usize> = (0..target.len()).filter(|&row| weight(row) > 0.0).collect();
    rows.sort_unstable_by(|&a, &b| target[a].total_cmp(&target[b]).then(a.cmp(&b)));
    let wanted = quantile.get() * rows.iter().map(|&row| weight(row)).sum::<f64>();
    let mut below = 0.0;
    let reached = rows.iter().find(|&&row| {
        below += weight(row);
        below >= wanted
    });
    reached.or(rows.last()).map_or(f32::NAN, |&row| target[row])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary() -> Task {
        Task::Binary {
            classes: ["no".into(), "yes".into()],
        }
    }

    #[test]
    fn a_baseline_knows_the_shares_and_nothing_else() {
        let target = [0.0, 1.0, 0.0, 0.0];
        let baseline = Baseline::fit(&binary(), &target, None).unwrap();
        assert_eq!(baseline.predict(2), [0.25, 0.25]);
        let report = baseline.report(&target).unwrap();
        assert_eq!(report.get("accuracy"), Some(0.75));
        assert_eq!(report.get("roc_auc"), Some(0.5));
        assert_eq!(report.get("pr_auc"), Some(0.25));
        assert_eq!(report.get("recall"), Some(0.0));
        let three = Task::Multiclass {
            classes: vec!["a".into(), "b".into(), "c".into()],
        };
        let baseline = Baseline::fit(&three, &[2.0, 2.0, 0.0, 2.0], None).unwrap();
        assert_eq!(baseline.prediction(), [0.25, 0.0, 0.75]);
        let mean = Baseline::fit(&Task::Regression, &[1.0, 2.0, 6.0], None).unwrap();
        assert_eq!(mean.prediction(), [3.0]);
        assert_eq!(mean.report(&[1.0, 2.0, 6.0]).unwrap().get("r2"), Some(0.0));
    }

    #[test]
    fn weights_count() {
        let weighted = Baseline::fit(&binary(), &[0.0, 1.0], Some(&[1.0, 3.0])).unwrap();
        assert_eq!(weighted.prediction(), [0.75]);
        let ninth = Task::Quantile {
            quantile: Quantile::new(0.9).unwrap(),
        };
        let weighted = Baseline::fit(&ninth, &[3.0, 1.0, 2.0], Some(&[0.0, 1.0, 8.0])).unwrap();
        assert_eq!(weighted.prediction(), [2.0]);
    }

    #[test]
    fn no_other_constant_has_less_pinball_loss_than_the_baseline_of_a_quantile() {
        let target: Vec<f32> = (0..50).map(|row| ((row * 37) % 50) as f32).collect();
        for share in [0.05, 0.5, 0.9] {
            let task = Task::Quantile {
                quantile: Quantile::new(share).unwrap(),
            };
            let baseline = Baseline::fit(&task, &target, None).unwrap();
            let loss = |constant: f32| {
                let report = report(&task, &target, &[constant; 50], 0.5).unwrap();
                report.get("pinball").unwrap()
            };
            let ours = loss(baseline.prediction()[0]);
            assert!((0..50).all(|other| ours <= loss(other as f32) + 1e-9), "{share}");
        }
    }

    #[test]
    fn what_has_no_baseline_is_refused() {
        assert_eq!(Baseline::fit(&binary(), &[], None), Err(MetricError::Empty));
        assert_eq!(
            Baseline::fit(&binary(), &[1.0], Some(&[0.0])),
            Err(MetricError::Empty)
        );
        assert!(matches!(
            Baseline::fit(&binary(), &[1.0], Some(&[])),
            Err(MetricError::Length { .. })
        ));
        assert!(matches!(
            Baseline::fit(&binary(), &[2.0], None),
            Err(MetricError::Label { row: 0, .. })
        ));
        let holes = Baseline::fit(&Task::Regression, &[1.0, f32::NAN], None);
        assert!(matches!(holes, Err(MetricError::Label { row: 1, .. })));
    }
}
