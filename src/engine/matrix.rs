//! The numbers a model sees: one row an example, one column a feature.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How the values of a feature are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeatureKind {
    /// A quantity: order and distance mean something.
    Numeric,
    /// A category: the codes 0, 1, … `levels` − 1 are names without an order.
    Categorical {
        /// How many codes there are.
        levels: usize,
    },
}

/// One column of a [`Matrix`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// The column's name, alone in its matrix.
    pub name: String,
    /// How its values are to be read.
    #[serde(flatten)]
    pub kind: FeatureKind,
}

impl Feature {
    /// A numeric feature.
    pub fn numeric(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: FeatureKind::Numeric,
        }
    }

    /// A categorical feature with the codes 0 to `levels` − 1.
    pub fn categorical(name: impl Into<String>, levels: usize) -> Self {
        Self {
            name: name.into(),
            kind: FeatureKind::Categorical { levels },
        }
    }

    /// How many codes it has; none of a quantity.
    pub fn levels(&self) -> Option<usize> {
        match self.kind {
            FeatureKind::Numeric => None,
            FeatureKind::Categorical { levels } => Some(levels),
        }
    }

    /// Whether `value` may stand in this column: missing (NaN), finite, or one of the codes.
    pub fn admits(&self, value: f32) -> bool {
        match self.kind {
            FeatureKind::Numeric => !value.is_infinite(),
            // f32 counts exactly up to 2^24, and no feature may have more levels (`Matrix::new`).
            FeatureKind::Categorical { levels } => {
                value.is_nan() || (value >= 0.0 && value < levels as f32 && value.fract() == 0.0)
            }
        }
    }
}

/// What is wrong with a matrix.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MatrixError {
    /// There is nothing to learn from.
    #[error("a matrix needs at least one feature; every column was dropped or is the target")]
    NoFeatures,
    /// The values do not fill the shape.
    #[error("{rows} rows of {columns} features need {} values, got {got}", rows.saturating_mul(*columns))]
    Shape {
        /// Rows asked for.
        rows: usize,
        /// Features.
        columns: usize,
        /// Values given.
        got: usize,
    },
    /// Two features would be one.
    #[error("feature {0} is there twice; rename one")]
    DuplicateFeature(String),
    /// A category with no code, or with more than an f32 can count.
    #[error(
        "feature {name} has {levels} levels; a category has 1 to {}",
        MatrixError::MAX_LEVELS
    )]
    Levels {
        /// The feature.
        name: String,
        /// Its levels.
        levels: usize,
    },
    /// A value that is infinite, or no code of its category.
    #[error("row {row}, feature {feature}: {value} is neither missing, finite, nor a code of its category")]
    Value {
        /// The row, from 0.
        row: usize,
        /// The feature's name.
        feature: String,
        /// The value.
        value: f32,
    },
    /// A row that is not there was selected.
    #[error("row {row} was asked for, but there are {rows}")]
    NoSuchRow {
        /// The row, from 0.
        row: usize,
        /// How many there are.
        rows: usize,
    },
}

impl MatrixError {
    /// The most levels a category may have: all integers up to here are exact in f32.
    pub const MAX_LEVELS: usize = 1 << 24;
}

/// Row-major f32 values `[rows x cols]`; NaN is missing, every other value is finite, codes are in range.
///
/// A clone shares the values.
#[derive(Debug, Clone)]
pub struct Matrix {
    values: Arc<Vec<f32>>,
    rows: usize,
    features: Arc<[Feature]>,
}

impl Matrix {
    /// A matrix of `rows` rows; `values` holds one row after the other.
    ///
    /// # Errors
    /// Names the first thing that does not hold: a feature at all, distinct names, sensible levels,
    /// the right number of values, and values that their feature [admits](Feature::admits).
    pub fn new(values: Vec<f32>, rows: usize, features: Arc<[Feature]>) -> Result<Self, MatrixError> {
        if features.is_empty() {
            return Err(MatrixError::NoFeatures);
        }
        let mut names = HashSet::with_capacity(features.len());
        for feature in features.iter() {
            if !names.insert(feature.name.as_str()) {
                return Err(MatrixError::DuplicateFeature(feature.name.clone()));
            }
            if let FeatureKind::Categorical { levels } = feature.kind
                && !(1..=MatrixError::MAX_LEVELS).contains(&levels)
            {
                return Err(MatrixError::Levels {
                    name: feature.name.clone(),
                    levels,
                });
            }
        }
        if rows.checked_mul(features.len()) != Some(values.len()) {
            return Err(MatrixError::Shape {
                rows,
                columns: features.len(),
                got: values.len(),
            });
        }
        for (row, cells) in values.chunks_exact(features.len()).enumerate() {
            for (feature, &value) in features.iter().zip(cells) {
                if !feature.admits(value) {
                    return Err(MatrixError::Value {
                        row,
                        feature: feature.name.clone(),
                        value,
                    });
                }
            }
        }
        Ok(Self {
            values: Arc::new(values),
            rows,
            features,
        })
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns.
    pub fn cols(&self) -> usize {
        self.features.len()
    }

    /// The columns.
    pub fn features(&self) -> &Arc<[Feature]> {
        &self.features
    }

    /// All values, one row after the other.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values, shared: for whoever must keep them alive without a copy.
    pub fn shared_values(&self) -> Arc<Vec<f32>> {
        Arc::clone(&self.values)
    }

    /// The values of one row, from 0; `None` past the last.
    pub fn row(&self, row: usize) -> Option<&[f32]> {
        let start = row.checked_mul(self.cols())?;
        self.values.get(start..start.checked_add(self.cols())?)
    }

    /// The rows with these indices, in this order; an index may come twice.
    ///
    /// # Errors
    /// `NoSuchRow` for an index past the last row.
    pub fn select(&self, rows: &[usize]) -> Result<Self, MatrixError> {
        let mut values = Vec::with_capacity(rows.len() * self.cols());
        for &row in rows {
            let cells = self
                .row(row)
                .ok_or(MatrixError::NoSuchRow { row, rows: self.rows })?;
            values.extend_from_slice(cells);
        }
        Ok(Self {
            values: Arc::new(values),
            rows: rows.len(),
            features: Arc::clone(&self.features),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features() -> Arc<[Feature]> {
        Arc::new([Feature::numeric("age"), Feature::categorical("plan", 3)])
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let matrix = Matrix::new(vec![1.0, 0.0, f32::NAN, 2.0], 2, features()).unwrap();
        assert_eq!((matrix.rows(), matrix.cols()), (2, 2));
        assert_eq!(matrix.row(0), Some(&[1.0, 0.0][..]));
        assert!(matrix.row(1).unwrap()[0].is_nan());
        assert_eq!(matrix.row(2), None);
        assert_eq!(matrix.row(usize::MAX), None);
    }

    #[test]
    fn a_selection_keeps_order_and_repeats() {
        let matrix = Matrix::new(vec![1.0, 0.0, 2.0, 1.0, 3.0, 2.0], 3, features()).unwrap();
        let picked = matrix.select(&[2, 0, 2]).unwrap();
        assert_eq!(picked.values(), [3.0, 2.0, 1.0, 0.0, 3.0, 2.0]);
        assert_eq!(
            matrix.select(&[3]).unwrap_err(),
            MatrixError::NoSuchRow { row: 3, rows: 3 }
        );
        assert_eq!(matrix.select(&[]).unwrap().rows(), 0);
    }

    #[test]
    fn what_is_no_matrix_is_refused_by_name() {
        let refused = |values: Vec<f32>, rows, features: Arc<[Feature]>| {
            Matrix::new(values, rows, features).unwrap_err().to_string()
        };
        assert!(refused(vec![], 0, Arc::new([])).contains("at least one feature"));
        assert!(refused(vec![1.0], 1, features()).contains("need 2 values, got 1"));
        assert!(refused(vec![1.0, 0.0], usize::MAX, features()).contains("got 2"));
        assert!(refused(vec![1.0, f32::INFINITY], 1, features()).contains("feature plan: inf"));
        assert!(refused(vec![f32::NEG_INFINITY, 1.0], 1, features()).contains("feature age: -inf"));
        for code in [-1.0, 3.0, 0.5] {
            assert!(
                refused(vec![1.0, code], 1, features()).contains("feature plan"),
                "{code}"
            );
        }
        let twice: Arc<[Feature]> = Arc::new([Feature::numeric("age"), Feature::numeric("age")]);
        assert!(refused(vec![], 0, twice).contains("age is there twice"));
        assert!(refused(vec![], 0, Arc::new([Feature::categorical("x", 0)])).contains("0 levels"));
        let many = Arc::new([Feature::categorical("x", (1 << 24) + 1)]);
        assert!(refused(vec![], 0, many).contains("levels"));
    }
}
