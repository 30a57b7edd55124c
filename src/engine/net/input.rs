//! Rows as a net takes them: numbers that are scaled, and of each category the place of its embedding.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::engine::columns::Columns;

/// So many standard deviations from the mean is as far as a number counts.
const FURTHEST: f64 = 1e6;

/// Some rows on a device.
pub(super) struct Input {
    /// `[rows x numbers]`.
    pub(super) numbers: Tensor<2>,
    /// Of each category the place in its embedding: `[rows]`.
    pub(super) codes: Vec<Tensor<1, Int>>,
}

/// How many numbers the features make.
pub(super) fn numbers(columns: &[Columns]) -> usize {
    let of = |columns: &Columns| match columns {
        Columns::Number { .. } => columns.width(),
        Columns::Levels { .. } => 0,
    };
    columns.iter().map(of).sum()
}

/// Of each category how many places its embedding has: its levels, and one for what is missing.
pub(super) fn places(columns: &[Columns]) -> Vec<usize> {
    let of = |columns: &Columns| match columns {
        Columns::Number { .. } => None,
        Columns::Levels { shares, .. } => Some(shares.len() + 1),
    };
    columns.iter().filter_map(of).collect()
}

/// Puts `rows`, each `[features]`, on the device.
pub(super) fn input<'a>(
    columns: &[Columns],
    rows: impl Iterator<Item = &'a [f32]>,
    device: &Device,
) -> Input {
    let width = numbers(columns);
    let mut values = Vec::new();
    let mut codes: Vec<Vec<i32>> = vec![Vec::new(); places(columns).len()];
    let mut count = 0;
    for row in rows {
        count += 1;
        let mut category = codes.iter_mut();
        for (columns, &value) in columns.iter().zip(row) {
            match columns {
                Columns::Number { .. } => {
                    let first = values.len();
                    values.resize(first + columns.width(), 0.0);
                    if let Some((at, value)) = columns.of(value) {
                        // No number is further out, and a net would make infinite ones of it.
                        values[first + at] = value.clamp(-FURTHEST, FURTHEST) as f32;
                    }
                }
                Columns::Levels { shares, .. } => {
                    let code = if value.is_nan() {
                        shares.len()
                    } else {
                        value as usize
                    };
                    if let Some(codes) = category.next() {
                        codes.push(code as i32);
                    }
                }
            }
        }
    }
    Input {
        numbers: Tensor::from_data(TensorData::new(values, [count, width]), device),
        codes: codes
            .into_iter()
            .map(|codes| Tensor::from_data(TensorData::new(codes, [count]), device))
            .collect(),
    }
}
