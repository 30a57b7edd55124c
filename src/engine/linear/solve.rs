//! Penalised least squares on a Gram matrix: `½ dᵀ G d + gᵀ d + penalty(b + d)` over the step `d`.

use super::gram::Gram;
use crate::base::Stop;
use crate::engine::cholesky::{decompose, solve};

/// A penalty on all coefficients but the last, which is the intercept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Penalty {
    /// On absolute values.
    pub(super) l1: f64,
    /// On half the squares.
    pub(super) l2: f64,
}

impl Penalty {
    /// What it takes of coefficients, the intercept last.
    pub(super) fn value(self, coefficients: &[f64]) -> f64 {
        let penalised = &coefficients[..coefficients.len() - 1];
        let absolute: f64 = penalised.iter().map(|value| value.abs()).sum();
        let squares: f64 = penalised.iter().map(|value| value * value).sum();
        self.l1 * absolute + self.l2 / 2.0 * squares
    }
}

/// The best step from `coefficients`; none once `stop` is asked.
pub(super) fn step(gram: Gram, coefficients: &[f64], penalty: Penalty, stop: &Stop) -> Option<Vec<f64>> {
    if penalty.l1 == 0.0 {
        newton(&gram, coefficients, penalty.l2, stop)
    } else {
        descent(gram, coefficients, penalty, stop)
    }
}

/// Without absolute values: `(G + l2) d = −(g + l2 b)`, by Cholesky's decomposition.
fn newton(gram: &Gram, coefficients: &[f64], l2: f64, stop: &Stop) -> Option<Vec<f64>> {
    let width = coefficients.len();
    let last = width - 1;
    let wanted: Vec<f64> = (0..width)
        .map(|at| -gram.vector[at] - if at < last { l2 * coefficients[at] } else { 0.0 })
        .collect();
    let largest = (0..width)
        .map(|at| gram.matrix[at * width + at])
        .fold(f64::MIN_POSITIVE, f64::max);
    // Columns that say the same leave the matrix singular where nothing is penalised: the least that helps is added.
    let mut more = 0.0;
    loop {
        let mut factor = gram.matrix.clone();
        for at in 0..width {
            factor[at * width + at] += more + if at < last { l2 } else { 0.0 };
        }
        if decompose(&mut factor, width, largest * 1e-14, stop)? {
            return Some(solve(&factor, wanted));
        }
        if !more.is_finite() {
            // No sums of numbers: there is nowhere to go.
            return Some(vec![0.0; width]);
        }
        more = if more == 0.0 {
            largest * 1e-10
        } else {
            more * 100.0
        };
    }
}

/// With absolute values: one coefficient after the other, until none moves.
///
/// Source: Friedman, Hastie, Tibshirani 2010, "Regularization Paths for Generalized Linear Models via Coordinate
/// Descent", with covariance updates.
fn descent(mut gram: Gram, coefficients: &[f64], penalty: Penalty, stop: &Stop) -> Option<Vec<f64>> {
    const SWEEPS: usize = 10_000;
    // Of the largest movement that there was: the target may be of any size.
    const STILL: f64 = 1e-16;
    let width = coefficients.len();
    let last = width - 1;
    for row in 0..width {
        for column in 0..row {
            gram.matrix[row * width + column] = gram.matrix[column * width + row];
        }
    }
    let mut moved = vec![0.0; width];
    // The slope of the quadratic part where the coefficients now are.
    let mut slopes = gram.vector.clone();
    let mut largest: f64 = 0.0;
    for _ in 0..SWEEPS {
        if stop.is_asked() {
            return None;
        }
        let mut most: f64 = 0.0;
        for at in 0..width {
            let row = &gram.matrix[at * width..(at + 1) * width];
            let curvature = row[at];
            let (l1, l2) = if at < last {
                (penalty.l1, penalty.l2)
            } else {
                (0.0, 0.0)
            };
            if curvature + l2 <= 0.0 {
                continue;
            }
            let here = coefficients[at] + moved[at];
            let wanted = curvature * here - slopes[at];
            let best = wanted.signum() * (wanted.abs() - l1).max(0.0) / (curvature + l2);
            let by = best - here;
            if by != 0.0 {
                moved[at] += by;
                for (slope, entry) in slopes.iter_mut().zip(row) {
                    *slope += entry * by;
                }
                most = most.max(by * by * (curvature + l2));
            }
        }
        largest = largest.max(most);
        if most <= STILL * largest {
            break;
        }
    }
    Some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gram() -> Gram {
        // Of the rows (1, 2, 1), (3, 1, 1), (2, 2, 1), only the upper half filled.
        Gram {
            matrix: vec![14.0, 9.0, 6.0, 0.0, 9.0, 5.0, 0.0, 0.0, 3.0],
            vector: vec![-1.0, 2.0, 0.5],
        }
    }

    fn slope(gram: &Gram, step: &[f64], at: usize) -> f64 {
        let of = |other: usize| gram.matrix[at.min(other) * 3 + at.max(other)] * step[other];
        gram.vector[at] + (0..3).map(of).sum::<f64>()
    }

    #[test]
    fn the_slope_is_level_where_a_step_ends() {
        let (gram, from) = (gram(), [0.4, -0.2, 1.0]);
        for penalty in [
            Penalty { l1: 0.0, l2: 0.0 },
            Penalty { l1: 0.0, l2: 0.7 },
            Penalty { l1: 0.3, l2: 0.7 },
            Penalty { l1: 100.0, l2: 0.0 },
        ] {
            let step = step(gram.clone(), &from, penalty, &Stop::new()).unwrap();
            for at in 0..3 {
                let (l1, l2) = if at < 2 {
                    (penalty.l1, penalty.l2)
                } else {
                    (0.0, 0.0)
                };
                let end = from[at] + step[at];
                let level = slope(&gram, &step, at) + l2 * end;
                if end == 0.0 {
                    assert!(level.abs() <= l1 + 1e-5, "{penalty:?} {at} {level}");
                } else {
                    assert!(
                        (level + l1 * end.signum()).abs() < 1e-5,
                        "{penalty:?} {at} {level}"
                    );
                }
            }
            assert_eq!(from[0] + step[0] == 0.0, penalty.l1 == 100.0);
        }
    }

    #[test]
    fn columns_that_say_the_same_share_a_step() {
        let twice = Gram {
            matrix: vec![2.0, 2.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 1.0],
            vector: vec![-4.0, -4.0, 0.0],
        };
        let step = step(twice, &[0.0; 3], Penalty { l1: 0.0, l2: 0.0 }, &Stop::new()).unwrap();
        assert!(
            (step[0] + step[1] - 2.0).abs() < 1e-6 && (step[0] - step[1]).abs() < 1e-3,
            "{step:?}"
        );
    }
}
