//! The quantile that is predicted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A share between 0 and 1, both left out: of the smallest and the largest value nothing can be learnt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Quantile(f64);

/// A share that is no quantile.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is no quantile: expected a number above 0 and below 1, as 0.9")]
pub struct NoQuantile(f64);

impl Quantile {
    /// The quantile `share`.
    ///
    /// # Errors
    /// When it is not above 0 and below 1, also as the f32 that training uses.
    pub fn new(share: f64) -> Result<Self, NoQuantile> {
        let narrow = share as f32;
        if narrow > 0.0 && narrow < 1.0 {
            Ok(Self(share))
        } else {
            Err(NoQuantile(share))
        }
    }

    /// The share.
    pub fn get(self) -> f64 {
        self.0
    }
}

// It is never NaN.
impl Eq for Quantile {}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<f64> for Quantile {
    type Error = NoQuantile;

    fn try_from(share: f64) -> Result<Self, NoQuantile> {
        Self::new(share)
    }
}

impl From<Quantile> for f64 {
    fn from(quantile: Quantile) -> Self {
        quantile.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_lies_between_the_ends() {
        assert_eq!(Quantile::new(0.25).unwrap().to_string(), "0.25");
        for wrong in [0.0, 1.0, -0.1, 90.0, f64::NAN, 1e-60, 1.0 - 1e-12] {
            let told = Quantile::new(wrong).unwrap_err().to_string();
            assert!(told.contains("above 0 and below 1"), "{told}");
        }
        assert!(serde_json::from_str::<Quantile>("1.5").is_err());
    }
}
