//! A trained net.

use std::sync::Arc;

use super::input::input;
use super::loss::Loss;
use super::mlp::{Mlp, Shape};
use super::weights::Weights;
use crate::base::Seed;
use crate::engine::columns::Columns;
use crate::engine::device::Device;
use crate::engine::explain::Explanations;
use crate::engine::explain::sampled::sampled;
use crate::engine::input::{check_features, check_room, check_row, check_rows};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::model::{PredictError, StoredModelError};
use crate::engine::task::Task;

/// Rows that go through the net together.
const AT_ONCE: usize = 4_096;

/// A multi-layer perceptron with the task it was trained for and the features it takes.
#[derive(Debug, Clone)]
pub struct NetModel {
    pub(super) task: Task,
    pub(super) features: Arc<[Feature]>,
    pub(super) columns: Arc<[Columns]>,
    pub(super) shape: Shape,
    pub(super) weights: Arc<Weights>,
    pub(super) loss: Loss,
    pub(super) rounds: usize,
    net: Arc<Mlp>,
    device: Device,
}

impl NetModel {
    pub(super) fn new(
        task: &Task,
        features: Arc<[Feature]>,
        columns: Vec<Columns>,
        (shape, weights): (Shape, Weights),
        loss: Loss,
        rounds: usize,
    ) -> Result<Self, StoredModelError> {
        let device = Device::cpu();
        Ok(Self {
            task: task.clone(),
            features,
            columns: columns.into(),
            net: Arc::new(Mlp::new(&shape, &weights, &device.burn())?),
            shape,
            weights: Arc::new(weights),
            loss,
            rounds,
            device,
        })
    }

    /// The same model, to predict on `device`.
    #[must_use]
    pub fn on(&self, device: &Device) -> Self {
        let mut moved = self.clone();
        // The weights have made a net before.
        if let Ok(net) = Mlp::new(&self.shape, &self.weights, &device.burn()) {
            (moved.net, moved.device) = (Arc::new(net), device.clone());
        }
        moved
    }

    /// What the model predicts.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The columns that the model takes.
    pub fn features(&self) -> &Arc<[Feature]> {
        &self.features
    }

    /// Epochs until it was found.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Predicts all rows: `[rows x width]`.
    ///
    /// # Errors
    /// When the matrix has other features than the model was trained on.
    pub fn predict(&self, matrix: &Matrix) -> Result<Vec<f32>, PredictError> {
        check_features(&self.features, matrix.features())?;
        let mut answers = self.scores(matrix.values())?;
        self.loss.answer(&mut answers);
        Ok(answers)
    }

    /// Predicts one row into `out`, `[width]`.
    ///
    /// # Errors
    /// When a length is wrong, or a value is neither missing, finite, nor a code of its category.
    pub fn predict_row(&self, row: &[f32], out: &mut [f32]) -> Result<(), PredictError> {
        check_room(self.task.width(), out)?;
        check_row(&self.features, row)?;
        out.copy_from_slice(&self.scores(row)?);
        self.loss.answer(out);
        Ok(())
    }

    /// Shapley values of `rows`, `[rows x features]`, by sampling, beside a row whose numbers are means and whose
    /// categories are the most frequent ones. They sum to the score.
    ///
    /// # Errors
    /// When these are no whole rows, or a value is neither missing, finite, nor a code of its category.
    pub fn explain(&self, rows: &[f32]) -> Result<Explanations, PredictError> {
        check_rows(&self.features, rows)?;
        let typical: Vec<f32> = self.columns.iter().map(Columns::typical).collect();
        sampled(rows, &typical, self.task.width(), Seed::new(0), |rows| {
            let mut scores = self.scores(rows)?;
            self.loss.explained(&mut scores);
            Ok(scores)
        })
    }

    /// The scores of `rows`, `[rows x features]`: `[rows x width]`.
    fn scores(&self, rows: &[f32]) -> Result<Vec<f32>, PredictError> {
        let (width, device) = (self.features.len(), self.device.burn());
        let mut scores = Vec::with_capacity(rows.len() / width * self.task.width());
        for rows in rows.chunks(AT_ONCE * width) {
            let input = input(&self.columns, rows.chunks_exact(width), &device);
            let found = self.net.forward(self.shape.activation, input, Vec::new());
            let found = found
                .try_into_data()
                .map_err(|error| PredictError::Net(error.to_string()))?;
            let found = found
                .try_into_vec::<f32>()
                .map_err(|error| PredictError::Net(format!("{error:?}")))?;
            scores.extend(found);
        }
        Ok(scores)
    }
}
