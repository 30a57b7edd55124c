//! Two classes, in one pass over the rows by score.

use super::super::MetricError;
use super::super::calibration::{BINS, BinSum, expected_error, uniform_bin};
use super::super::classify::{Confusion, is_positive};
use super::super::probability::clipped_ln;
use super::super::report::{BinaryMeans, BinaryReport};
use super::{Ranked, by_score};

#[derive(Debug, Clone)]
pub(super) struct BinarySample {
    threshold: f32,
    /// The highest score first.
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    row: u32,
    /// Whether it is the first of its score.
    first: bool,
    positive: bool,
    decided: bool,
    bin: u8,
    probability: f32,
    log_loss: f64,
}

impl BinarySample {
    pub(super) fn new(labels: &[f32], probabilities: &[f32], threshold: f32) -> Self {
        let rows = by_score(probabilities.iter().copied())
            .into_iter()
            .map(|(row, first)| {
                let (label, probability) = (labels[row as usize], probabilities[row as usize]);
                let positive = label == 1.0;
                Row {
                    row,
                    first,
                    positive,
                    decided: is_positive(probability, threshold),
                    bin: uniform_bin(probability) as u8,
                    probability,
                    log_loss: -clipped_ln(if positive { probability } else { 1.0 - probability }),
                }
            })
            .collect();
        Self { threshold, rows }
    }

    pub(super) fn report(&self, counts: &[u32]) -> Result<BinaryReport, MetricError> {
        let mut ranked = Ranked::default();
        let mut bins = [BinSum::default(); BINS];
        let mut decisions = [[0_u64; 2]; 2];
        let (mut log_loss, mut brier, mut total) = (0.0, 0.0, 0_u64);
        for row in &self.rows {
            if row.first {
                ranked.next_score();
            }
            let times = u64::from(counts[row.row as usize]);
            if times == 0 {
                continue;
            }
            let weight = times as f64;
            ranked.add(row.positive, times);
            decisions[usize::from(row.positive)][usize::from(row.decided)] += times;
            bins[usize::from(row.bin)].add(f64::from(row.probability), row.positive, times);
            log_loss += weight * row.log_loss;
            brier += weight * (f64::from(u8::from(row.positive)) - f64::from(row.probability)).powi(2);
            total += times;
        }
        ranked.next_score();
        let (roc_auc, pr_auc) = ranked.areas()?;
        let [
            [true_negatives, false_positives],
            [false_negatives, true_positives],
        ] = decisions;
        let confusion = Confusion {
            true_negatives,
            false_positives,
            false_negatives,
            true_positives,
        };
        let means = BinaryMeans {
            roc_auc,
            pr_auc,
            log_loss: log_loss / total as f64,
            brier: brier / total as f64,
            ece: expected_error(&bins),
        };
        Ok(BinaryReport::new(self.threshold, confusion, means))
    }
}
