//! What stands for missing values, from those that are there.

/// The middle of `values`: of an even number, the mean of the two in the middle. Reorders `values`.
/// `None` without values.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let lower = lower_median(values)?;
    if values.len() % 2 == 1 {
        return Some(lower);
    }
    let upper = values[values.len() / 2..]
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min);
    Some(f64::midpoint(lower, upper))
}

/// The middle of `values`, of an even number the smaller of the two: always one that is there.
/// Reorders `values` so that none before the middle is larger and none behind it smaller.
pub fn lower_median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// The mean of `values`; `None` without values.
pub fn mean(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    // Each value is divided first, so that a sum of large ones cannot overflow.
    (!values.is_empty()).then(|| values.iter().map(|value| value / count).sum())
}

/// The value that comes most often, the smallest of several. Sorts `values`. `None` without values.
pub fn most_frequent(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b);
    // Of equal runs `max_by_key` takes the last: the runs are looked at from the largest value down.
    runs.rev().max_by_key(|run| run.len()).map(|run| run[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0]), Some(3.0));
        assert_eq!(median(&mut [9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(&mut [9.0, 1.0, 4.0, 2.0]), Some(3.0));
        assert_eq!(lower_median(&mut [9.0, 1.0, 4.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [f64::MAX, f64::MAX]), Some(f64::MAX));
    }

    #[test]
    fn the_most_frequent_is_the_smallest_of_equals() {
        assert_eq!(most_frequent(&mut []), None);
        assert_eq!(most_frequent(&mut [3.0, 1.0, 3.0, 1.0, 2.0]), Some(1.0));
        assert_eq!(most_frequent(&mut [3.0, 1.0, 3.0]), Some(3.0));
    }

    #[test]
    fn the_mean_of_large_values_does_not_overflow() {
        assert_eq!(mean(&[f64::MAX, f64::MAX]), Some(f64::MAX));
        assert_eq!(mean(&[]), None);
    }
}
