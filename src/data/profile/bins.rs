//! Bins of one width, as people look at a column.

use super::Bins;

/// How many bins there are, unless whole numbers have fewer values.
const BINS: usize = 20;

/// `sorted`: not empty, within `min` and `max`. `is_whole`: whether they are integers. `exact`: whether these are
/// all values.
pub(super) fn bins(sorted: &[f64], min: f64, max: f64, is_whole: bool, exact: bool) -> Bins {
    let edges = edges(min, max, is_whole);
    let below = |edge: f64| sorted.partition_point(|&value| value < edge);
    let last = edges.len() - 2;
    let shares = edges.windows(2).enumerate().map(|(bin, edge)| {
        let lower = if bin == 0 { 0 } else { below(edge[0]) };
        let upper = if bin == last { sorted.len() } else { below(edge[1]) };
        upper.saturating_sub(lower) as f64 / sorted.len() as f64
    });
    Bins {
        shares: shares.collect(),
        edges,
        exact,
    }
}

fn edges(min: f64, max: f64, is_whole: bool) -> Vec<f64> {
    if min == max {
        return vec![min, max];
    }
    if is_whole && max - min < BINS as f64 && min.abs().max(max.abs()) < 1e15 {
        let values = (max - min) as usize + 1;
        return (0..=values).map(|value| min - 0.5 + value as f64).collect();
    }
    let edge = |bin: usize| {
        let share = bin as f64 / BINS as f64;
        // Weighted: the difference of the two can be beyond all numbers.
        min * (1.0 - share) + max * share
    };
    (0..=BINS).map(edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_few_values_have_a_bin_each() {
        let bins = bins(&[1.0, 1.0, 3.0, 4.0], 1.0, 4.0, true, true);
        assert_eq!(bins.edges, [0.5, 1.5, 2.5, 3.5, 4.5]);
        assert_eq!(bins.shares, [0.5, 0.0, 0.25, 0.25]);
    }

    #[test]
    fn every_value_is_in_one_bin() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let all = bins(&values, 0.0, 99.0, false, true);
        assert_eq!((all.edges.len(), all.shares.len()), (21, 20));
        assert!((all.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(
            all.shares.iter().all(|share| (share - 0.05).abs() < 0.011),
            "{:?}",
            all.shares
        );
        let one = bins(&[7.0, 7.0], 7.0, 7.0, false, true);
        assert_eq!((one.edges, one.shares), (vec![7.0, 7.0], vec![1.0]));
        let wide = bins(&[-f64::MAX, f64::MAX], -f64::MAX, f64::MAX, false, true);
        assert!(wide.edges.iter().all(|edge| edge.is_finite()));
    }
}
