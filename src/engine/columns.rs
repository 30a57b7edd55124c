//! The columns that models learn from which know no missing values and no levels: a number scaled, a category as one
//! column a level. Found on the rows that are learnt from.

use serde::{Deserialize, Serialize};

use crate::engine::matrix::{Feature, FeatureKind, Matrix};
use crate::engine::model::StoredModelError;

/// How a feature becomes columns, as found on the rows that are learnt from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::engine) enum Columns {
    /// The number less its mean, over its standard deviation, 0 where it is missing; and where some were missing, a
    /// column that says so.
    Number {
        mean: f64,
        /// The standard deviation; 1 of a number that is always the same.
        scale: f64,
        /// The share of rows in which it is missing.
        missing: f64,
    },
    /// One column a level that is 1 in its rows; and where some were missing, one for those.
    Levels {
        /// The share of rows of each level.
        shares: Vec<f64>,
        /// The share of rows in which it is missing.
        missing: f64,
    },
}

impl Columns {
    /// How many columns.
    pub(in crate::engine) fn width(&self) -> usize {
        match self {
            Self::Number { missing, .. } => 1 + usize::from(*missing > 0.0),
            Self::Levels { shares, missing } => shares.len() + usize::from(*missing > 0.0),
        }
    }

    /// Checks that rows can have made them of `feature`: a stored model may say anything.
    ///
    /// # Errors
    /// They are another feature's, or nobody's.
    pub(in crate::engine) fn check(&self, feature: &Feature) -> Result<(), StoredModelError> {
        let levels = match self {
            Self::Number { .. } => None,
            Self::Levels { shares, .. } => Some(shares.len()),
        };
        if levels == feature.levels() && self.are_sound() {
            return Ok(());
        }
        let reason = format!("no rows make such columns of {}", feature.name);
        Err(StoredModelError::Weights(reason))
    }

    fn are_sound(&self) -> bool {
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        match self {
            Self::Number { mean, scale, missing } => {
                mean.is_finite() && *scale > 0.0 && scale.is_finite() && is_share(*missing)
            }
            Self::Levels { shares, missing } => shares.iter().copied().all(is_share) && is_share(*missing),
        }
    }

    /// The one column of `value` that is not 0, by its place among those of this feature, and what it holds. `None`
    /// where the value is missing and never was before: then nothing is known, and it is taken for the mean.
    #[inline]
    pub(in crate::engine) fn of(&self, value: f32) -> Option<(usize, f64)> {
        match self {
            Self::Number { missing, .. } if value.is_nan() => (*missing > 0.0).then_some((1, 1.0)),
            Self::Number { mean, scale, .. } => Some((0, (f64::from(value) - mean) / scale)),
            Self::Levels { shares, missing } if value.is_nan() => {
                (*missing > 0.0).then_some((shares.len(), 1.0))
            }
            Self::Levels { .. } => Some((value as usize, 1.0)),
        }
    }

    /// A value that says nothing: a number's mean, the most frequent level.
    pub(in crate::engine) fn typical(&self) -> f32 {
        match self {
            Self::Number { mean, .. } => *mean as f32,
            Self::Levels { shares, .. } => {
                let most = shares.iter().copied().fold(0.0, f64::max);
                shares.iter().position(|share| *share == most).unwrap_or(0) as f32
            }
        }
    }

    /// The mean of each of its columns over the rows that were learnt from.
    pub(in crate::engine) fn means(&self) -> Vec<f64> {
        let (mut means, missing) = match self {
            Self::Number { missing, .. } => (vec![0.0], *missing),
            Self::Levels { shares, missing } => (shares.clone(), *missing),
        };
        if missing > 0.0 {
            means.push(missing);
        }
        means
    }
}

/// The columns of each feature.
pub(in crate::engine) fn columns(matrix: &Matrix) -> Vec<Columns> {
    let (width, rows) = (matrix.cols(), matrix.rows() as f64);
    let of = |(column, feature): (usize, &Feature)| {
        let values = || matrix.values().iter().skip(column).step_by(width).copied();
        let present = || values().filter(|value| !value.is_nan()).map(f64::from);
        let there = present().count() as f64;
        let missing = 1.0 - there / rows;
        match feature.kind {
            FeatureKind::Numeric => {
                // Twice over the rows: sums of squares of large numbers would lose the spread.
                let mean = if there > 0.0 {
                    present().sum::<f64>() / there
                } else {
                    0.0
                };
                let spread = present().map(|value| (value - mean).powi(2)).sum::<f64>();
                let deviation = (spread / there.max(1.0)).sqrt();
                Columns::Number {
                    mean,
                    scale: if deviation > 0.0 { deviation } else { 1.0 },
                    missing,
                }
            }
            FeatureKind::Categorical { levels } => {
                let mut counts = vec![0_u64; levels];
                for value in values().filter(|value| !value.is_nan()) {
                    counts[value as usize] += 1;
                }
                // Divided once: a sum of so many n-ths may be more than 1.
                let shares = counts.iter().map(|count| *count as f64 / rows);
                Columns::Levels {
                    shares: shares.collect(),
                    missing,
                }
            }
        }
    };
    matrix.features().iter().enumerate().map(of).collect()
}
