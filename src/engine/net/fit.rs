//! Trains multi-layer perceptrons.

use std::borrow::Cow;

use burn::tensor::{Device, Tensor};

use super::input::{input, numbers, places};
use super::learn::{Learner, NoAnswer, Pace, learn, mask};
use super::loss::Loss;
use super::mlp::{Mlp, Shape};
use super::weights::Weights;
use super::{MlpParams, NetModel};
use crate::base::Seed;
use crate::engine::class_weight::weigh;
use crate::engine::columns::{Columns, columns};
use crate::engine::fit::{self, FitData, FitError, How, Part};
use crate::engine::metric::watched;
use crate::engine::model::StoredModelError;
use crate::engine::task::Task;

/// Trains a multi-layer perceptron on threads of its own. The same data, parameters and seed give the same model on any
/// number of them, and also where another process goes on with what was kept after an epoch.
///
/// # Errors
/// [`FitError::Stopped`] within a step of `stop` being asked, [`FitError::Diverged`]; otherwise what is wrong with the
/// data or the parameters.
pub fn fit(
    data: &FitData<'_>,
    task: &Task,
    params: &MlpParams,
    how: How<'_, '_>,
) -> Result<NetModel, FitError> {
    fit::check(data, task)?;
    params.validate()?;
    params.validate_task(task)?;
    if params.patience > 0 && data.valid.is_none() {
        return Err(FitError::NothingToWatch);
    }
    let columns = columns(&data.train);
    let of_classes = params.class_weight.of_classes(task, data.target);
    let weights = weigh(of_classes.as_deref(), data.target, data.weights);
    if let Some(weights) = &weights {
        fit::check_weights(Part::Train, weights, data.train.rows())?;
    }
    // Weighed as what is learnt from: else the epoch would be chosen by another loss than the one that falls.
    let valid_weights = data
        .valid
        .and_then(|(_, target)| weigh(of_classes.as_deref(), target, data.valid_weights))
        .map(Cow::into_owned);
    let training = Training {
        data,
        task,
        params,
        shape: shape(params, task, &columns),
        loss: Loss::new(task, data.target),
        columns,
        weights: weights.as_deref().map(of_mean_one),
        valid_weights,
        seed: how.seed,
    };
    let pace = Pace {
        epochs: params.epochs,
        batch_size: params.batch_size,
        learning_rate: params.learning_rate,
        schedule: params.learning_rate_schedule,
        weight_decay: params.weight_decay,
        patience: params.patience,
    };
    let (weights, rounds) = learn(&training, &pace, how)?;
    Ok(training.model(weights, rounds)?)
}

fn shape(params: &MlpParams, task: &Task, columns: &[Columns]) -> Shape {
    let numbers_of = |places: usize| params.embedding_dim.unwrap_or((places / 2).clamp(1, 50));
    let embeddings = places(columns).into_iter();
    Shape {
        numbers: numbers(columns),
        embeddings: embeddings.map(|places| (places, numbers_of(places))).collect(),
        hidden: params.hidden_layer_sizes.clone(),
        outputs: task.width(),
        activation: params.activation,
        norm: params.norm,
    }
}

/// Weights whose mean is 1, so that they do not change the size of steps.
fn of_mean_one(weights: &[f32]) -> Vec<f32> {
    let mean = weights.iter().map(|weight| f64::from(*weight)).sum::<f64>() / weights.len() as f64;
    weights
        .iter()
        .map(|weight| (f64::from(*weight) / mean) as f32)
        .collect()
}

struct Training<'a> {
    data: &'a FitData<'a>,
    task: &'a Task,
    params: &'a MlpParams,
    columns: Vec<Columns>,
    shape: Shape,
    loss: Loss,
    weights: Option<Vec<f32>>,
    valid_weights: Option<Vec<f32>>,
    seed: Seed,
}

impl Learner for Training<'_> {
    type Net = Mlp;

    fn begin(&self) -> Weights {
        self.shape.begin(self.seed.derive("weights", 0))
    }

    fn build(&self, weights: &Weights, device: &Device) -> Result<Mlp, StoredModelError> {
        Mlp::new(&self.shape, weights, device)
    }

    fn weights(&self, net: &Mlp) -> Weights {
        net.weights()
    }

    fn rows(&self) -> usize {
        self.data.target.len()
    }

    fn loss(&self, net: &Mlp, batch: &[usize], step: u64, device: &Device) -> Tensor<1> {
        let width = self.data.train.cols();
        let values = self.data.train.values();
        let of = batch.iter().map(|row| &values[row * width..(row + 1) * width]);
        let pick = |values: &[f32]| batch.iter().map(|row| values[*row]).collect::<Vec<f32>>();
        let (target, weights) = (pick(self.data.target), self.weights.as_deref().map(pick));
        let masks = self.masks(batch.len(), step, device);
        let scores = net.forward(self.shape.activation, input(&self.columns, of, device), masks);
        self.loss.mean(scores, &target, weights.as_deref(), device)
    }

    fn metric(&self) -> &'static str {
        watched::name(self.task)
    }

    fn as_metric(&self, loss: f64) -> f64 {
        self.loss.as_metric(loss)
    }

    fn watched(&self, weights: &Weights) -> Result<Option<f64>, NoAnswer> {
        let Some((matrix, target)) = self.data.valid else {
            return Ok(None);
        };
        let answers = self.model(weights.clone(), 0)?.predict(matrix)?;
        let weights = self.valid_weights.as_deref();
        Ok(watched::value(self.task, target, &answers, weights))
    }
}

impl Training<'_> {
    /// Of each hidden layer what its values are multiplied with: 0 for those that are left out in this step.
    fn masks(&self, rows: usize, step: u64, device: &Device) -> Vec<Tensor<2>> {
        if self.params.dropout == 0.0 {
            return Vec::new();
        }
        let seed = self.seed.derive("dropout", step);
        let mask = |(layer, &width): (usize, &usize)| {
            let seed = seed.derive("layer", layer as u64);
            mask([rows, width], self.params.dropout, seed, device)
        };
        self.shape.hidden().iter().enumerate().map(mask).collect()
    }

    fn model(&self, weights: Weights, rounds: usize) -> Result<NetModel, StoredModelError> {
        let features = self.data.train.features().clone();
        let built = (self.shape.clone(), weights);
        NetModel::new(
            self.task,
            features,
            self.columns.clone(),
            built,
            self.loss.clone(),
            rounds,
        )
    }
}
