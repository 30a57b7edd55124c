//! Forecasts that need no learning, and what differencing subtracts.

/// The value that is known of the same time, `lag` periods apart, at each step: `[horizon]`. With a lag of 1 the last value
/// again and again (persistence), with that of a season the season again (seasonal naive).
///
/// `values`: up to the origin, at least `lag` of them.
///
/// Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.2.
pub fn naive(values: &[f64], lag: usize, horizon: usize) -> impl Iterator<Item = f64> + '_ {
    let first = values.len() - lag;
    (0..horizon).map(move |step| values[first + step % lag])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_season_comes_again_and_so_does_the_last_value() {
        let values = [9.0, 1.0, 2.0, 3.0];
        let of = |lag, horizon| naive(&values, lag, horizon).collect::<Vec<f64>>();
        assert_eq!(of(3, 5), [1.0, 2.0, 3.0, 1.0, 2.0]);
        assert_eq!(of(1, 2), [3.0, 3.0]);
    }
}
