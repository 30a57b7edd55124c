//! Two columns in the same bins, and how far apart their shares are.

use std::collections::BTreeMap;

use super::missing_share;
use crate::data::profile::{ColumnProfile, Numbers, Summary};

/// Up to so many different numbers are compared by value, and more by the bins that they lie in: deciles of a
/// column of a few values say nothing.
const BY_VALUE: usize = 50;

/// An empty bin would make the index infinite.
const FLOOR: f64 = 1e-4;

/// Population stability index between two binned columns: the sum over all bins of (q − p) ln(q / p).
///
/// `from`, `to`: `[bins]`, shares that sum to 1, of the same bins. Returns nats, at least 0; 0 means that they
/// are the same.
///
/// Source: J-divergence, Jeffreys 1946; as in credit scoring, empty bins are floored, here at 1e-4.
pub fn psi(from: &[f64], to: &[f64]) -> f64 {
    debug_assert_eq!(from.len(), to.len());
    let bins = from.iter().zip(to).map(|(&from, &to)| {
        let (from, to) = (from.max(FLOOR), to.max(FLOOR));
        (to - from) * (to / from).ln()
    });
    bins.sum()
}

/// Total variation between two binned columns: half the sum of |q − p|, the largest difference in the share of
/// any set of bins.
///
/// `from`, `to`: `[bins]`, shares that sum to 1, of the same bins. Returns 0 (the same) to 1 (nothing in common).
pub fn total_variation(from: &[f64], to: &[f64]) -> f64 {
    debug_assert_eq!(from.len(), to.len());
    from.iter()
        .zip(to)
        .map(|(from, to)| (to - from).abs())
        .sum::<f64>()
        / 2.0
}

/// The shares of both columns in bins that they have in common, the last of which is what is missing; none where
/// the profiles do not tell.
pub(super) fn common(from: &ColumnProfile, to: &ColumnProfile) -> Option<(Vec<f64>, Vec<f64>)> {
    if from.count + from.missing == 0 || to.count + to.missing == 0 {
        return None;
    }
    let (mut p, mut q) = match (&from.summary, &to.summary) {
        (None, None) => (Vec::new(), Vec::new()),
        // All is missing in one of the two, and all that is there is one bin.
        (Some(_), None) => (vec![1.0], vec![0.0]),
        (None, Some(_)) => (vec![0.0], vec![1.0]),
        (Some(from), Some(to)) => there(from, to)?,
    };
    let (missing_from, missing_to) = (missing_share(from), missing_share(to));
    p.iter_mut().for_each(|share| *share *= 1.0 - missing_from);
    q.iter_mut().for_each(|share| *share *= 1.0 - missing_to);
    p.push(missing_from);
    q.push(missing_to);
    Some((p, q))
}

fn there(from: &Summary, to: &Summary) -> Option<(Vec<f64>, Vec<f64>)> {
    match (from, to) {
        (Summary::Numbers(from), Summary::Numbers(to)) => Some(numbers(from, to)),
        (Summary::Levels(from), Summary::Levels(to)) => {
            let counts = |levels: &crate::data::profile::Levels| {
                let top = levels
                    .top
                    .iter()
                    .map(|entry| (Some(entry.level.clone()), entry.count));
                top.chain([(None, levels.other)]).collect()
            };
            Some(by_value(&counts(from), &counts(to)))
        }
        // Where there are too many texts to count them all, what is not counted may be anything.
        (Summary::Texts(from), Summary::Texts(to)) => {
            let is_counted = |texts: &crate::data::profile::Texts| {
                texts.top_lost == 0 && !texts.top.is_empty() && texts.max_length <= 50
            };
            let counts = |texts: &crate::data::profile::Texts| {
                let top = texts.top.iter().map(|entry| (entry.level.clone(), entry.count));
                top.collect()
            };
            (is_counted(from) && is_counted(to)).then(|| by_value(&counts(from), &counts(to)))
        }
        _ => None,
    }
}

/// The shares of all values that are in either.
fn by_value<K: Ord>(from: &BTreeMap<K, u64>, to: &BTreeMap<K, u64>) -> (Vec<f64>, Vec<f64>) {
    let total = |counts: &BTreeMap<K, u64>| counts.values().sum::<u64>().max(1) as f64;
    let (all_from, all_to) = (total(from), total(to));
    let mut values: Vec<_> = from.keys().chain(to.keys()).collect();
    values.sort_unstable();
    values.dedup();
    let share =
        |counts: &BTreeMap<K, u64>, value, all: f64| counts.get(value).copied().unwrap_or(0) as f64 / all;
    let both = values.into_iter();
    both.map(|value| (share(from, value, all_from), share(to, value, all_to)))
        .unzip()
}

fn numbers(from: &Numbers, to: &Numbers) -> (Vec<f64>, Vec<f64>) {
    let few = |numbers: &Numbers| (1..=BY_VALUE).contains(&numbers.top.len());
    if few(from) && few(to) {
        let counts = |numbers: &Numbers| {
            let top = numbers.top.iter();
            top.map(|entry| (Ordered(entry.value), entry.count)).collect()
        };
        return by_value(&counts(from), &counts(to));
    }
    // The deciles of the first are the bins; the outermost reach as far as anything does.
    let edges = &from.histogram.edges;
    let inner = edges.get(1..edges.len().saturating_sub(1)).unwrap_or_default();
    let shares = |numbers: &Numbers| {
        let below = inner.iter().map(|&edge| below(numbers, edge)).chain([1.0]);
        let mut last = 0.0;
        below
            .map(|share| {
                let bin = (share - last).max(0.0);
                last = share;
                bin
            })
            .collect()
    };
    (shares(from), shares(to))
}

/// The share of values below `edge`: exact where all values are counted, else linear between the deciles.
fn below(numbers: &Numbers, edge: f64) -> f64 {
    if !numbers.top.is_empty() {
        let all: u64 = numbers.top.iter().map(|entry| entry.count).sum();
        let under = numbers.top.iter().filter(|entry| entry.value < edge);
        return under.map(|entry| entry.count).sum::<u64>() as f64 / all.max(1) as f64;
    }
    let histogram = &numbers.histogram;
    let mut share = 0.0;
    for (bin, width) in histogram.edges.windows(2).zip(&histogram.shares) {
        if edge >= bin[1] {
            share += width;
            continue;
        }
        if edge > bin[0] {
            // Divided first: the difference of the largest numbers is beyond all of them.
            let part = (edge / 2.0 - bin[0] / 2.0) / (bin[1] / 2.0 - bin[0] / 2.0);
            share += width * part;
        }
        return share;
    }
    // All values are equal, or none is as large.
    match histogram.edges.first() {
        Some(&first) if histogram.edges.len() == 1 && edge <= first => 0.0,
        _ => 1.0,
    }
}

/// A number in its order.
#[derive(Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
