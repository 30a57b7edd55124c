//! What each feature adds to a prediction of trees: SHAP values.

use hessboost::data::DMatrix;
use hessboost::model::Iterations;

use super::{BoostModel, BoosterError};
use crate::engine::explain::Explanations;
use crate::engine::input::check_rows;
use crate::engine::model::PredictError;

impl BoostModel {
    /// SHAP values of `rows`, `[rows x features]`; they sum to the margins, up to the rounding of 32-bit floats.
    ///
    /// What the library says of all trees alike is worked out once a call: many rows at once are cheaper than
    /// one by one.
    ///
    /// # Errors
    /// When these are no whole rows, or a value is neither missing, finite, nor a code of its category.
    pub fn explain(&self, rows: &[f32]) -> Result<Explanations, PredictError> {
        let features = self.features();
        let (width, outputs) = (features.len(), self.task().width());
        if rows.is_empty() {
            return Ok(Explanations::new(Vec::new(), outputs, width));
        }
        check_rows(features, rows)?;
        let matrix = DMatrix::from_dense(rows, rows.len() / width, width).map_err(BoosterError)?;
        let contributions = self.booster.predict_contribs(&matrix, Iterations::Best);
        let values = contributions.map_err(BoosterError)?.into_vec();
        Ok(Explanations::new(values, outputs, width))
    }
}
