//! What a net minimises, and what its scores mean.

use burn::tensor::activation::{log_sigmoid, log_softmax};
use burn::tensor::{Device, Tensor, TensorData};

use crate::engine::task::Task;

/// The loss of a task, of scores: one a row, of several classes one a class. Numbers are predicted as so many deviations
/// from their mean.
#[derive(Debug, Clone)]
pub(super) struct Loss {
    task: Task,
    pub(super) mean: f64,
    pub(super) scale: f64,
}

impl Loss {
    /// `target`: `[rows]`, of the rows that are learnt from.
    pub(super) fn new(task: &Task, target: &[f32]) -> Self {
        let (mut mean, mut scale) = (0.0, 1.0);
        if task.is_number() {
            let rows = target.len() as f64;
            mean = target.iter().map(|value| f64::from(*value)).sum::<f64>() / rows;
            let squares = target.iter().map(|value| (f64::from(*value) - mean).powi(2));
            let deviation = (squares.sum::<f64>() / rows).sqrt();
            scale = if deviation > 0.0 { deviation } else { 1.0 };
        }
        Self::of(task, mean, scale)
    }

    pub(super) fn of(task: &Task, mean: f64, scale: f64) -> Self {
        Self {
            task: task.clone(),
            mean,
            scale,
        }
    }

    /// The mean loss of some rows, each counting as `weights` say. `scores`: `[rows x width]`; `target`: `[rows]`.
    pub(super) fn mean(
        &self,
        scores: Tensor<2>,
        target: &[f32],
        weights: Option<&[f32]>,
        device: &Device,
    ) -> Tensor<1> {
        let rows = target.len();
        let column = |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [rows, 1]), device);
        let losses = match &self.task {
            Task::Binary { .. } => {
                let target = column(target.to_vec());
                let other = target.clone().mul_scalar(-1.0).add_scalar(1.0);
                (target * log_sigmoid(scores.clone()) + other * log_sigmoid(scores.neg())).neg()
            }
            Task::Multiclass { classes } => {
                let mut is_it = vec![0.0; rows * classes.len()];
                for (row, class) in target.iter().enumerate() {
                    is_it[row * classes.len() + *class as usize] = 1.0;
                }
                let is_it = Tensor::<2>::from_data(TensorData::new(is_it, [rows, classes.len()]), device);
                (log_softmax(scores, 1) * is_it).sum_dim(1).neg()
            }
            Task::Regression => {
                let off = scores - column(self.scaled(target));
                off.clone() * off
            }
            Task::Quantile { quantile } => {
                let below = column(self.scaled(target)) - scores;
                let share = quantile.get();
                let under = below.clone().mul_scalar(share);
                under.max_pair(below.mul_scalar(share - 1.0))
            }
        };
        match weights {
            Some(weights) => (losses * column(weights.to_vec())).mean(),
            None => losses.mean(),
        }
    }

    /// The mean loss as the metric that is watched.
    pub(super) fn as_metric(&self, mean: f64) -> f64 {
        match self.task {
            Task::Binary { .. } | Task::Multiclass { .. } => mean,
            Task::Regression => mean.sqrt() * self.scale,
            Task::Quantile { .. } => mean * self.scale,
        }
    }

    fn scaled(&self, target: &[f32]) -> Vec<f32> {
        let of = |value: &f32| ((f64::from(*value) - self.mean) / self.scale) as f32;
        target.iter().map(of).collect()
    }

    /// Scores that contributions sum to: log-odds, a score a class, or the number. `scores`: `[rows x width]`.
    pub(super) fn explained(&self, scores: &mut [f32]) {
        if self.task.is_number() {
            for score in scores {
                *score = (f64::from(*score) * self.scale + self.mean) as f32;
            }
        }
    }

    /// Predictions from scores: probabilities, or the number. `scores`: `[rows x width]`.
    pub(super) fn answer(&self, scores: &mut [f32]) {
        match &self.task {
            Task::Binary { .. } => scores
                .iter_mut()
                .for_each(|score| *score = 1.0 / (1.0 + (-*score).exp())),
            Task::Multiclass { classes } => scores.chunks_exact_mut(classes.len()).for_each(softmax),
            Task::Regression | Task::Quantile { .. } => self.explained(scores),
        }
    }
}

fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let total: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= total);
}
