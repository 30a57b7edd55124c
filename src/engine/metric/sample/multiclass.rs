//! Several classes: one pass over the rows, and one by score for each class.

use super::super::calibration::{BINS, BinSum, expected_error, uniform_bin};
use super::super::multiclass::{ConfusionMatrix, most_likely};
use super::super::probability::clipped_ln;
use super::super::report::MulticlassReport;
use super::{Ranked, by_score};

#[derive(Debug, Clone)]
pub(super) struct MulticlassSample {
    rows: Vec<Row>,
    /// For each class, the rows by its probability, the highest first.
    orders: Vec<Vec<(u32, bool)>>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    truth: u32,
    likeliest: u32,
    bin: u8,
    confidence: f32,
    log_loss: f64,
}

impl MulticlassSample {
    pub(super) fn new(labels: &[f32], probabilities: &[f32], classes: usize) -> Self {
        let row = |(&label, row): (&f32, &[f32])| {
            let likeliest = most_likely(row);
            Row {
                truth: label as u32,
                likeliest: likeliest as u32,
                bin: uniform_bin(row[likeliest]) as u8,
                confidence: row[likeliest],
                log_loss: -clipped_ln(row[label as usize]),
            }
        };
        let of_class = |class| probabilities.iter().skip(class).step_by(classes).copied();
        Self {
            rows: labels
                .iter()
                .zip(probabilities.chunks_exact(classes))
                .map(row)
                .collect(),
            orders: (0..classes).map(|class| by_score(of_class(class))).collect(),
        }
    }

    pub(super) fn report(&self, counts: &[u32]) -> MulticlassReport {
        let classes = self.orders.len();
        let mut matrix = vec![vec![0_u64; classes]; classes];
        let mut bins = [BinSum::default(); BINS];
        let (mut log_loss, mut total) = (0.0, 0_u64);
        for (row, &times) in self.rows.iter().zip(counts) {
            let times = u64::from(times);
            matrix[row.truth as usize][row.likeliest as usize] += times;
            bins[usize::from(row.bin)].add(f64::from(row.confidence), row.truth == row.likeliest, times);
            log_loss += times as f64 * row.log_loss;
            total += times;
        }
        let confusion = ConfusionMatrix::of_counts(matrix);
        MulticlassReport::new(
            confusion,
            self.roc_auc(counts),
            log_loss / total as f64,
            expected_error(&bins),
        )
    }

    /// The mean of the classes' areas; none where a class has no row.
    fn roc_auc(&self, counts: &[u32]) -> Option<f64> {
        let mut areas = 0.0;
        for (class, order) in self.orders.iter().enumerate() {
            let mut ranked = Ranked::default();
            for &(row, first) in order {
                if first {
                    ranked.next_score();
                }
                let row = row as usize;
                ranked.add(self.rows[row].truth as usize == class, u64::from(counts[row]));
            }
            ranked.next_score();
            areas += ranked.areas().ok()?.0;
        }
        Some(areas / self.orders.len() as f64)
    }
}
