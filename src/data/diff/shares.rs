//! Two columns in the same bins, and how far apart their shares are.

use std::collections::BTreeMap;

use super::missing_share;
use crate::data::profile::{
    ColumnProfile, Histogram, Levels, NumberCount, Numbers, PointShare, Summary, Texts,
};

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
        (Summary::Levels(from), Summary::Levels(to)) => Some(levels(from, to)),
        // Where there are too many texts to count them all, what is not counted may be anything.
        (Summary::Texts(from), Summary::Texts(to)) => {
            let is_counted =
                |texts: &Texts| texts.top_lost == 0 && !texts.top.is_empty() && texts.max_length <= 50;
            let counts = |texts: &Texts| {
                let top = texts.top.iter().map(|entry| (entry.level.clone(), entry.count));
                top.collect()
            };
            (is_counted(from) && is_counted(to)).then(|| by_value(&counts(from), &counts(to)))
        }
        _ => None,
    }
}

/// The shares of levels. Where one side names its most frequent levels alone, a level that it does not name may be
/// among its others: then the levels that both name are compared, and all else is one bin.
fn levels(from: &Levels, to: &Levels) -> (Vec<f64>, Vec<f64>) {
    let counts = |levels: &Levels| -> BTreeMap<Option<String>, u64> {
        let top = levels
            .top
            .iter()
            .map(|entry| (Some(entry.level.clone()), entry.count));
        top.chain([(None, levels.other)]).collect()
    };
    let (mut one, mut other) = (counts(from), counts(to));
    if from.other > 0 || to.other > 0 {
        join_unnamed(&mut one, &other);
        join_unnamed(&mut other, &one);
    }
    by_value(&one, &other)
}

/// Puts the levels that are not in `named` among the others, which have no name.
fn join_unnamed(counts: &mut BTreeMap<Option<String>, u64>, named: &BTreeMap<Option<String>, u64>) {
    let mut others = 0;
    counts.retain(|level, count| {
        let stays = level.is_none() || named.contains_key(level);
        others += if stays { 0 } else { *count };
        stays
    });
    *counts.entry(None).or_default() += others;
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
            let mut counts: BTreeMap<Ordered, u64> = BTreeMap::new();
            for entry in &numbers.top {
                // Whole numbers beyond 2^53 may be one as floats.
                *counts.entry(Ordered(entry.value)).or_default() += entry.count;
            }
            counts
        };
        return by_value(&counts(from), &counts(to));
    }
    // Values that many cells have are bins of their own; the deciles of the first cut what is spread between them, and
    // the outermost of these bins reach as far as anything does.
    let (from, to) = (Spread::of(from), Spread::of(to));
    // Where one side does not know its own, a value of the other would look as if it were missing there.
    let both_know = from.knows_points && to.knows_points;
    let mut points: Vec<f64> = [&from, &to]
        .iter()
        .filter(|_| both_know)
        .flat_map(|spread| &spread.points)
        .filter(|point| point.share >= POINT)
        .map(|point| point.value)
        .collect();
    points.sort_unstable_by(f64::total_cmp);
    points.dedup();
    let edges = &from.numbers.histogram.edges;
    let inner = edges.get(1..edges.len().saturating_sub(1)).unwrap_or_default();
    let shares = |spread: &Spread<'_>| {
        let of_points: Vec<f64> = points.iter().map(|point| spread.share_of(*point)).collect();
        let between = (1.0 - of_points.iter().sum::<f64>()).max(0.0);
        let below = inner.iter().map(|&edge| spread.below(edge, &points));
        let mut last = 0.0;
        let bins: Vec<f64> = below
            .chain([between])
            .map(|share| {
                let bin = (share - last).max(0.0);
                last = share;
                bin
            })
            .collect();
        [of_points, bins].concat()
    };
    (shares(&from), shares(&to))
}

/// From which share on, on either side, a single value is a bin of its own. Well above the share from which a profile
/// tells of it: what the other side does not tell of is then rarer there for sure.
const POINT: f64 = 5.0 * Histogram::POINT;

/// How the values of a column are spread: what many cells have by itself, and the rest between the deciles.
struct Spread<'a> {
    numbers: &'a Numbers,
    points: Vec<PointShare>,
    knows_points: bool,
}

impl<'a> Spread<'a> {
    fn of(numbers: &'a Numbers) -> Self {
        let all: u64 = numbers.top.iter().map(|entry| entry.count).sum();
        let (points, knows_points) = if all > 0 {
            let share = |entry: &NumberCount| PointShare {
                value: entry.value,
                share: entry.count as f64 / all as f64,
            };
            (numbers.top.iter().map(share).collect(), true)
        } else {
            match (&numbers.histogram.edges[..], &numbers.histogram.points) {
                // All values are equal, also in a profile that tells no points.
                (&[value], _) => (vec![PointShare { value, share: 1.0 }], true),
                (_, Some(points)) => (points.clone(), true),
                (_, None) => (Vec::new(), false),
            }
        };
        Self {
            numbers,
            points,
            knows_points,
        }
    }

    fn share_of(&self, value: f64) -> f64 {
        let equal = self.points.iter().filter(|point| point.value == value);
        equal.map(|point| point.share).sum()
    }

    /// The share of values below `edge` that are none of `apart`: exact where all values are counted, else linear
    /// between the deciles, once the points are taken out.
    fn below(&self, edge: f64, apart: &[f64]) -> f64 {
        let of_points: f64 = self
            .points
            .iter()
            .filter(|point| point.value < edge && !apart.contains(&point.value))
            .map(|point| point.share)
            .sum();
        if !self.numbers.top.is_empty() {
            return of_points;
        }
        let histogram = &self.numbers.histogram;
        let last = histogram.shares.len().saturating_sub(1);
        let mut spread = 0.0;
        for (position, (bin, share)) in histogram.edges.windows(2).zip(&histogram.shares).enumerate() {
            let is_in =
                |value: f64| value >= bin[0] && (value < bin[1] || position == last && value == bin[1]);
            let points = self.points.iter().filter(|point| is_in(point.value));
            let width = (share - points.map(|point| point.share).sum::<f64>()).max(0.0);
            if edge >= bin[1] {
                spread += width;
            } else if edge > bin[0] {
                // Divided first: the difference of the largest numbers is beyond all of them.
                spread += width * (edge / 2.0 - bin[0] / 2.0) / (bin[1] / 2.0 - bin[0] / 2.0);
            }
        }
        spread + of_points
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
