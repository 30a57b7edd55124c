//! Shapley values by sampling, of any model: what its scores change by when one feature after the other takes the row's
//! value in place of a typical one, over features in random orders.

use super::Explanations;
use crate::base::Seed;
use crate::data::split::shuffled;

/// Orders that are drawn for a row; each is also gone through backwards.
const ORDERS: u64 = 12;

/// Explains `rows`, `[rows x features]`, beside a typical row, `[features]`. `scores` gives the `outputs` scores of
/// each of some rows. For each row and output the contributions and the base, which is the typical row's score, sum to
/// the row's score, whatever the orders.
///
/// Source: Štrumbelj and Kononenko 2014; backwards too as Mitchell and others 2022.
pub(in crate::engine) fn sampled<E>(
    rows: &[f32],
    typical: &[f32],
    outputs: usize,
    seed: Seed,
    mut scores: impl FnMut(&[f32]) -> Result<Vec<f32>, E>,
) -> Result<Explanations, E> {
    let features = typical.len();
    let mut values = Vec::with_capacity(rows.len() / features * outputs * (features + 1));
    for row in rows.chunks_exact(features) {
        // The same orders for every row: equal rows are explained alike.
        let orders: Vec<Vec<usize>> = (0..ORDERS)
            .flat_map(|order| {
                let forth = shuffled(features, seed.derive("order", order));
                let back = forth.iter().rev().copied().collect();
                [forth, back]
            })
            .collect();
        let mut sums = vec![0.0_f64; outputs * features];
        let mut base = vec![0.0; outputs];
        for order in &orders {
            let mut asked = Vec::with_capacity((features + 1) * features);
            let mut mixed = typical.to_vec();
            asked.extend_from_slice(&mixed);
            for &feature in order {
                mixed[feature] = row[feature];
                asked.extend_from_slice(&mixed);
            }
            let scored = scores(&asked)?;
            base.copy_from_slice(&scored[..outputs]);
            for (step, &feature) in order.iter().enumerate() {
                for output in 0..outputs {
                    let at = |step: usize| f64::from(scored[step * outputs + output]);
                    sums[output * features + feature] += at(step + 1) - at(step);
                }
            }
        }
        for output in 0..outputs {
            let of = &sums[output * features..(output + 1) * features];
            values.extend(of.iter().map(|sum| (sum / orders.len() as f64) as f32));
            values.push(base[output]);
        }
    }
    Ok(Explanations::new(values, outputs, features))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_sum_each_feature_adds_its_own_and_a_product_is_shared() {
        let scores = |rows: &[f32]| {
            let of = |row: &[f32]| [2.0 * row[0] - row[1], row[1] * row[2]];
            Ok::<_, ()>(rows.chunks_exact(3).flat_map(of).collect())
        };
        let typical = [1.0, 0.0, 0.0];
        let found = sampled(&[4.0, 3.0, 5.0], &typical, 2, Seed::new(1), scores).unwrap();
        let found: Vec<_> = found.rows().flatten().collect();
        assert_eq!(
            (found[0].of_features, found[0].base),
            (&[6.0, -3.0, 0.0][..], 2.0)
        );
        assert_eq!((found[1].of_features, found[1].base), (&[0.0, 7.5, 7.5][..], 0.0));
    }
}
