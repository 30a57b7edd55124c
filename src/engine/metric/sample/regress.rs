//! Numbers, in one pass over the rows by error.

use super::super::MetricError;
use super::super::regress::{pinball_of, share_of_both, share_of_label};
use super::super::report::RegressionReport;
use crate::engine::task::Quantile;

#[derive(Debug, Clone)]
pub(super) struct RegressionSample {
    /// The smallest error first.
    rows: Vec<Row>,
    /// The mean label: sums of squares around it lose no digits.
    mean: f64,
    /// The quantile that is predicted, where one is.
    quantile: Option<Quantile>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    row: u32,
    label: f64,
    prediction: f64,
    error: f64,
}

impl RegressionSample {
    pub(super) fn new(labels: &[f32], predictions: &[f32], quantile: Option<Quantile>) -> Self {
        let mut rows: Vec<Row> = labels
            .iter()
            .zip(predictions)
            .zip(0..)
            .map(|((&label, &prediction), row)| {
                let (label, prediction) = (f64::from(label), f64::from(prediction));
                Row {
                    row,
                    label,
                    prediction,
                    error: (label - prediction).abs(),
                }
            })
            .collect();
        let mean = rows.iter().map(|row| row.label).sum::<f64>() / rows.len() as f64;
        rows.sort_unstable_by(|a, b| a.error.total_cmp(&b.error).then(a.row.cmp(&b.row)));
        Self { rows, mean, quantile }
    }

    pub(super) fn report(&self, counts: &[u32]) -> Result<RegressionReport, MetricError> {
        let total: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        if total < 2 {
            return Err(MetricError::TooFewRows(total as usize));
        }
        // The middle row, or the two middle ones.
        let middles = [(total - 1) / 2, total / 2];
        let (mut seen, mut middle) = (0_u64, [0.0; 2]);
        let (mut sums, mut pinball) = (Sums::default(), 0.0);
        for row in &self.rows {
            let times = u64::from(counts[row.row as usize]);
            if times == 0 {
                continue;
            }
            for (value, at) in middle.iter_mut().zip(middles) {
                if (seen..seen + times).contains(&at) {
                    *value = row.error;
                }
            }
            seen += times;
            sums.add(row, row.label - self.mean, times as f64);
            if let Some(quantile) = self.quantile {
                pinball += times as f64 * pinball_of(row.label, row.prediction, quantile.get());
            }
        }
        let rows = total as f64;
        let spread = sums.squares - sums.deviations * sums.deviations / rows;
        Ok(RegressionReport {
            rmse: (sums.squared_errors / rows).sqrt(),
            mae: sums.errors / rows,
            r2: if sums.lowest < sums.highest && spread > 0.0 {
                1.0 - sums.squared_errors / spread
            } else if sums.squared_errors == 0.0 {
                1.0
            } else {
                0.0
            },
            median_absolute_error: f64::midpoint(middle[0], middle[1]),
            max_error: sums.largest,
            mape: (!sums.has_zero).then(|| sums.shares_of_label / rows),
            smape: sums.shares_of_both / rows,
            pinball: self.quantile.map(|_| pinball / rows),
        })
    }
}

struct Sums {
    errors: f64,
    squared_errors: f64,
    largest: f64,
    deviations: f64,
    squares: f64,
    lowest: f64,
    highest: f64,
    shares_of_label: f64,
    shares_of_both: f64,
    has_zero: bool,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            errors: 0.0,
            squared_errors: 0.0,
            largest: 0.0,
            deviations: 0.0,
            squares: 0.0,
            lowest: f64::INFINITY,
            highest: f64::NEG_INFINITY,
            shares_of_label: 0.0,
            shares_of_both: 0.0,
            has_zero: false,
        }
    }
}

impl Sums {
    fn add(&mut self, row: &Row, deviation: f64, times: f64) {
        self.errors += times * row.error;
        self.squared_errors += times * row.error * row.error;
        self.largest = self.largest.max(row.error);
        self.deviations += times * deviation;
        self.squares += times * deviation * deviation;
        self.lowest = self.lowest.min(row.label);
        self.highest = self.highest.max(row.label);
        self.shares_of_label += times * share_of_label(row.label, row.prediction);
        self.shares_of_both += times * share_of_both(row.label, row.prediction);
        self.has_zero |= row.label == 0.0;
    }
}
