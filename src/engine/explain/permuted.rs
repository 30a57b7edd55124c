//! What a model's quality hangs on: how much worse it gets when one input is dealt anew among the rows.

use serde::{Deserialize, Serialize};

use crate::base::{Seed, Stop};
use crate::data::split::shuffled;
use crate::engine::matrix::Matrix;

/// How often an input is dealt anew.
pub const REPEATS: u64 = 5;

/// What hangs on one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PermutedInput {
    /// The input.
    pub input: String,
    /// By how much the metric gets worse without it, on average; below 0 where it gets better.
    pub worse: f64,
    /// The sample standard deviation of that over the repeats.
    pub sd: f64,
}

/// Deals each of `inputs`, which are columns of `matrix` by name, anew among the rows, and asks `loss` how bad the model
/// is with it: the more the worse; none where that cannot be told, and then there is no such input in the answer. The
/// input that most hangs on comes first. None once `stop` is asked.
///
/// Two inputs that say the same stand in for each other: neither hangs on much then.
///
/// # Errors
/// As `loss`.
///
/// Source: Breiman 2001, and Fisher, Rudin, Dominici 2019; scikit-learn's `permutation_importance`.
pub fn permuted<E>(
    matrix: &Matrix,
    inputs: &[(String, Vec<usize>)],
    seed: Seed,
    stop: &Stop,
    mut loss: impl FnMut(&[f32]) -> Result<Option<f64>, E>,
) -> Result<Option<Vec<PermutedInput>>, E> {
    let (rows, width) = (matrix.rows(), matrix.cols());
    let Some(whole) = loss(matrix.values())? else {
        return Ok(Some(Vec::new()));
    };
    let mut found = Vec::with_capacity(inputs.len());
    let mut dealt = matrix.values().to_vec();
    for (at, (input, columns)) in inputs.iter().enumerate() {
        let mut worse = Vec::with_capacity(REPEATS as usize);
        for repeat in 0..REPEATS {
            if stop.is_asked() {
                return Ok(None);
            }
            let from = shuffled(rows, seed.derive("input", at as u64).derive("repeat", repeat));
            for (row, &from) in from.iter().enumerate() {
                for column in columns {
                    dealt[row * width + column] = matrix.values()[from * width + column];
                }
            }
            worse.extend(loss(&dealt)?.map(|loss| loss - whole));
        }
        for row in 0..rows {
            for column in columns {
                dealt[row * width + column] = matrix.values()[row * width + column];
            }
        }
        let count = worse.len() as f64;
        if count < 2.0 {
            continue;
        }
        let mean = worse.iter().sum::<f64>() / count;
        let spread: f64 = worse.iter().map(|worse| (worse - mean).powi(2)).sum();
        found.push(PermutedInput {
            input: input.clone(),
            worse: mean,
            sd: (spread / (count - 1.0)).sqrt(),
        });
    }
    found.sort_by(|a, b| b.worse.total_cmp(&a.worse));
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::matrix::Feature;

    #[test]
    fn more_hangs_on_what_says_more_and_columns_of_one_input_move_together() {
        let features: Arc<[Feature]> = ["a", "b", "b is 1", "c"].map(Feature::numeric).to_vec().into();
        let mut values = Vec::new();
        for row in 0..200 {
            let [a, b, c] = [7, 11, 13].map(|step| (row * step % 17) as f32);
            values.extend([a, b, f32::from(u8::from(b == 1.0)), c]);
        }
        let matrix = Matrix::new(values, 200, features).unwrap();
        let inputs = [("a", vec![0]), ("b", vec![1, 2]), ("c", vec![3])];
        let inputs = inputs.map(|(name, columns)| (name.to_owned(), columns));
        let loss = |rows: &[f32]| {
            assert!(rows.chunks_exact(4).all(|row| (row[1] == 1.0) == (row[2] == 1.0)));
            let right = matrix.values().chunks_exact(4).map(|row| row[0] + 3.0 * row[1]);
            let told = rows.chunks_exact(4).map(|row| row[0] + 3.0 * row[1]);
            Ok::<_, ()>(Some(
                told.zip(right)
                    .map(|(a, b)| f64::from((a - b).abs()))
                    .sum::<f64>(),
            ))
        };
        let stop = Stop::new();
        let found = permuted(&matrix, &inputs, Seed::new(1), &stop, loss)
            .unwrap()
            .unwrap();
        let names: Vec<&str> = found.iter().map(|input| input.input.as_str()).collect();
        assert_eq!(names, ["b", "a", "c"]);
        assert!(found[0].worse > 2.0 * found[1].worse && found[1].worse > 0.0 && found[1].sd > 0.0);
        assert_eq!((found[2].worse, found[2].sd), (0.0, 0.0));
        stop.ask();
        assert_eq!(permuted(&matrix, &inputs, Seed::new(1), &stop, loss), Ok(None));
    }
}
