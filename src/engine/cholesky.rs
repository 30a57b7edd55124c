//! Cholesky's decomposition of small symmetric matrices.

use crate::base::Stop;

/// Turns the upper half of a symmetric matrix `[width x width]` into `U` with `Uᵀ U` equal to it; false where it is not positive definite
/// beyond `least`, none once `stop` is asked.
pub(super) fn decompose(matrix: &mut [f64], width: usize, least: f64, stop: &Stop) -> Option<bool> {
    for row in 0..width {
        if stop.is_asked() {
            return None;
        }
        let (done, rest) = matrix.split_at_mut(row * width);
        let this = &mut rest[..width];
        for before in done.chunks_exact(width) {
            let by = before[row];
            if by != 0.0 {
                for (value, above) in this[row..].iter_mut().zip(&before[row..]) {
                    *value -= by * above;
                }
            }
        }
        if this[row].is_nan() || this[row] <= least {
            return Some(false);
        }
        let root = this[row].sqrt();
        this[row..].iter_mut().for_each(|value| *value /= root);
    }
    Some(true)
}

/// The `x` of `Uᵀ U x = vector`.
pub(super) fn solve(upper: &[f64], mut vector: Vec<f64>) -> Vec<f64> {
    let width = vector.len();
    for row in 0..width {
        vector[row] /= upper[row * width + row];
        let known = vector[row];
        for at in row + 1..width {
            vector[at] -= upper[row * width + at] * known;
        }
    }
    for row in (0..width).rev() {
        let known: f64 = (row + 1..width)
            .map(|at| upper[row * width + at] * vector[at])
            .sum();
        vector[row] = (vector[row] - known) / upper[row * width + row];
    }
    vector
}
