//! Whether a probability of 0.8 comes true in eight of ten rows.

use serde::{Deserialize, Serialize};

use super::multiclass::most_likely;
use super::{MetricError, check_binary, check_multiclass};

/// Bins of the expected calibration error, and of the curves that are kept of a version.
pub const BINS: usize = 10;

/// Rows whose probabilities are alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Their mean probability.
    pub predicted: f64,
    /// The share of them that is positive.
    pub observed: f64,
    /// How many they are.
    pub rows: u64,
}

/// How probabilities are cut into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Bins of equal width.
    Uniform,
    /// Bins of about equally many rows.
    Quantile,
}

/// The calibration curve (reliability diagram): what was predicted beside what came true, bin by bin.
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class. At most `bins` bins, in order;
/// those without a row are left out. A probability on an edge belongs to the bin below it.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: DeGroot and Fienberg 1983; scikit-learn's `calibration_curve`.
pub fn calibration_curve(
    labels: &[f32],
    probabilities: &[f32],
    bins: usize,
    cut: Cut,
) -> Result<Vec<CalibrationBin>, MetricError> {
    check_binary(labels, probabilities)?;
    let bins = bins.max(1);
    let edges = match cut {
        Cut::Uniform => (1..bins).map(|edge| edge as f64 / bins as f64).collect(),
        Cut::Quantile => quantile_edges(probabilities, bins),
    };
    let mut sums = vec![BinSum::default(); bins];
    for (&label, &probability) in labels.iter().zip(probabilities) {
        let probability = f64::from(probability);
        sums[bin_of(&edges, probability)].add(probability, label == 1.0, 1);
    }
    Ok(sums.iter().filter_map(BinSum::bin).collect())
}

/// Expected calibration error: how far probabilities are from what comes true, on average over the rows.
///
/// ECE = Σ over 10 bins of equal width of (rows of the bin / rows) · |share of positives − mean probability|
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class. From 0 to 1, less is better.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: Naeini, Cooper and Hauskrecht 2015, over the positive class.
pub fn ece(labels: &[f32], probabilities: &[f32]) -> Result<f64, MetricError> {
    check_binary(labels, probabilities)?;
    let mut sums = [BinSum::default(); BINS];
    for (&label, &probability) in labels.iter().zip(probabilities) {
        sums[uniform_bin(probability)].add(f64::from(probability), label == 1.0, 1);
    }
    Ok(expected_error(&sums))
}

/// Expected calibration error of the likeliest class: how far its probability is from how often it is right.
///
/// ECE = Σ over 10 bins of equal width of (rows of the bin / rows) · |share that is right − mean probability|
///
/// `labels`: `[rows]`, indices of classes; `probabilities`: `[rows x classes]`. From 0 to 1, less is better.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: Guo and others 2017.
pub fn ece_of_likeliest(labels: &[f32], probabilities: &[f32], classes: usize) -> Result<f64, MetricError> {
    check_multiclass(labels, probabilities, classes)?;
    let mut sums = [BinSum::default(); BINS];
    for (&label, row) in labels.iter().zip(probabilities.chunks_exact(classes)) {
        let likeliest = most_likely(row);
        let confidence = row[likeliest];
        sums[uniform_bin(confidence)].add(f64::from(confidence), label as usize == likeliest, 1);
    }
    Ok(expected_error(&sums))
}

/// Rows of one bin, summed up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BinSum {
    rows: u64,
    predicted: f64,
    positives: u64,
}

impl BinSum {
    /// Adds a row that counts `times`.
    pub(super) fn add(&mut self, probability: f64, positive: bool, times: u64) {
        self.rows += times;
        self.predicted += probability * times as f64;
        self.positives += times * u64::from(positive);
    }

    fn bin(&self) -> Option<CalibrationBin> {
        (self.rows > 0).then(|| CalibrationBin {
            predicted: self.predicted / self.rows as f64,
            observed: self.positives as f64 / self.rows as f64,
            rows: self.rows,
        })
    }
}

/// The mean over the rows of how far their bin is off; 0 without rows.
pub(super) fn expected_error(sums: &[BinSum]) -> f64 {
    let rows: u64 = sums.iter().map(|sum| sum.rows).sum();
    let off: f64 = sums
        .iter()
        .map(|sum| (sum.positives as f64 - sum.predicted).abs())
        .sum();
    if rows == 0 { 0.0 } else { off / rows as f64 }
}

/// Which of [`BINS`] bins of equal width a probability belongs to.
pub(super) fn uniform_bin(probability: f32) -> usize {
    let probability = f64::from(probability);
    (1..BINS)
        .take_while(|&edge| probability > edge as f64 / BINS as f64)
        .count()
}

/// How many inner edges lie below the value.
fn bin_of(edges: &[f64], value: f64) -> usize {
    edges.partition_point(|edge| *edge < value)
}

/// The inner edges of bins with about equally many rows, linear between neighbours as numpy's `percentile`.
fn quantile_edges(values: &[f32], bins: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    (1..bins)
        .map(|edge| quantile(&sorted, edge as f64 / bins as f64))
        .collect()
}

/// The quantile of sorted values, linear between neighbours: numpy's default. NaN of nothing.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let below = at.floor() as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    low + (high - low) * (at - below as f64)
}
