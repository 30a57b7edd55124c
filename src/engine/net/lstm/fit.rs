//! Trains an LSTM on windows.

use burn::tensor::{Device, Tensor, TensorData};

use super::layer::Form;
use super::net::{Dropout, LstmNet, Shape};
use super::{LstmModel, LstmParams, Sequences};
use crate::base::Seed;
use crate::engine::fit::{FitError, How, Part};
use crate::engine::model::StoredModelError;
use crate::engine::net::learn::{Learner, NoAnswer, Pace, learn};
use crate::engine::net::weights::Weights;

/// Trains an LSTM to tell what comes after each window, by the mean squared error. `valid`: windows that are only watched;
/// `unit`: what 1 of the target stands for, in which errors are told. The same windows, parameters and seed give the same
/// model on any number of threads, and also where another process goes on with what was kept after an epoch.
///
/// # Errors
/// [`FitError::Stopped`] within a step of being asked, [`FitError::Diverged`], and what is wrong with the windows or the
/// parameters.
pub fn fit(
    train: &Sequences,
    valid: Option<&Sequences>,
    outputs: usize,
    unit: f64,
    params: &LstmParams,
    how: How<'_, '_>,
) -> Result<LstmModel, FitError> {
    params.validate()?;
    if train.is_empty() {
        return Err(FitError::NoRows(Part::Train));
    }
    if params.patience > 0 && valid.is_none_or(Sequences::is_empty) {
        return Err(FitError::NothingToWatch);
    }
    let training = Training {
        train,
        valid,
        unit,
        shape: Shape {
            inputs: train.inputs,
            extras: train.extras,
            hidden: params.hidden_layer_sizes.clone(),
            outputs,
        },
        form: Form::on(how.device),
        dropout: params.dropout,
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
    Ok(LstmModel::new(training.shape, weights, rounds)?)
}

struct Training<'a> {
    train: &'a Sequences,
    valid: Option<&'a Sequences>,
    unit: f64,
    shape: Shape,
    form: Form,
    dropout: f64,
    seed: Seed,
}

impl Learner for Training<'_> {
    type Net = LstmNet;

    fn begin(&self) -> Weights {
        self.shape.begin(self.seed.derive("weights", 0))
    }

    fn build(&self, weights: &Weights, device: &Device) -> Result<LstmNet, StoredModelError> {
        LstmNet::new(&self.shape, weights, device)
    }

    fn weights(&self, net: &LstmNet) -> Weights {
        net.weights()
    }

    fn rows(&self) -> usize {
        self.train.len()
    }

    fn loss(&self, net: &LstmNet, batch: &[usize], step: u64, device: &Device) -> Tensor<1> {
        let dropout = (self.dropout > 0.0).then(|| Dropout {
            share: self.dropout,
            seed: self.seed.derive("dropout", step),
        });
        let told = net.forward(self.form, self.train, batch, dropout, device);
        let outputs = self.shape.outputs;
        let target = TensorData::new(self.train.target_of(batch, outputs), [batch.len(), outputs]);
        let off = told - Tensor::from_data(target, device);
        (off.clone() * off).mean()
    }

    fn metric(&self) -> &'static str {
        "rmse"
    }

    fn as_metric(&self, loss: f64) -> f64 {
        loss.sqrt() * self.unit
    }

    fn watched(&self, weights: &Weights) -> Result<Option<f64>, NoAnswer> {
        let Some(valid) = self.valid else {
            return Ok(None);
        };
        let told = LstmModel::new(self.shape.clone(), weights.clone(), 0)?.predict(valid)?;
        let pairs = told.iter().zip(&valid.target);
        let squares: f64 = pairs.map(|(told, target)| f64::from(told - target).powi(2)).sum();
        let mean = squares / told.len() as f64;
        if mean.is_finite() {
            Ok(Some(self.as_metric(mean)))
        } else {
            Err(NoAnswer)
        }
    }
}
