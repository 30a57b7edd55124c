//! Gradient-boosted trees, under XGBoost's parameter names and stored as XGBoost's JSON.
//!
//! The boosting library (hessboost) is young: it is imported here alone, behind types of our own, and its
//! parity with XGBoost is tested (`tests/parity`).

mod document;
mod explain;
mod fit;
mod model;
mod params;
mod patience;
mod stored;
#[cfg(test)]
mod tests;
mod tree;

pub use fit::fit;
pub use model::{BoostModel, Importance};
pub use params::{BoostParams, EvalMetric, GrowPolicy, LearningRateDecay, Monotone, TreeMethod};

/// The boosting library refused what our own checks let through.
#[derive(Debug, thiserror::Error)]
#[error("the boosting library refused: {0}")]
pub struct BoosterError(#[source] hessboost::error::HessboostError);

impl From<hessboost::error::HessboostError> for BoosterError {
    fn from(error: hessboost::error::HessboostError) -> Self {
        Self(error)
    }
}
