//! Rows that are measured again and again, each counted some times: what a bootstrap does. All that does not depend
//! on the counts, above all the order of the rows, is found once.

mod binary;
mod multiclass;
mod regress;

use self::binary::BinarySample;
use self::multiclass::MulticlassSample;
use self::regress::RegressionSample;
use super::{MetricError, Report, check_binary, check_multiclass, check_numbers};
use crate::engine::task::Task;

/// Labels and predictions, ready to be measured with any counts.
#[derive(Debug, Clone)]
pub struct Sample {
    labels: Vec<f32>,
    classes: usize,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Binary(BinarySample),
    Multiclass(MulticlassSample),
    Regression(RegressionSample),
}

impl Sample {
    /// `labels`: `[rows]`; `predictions`: `[rows x width]`, as a model gives them; `threshold` as in
    /// [`super::report`].
    ///
    /// # Errors
    /// What is wrong with the input.
    pub fn new(
        task: &Task,
        labels: &[f32],
        predictions: &[f32],
        threshold: f32,
    ) -> Result<Self, MetricError> {
        let classes = task.classes().len();
        let kind = match task {
            Task::Binary { .. } => {
                check_binary(labels, predictions)?;
                if !(0.0..=1.0).contains(&threshold) {
                    return Err(MetricError::Threshold(threshold));
                }
                Kind::Binary(BinarySample::new(labels, predictions, threshold))
            }
            Task::Multiclass { .. } => {
                check_multiclass(labels, predictions, classes)?;
                Kind::Multiclass(MulticlassSample::new(labels, predictions, classes))
            }
            Task::Regression | Task::Quantile { .. } => {
                check_numbers(labels, predictions)?;
                Kind::Regression(RegressionSample::new(labels, predictions, task.quantile()))
            }
        };
        Ok(Self {
            labels: labels.to_vec(),
            classes,
            kind,
        })
    }

    /// The labels: `[rows]`.
    pub fn labels(&self) -> &[f32] {
        &self.labels
    }

    /// The rows of each class, or all rows for a number: what is drawn from apart, so that a class that is there
    /// stays there.
    pub fn strata(&self) -> Vec<Vec<u32>> {
        let mut strata = vec![Vec::new(); self.classes.max(1)];
        for (row, &label) in self.labels.iter().enumerate() {
            let stratum = if self.classes == 0 { 0 } else { label as usize };
            strata[stratum].push(row as u32);
        }
        strata.retain(|rows| !rows.is_empty());
        strata
    }

    /// The report of a table in which row i is there `counts[i]` times; as [`super::report`] of that table, up to
    /// roundings.
    ///
    /// `counts`: `[rows]`.
    ///
    /// # Errors
    /// `Length` when there is not one count a row, `Empty` when no row counts, otherwise as the report.
    pub fn report(&self, counts: &[u32]) -> Result<Report, MetricError> {
        if counts.len() != self.labels.len() {
            return Err(MetricError::Length {
                labels: self.labels.len(),
                expected: self.labels.len(),
                got: counts.len(),
            });
        }
        if counts.iter().all(|count| *count == 0) {
            return Err(MetricError::Empty);
        }
        match &self.kind {
            Kind::Binary(sample) => sample.report(counts).map(Report::Binary),
            Kind::Multiclass(sample) => Ok(Report::Multiclass(sample.report(counts))),
            Kind::Regression(sample) => sample.report(counts).map(Report::Regression),
        }
    }
}

/// The rows by score, the highest first, each with whether it is the first of its score.
fn by_score(scores: impl Iterator<Item = f32>) -> Vec<(u32, bool)> {
    let mut order: Vec<(f32, u32)> = scores.zip(0..).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut last = None;
    order
        .into_iter()
        .map(|(score, row)| (row, last.replace(score) != Some(score)))
        .collect()
}

/// Area under the ROC curve and average precision, score by score from the highest.
#[derive(Default)]
struct Ranked {
    positives: u64,
    negatives: u64,
    /// Of the score that is being counted.
    here: [u64; 2],
    won: f64,
    area: f64,
}

impl Ranked {
    fn add(&mut self, positive: bool, times: u64) {
        self.here[usize::from(positive)] += times;
    }

    /// Ends a score.
    fn next_score(&mut self) {
        let [negatives, positives] = std::mem::take(&mut self.here);
        self.won += negatives as f64 * (self.positives as f64 + positives as f64 / 2.0);
        self.positives += positives;
        self.negatives += negatives;
        if positives > 0 {
            self.area +=
                positives as f64 * (self.positives as f64 / (self.positives + self.negatives) as f64);
        }
    }

    /// The two areas, once all scores are ended.
    fn areas(&self) -> Result<(f64, f64), MetricError> {
        if self.positives == 0 || self.negatives == 0 {
            return Err(MetricError::MissingClass(usize::from(self.positives == 0)));
        }
        let roc = self.won / (self.positives as f64 * self.negatives as f64);
        Ok((roc, self.area / self.positives as f64))
    }
}

#[cfg(test)]
mod tests;
