//! Trains nets.

use std::borrow::Cow;

use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device as BurnDevice, Tensor, TensorData};
use rand_chacha::rand_core::Rng;
use rayon::ThreadPoolBuilder;

use super::checkpoint::{Best, Checkpoint, Told, moments, with_moments};
use super::input::{input, numbers, places};
use super::loss::Loss;
use super::mlp::{Mlp, Shape};
use super::weights::Weights;
use super::{MlpParams, NetModel};
use crate::base::{Seed, Stop};
use crate::data::split::shuffled;
use crate::engine::class_weight::weigh;
use crate::engine::columns::{Columns, columns};
use crate::engine::device::Device;
use crate::engine::fit::{self, FitData, FitError, How, Part, Round};
use crate::engine::metric::watched;
use crate::engine::task::Task;

/// So many steps' losses are read together. A GPU that something is read from has to do all that it was told before; one
/// that nothing is read from is told of ever more, and is not known to be lost.
const READ_TOGETHER: usize = 32;

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
        device: how.device,
        seed: how.seed,
    };
    let device = how.device;
    let pool = ThreadPoolBuilder::new().num_threads(how.threads.max(1)).build();
    match pool {
        Ok(pool) => pool.install(|| device.run(|| training.run(how))),
        Err(_) => device.run(|| training.run(how)),
    }
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
    device: &'a Device,
    seed: Seed,
}

impl Training<'_> {
    fn run(&self, how: How<'_, '_>) -> Result<NetModel, FitError> {
        let device = self.device.burn().autodiff();
        let mut adam = self.adam();
        let mut at = self.last(how.checkpoints.last());
        let mut net = Mlp::new(&self.shape, &at.weights, &device)?;
        if !at.moments.is_empty() {
            adam = with_moments(adam, std::mem::take(&mut at.moments))?;
        }
        for (epoch, told) in (1..).zip(&at.told) {
            (how.progress)(self.round(epoch, *told));
        }
        while at.told.len() < self.params.epochs && !self.is_patience_over(&at) {
            let epoch = at.told.len() + 1;
            let (trained, loss) = self.epoch(net, &mut adam, epoch, how.stop)?;
            net = trained;
            at.weights = net.weights();
            if !loss.is_finite() || !at.weights.are_finite() {
                return Err(FitError::Diverged { epoch });
            }
            let told = Told {
                train: self.loss.as_metric(loss),
                valid: self.watched(&at.weights, epoch)?,
            };
            at.told.push(told);
            (how.progress)(self.round(epoch, told));
            if let Some(value) = told.valid.filter(|_| self.params.patience > 0)
                && at.best.as_ref().is_none_or(|best| value < best.value)
            {
                at.best = Some(Best {
                    epoch,
                    value,
                    weights: at.weights.clone(),
                });
            }
            if how.checkpoints.is_due() {
                at.moments = moments(&adam)?;
                how.checkpoints.keep(at.to_bytes()?);
                at.moments.clear();
            }
        }
        match at.best {
            Some(best) => self.model(best.weights, best.epoch),
            None => self.model(at.weights, at.told.len()),
        }
    }

    fn adam(&self) -> ModuleOptimizer {
        AdamWConfig::new()
            .with_weight_decay(self.params.weight_decay as f32)
            .with_epsilon(1e-8)
            .init()
    }

    /// Where the training was when it was kept last; its beginning, where nothing was, or nothing of use.
    fn last(&self, kept: Option<Vec<u8>>) -> Checkpoint {
        let kept = kept.and_then(|bytes| Checkpoint::from_bytes(&bytes).ok());
        let builds = |weights: &Weights| Mlp::new(&self.shape, weights, &self.device.burn()).is_ok();
        let fits = |kept: &Checkpoint| {
            builds(&kept.weights)
                && kept.best.as_ref().is_none_or(|best| builds(&best.weights))
                && with_moments(self.adam(), kept.moments.clone()).is_ok()
        };
        kept.filter(fits).unwrap_or_else(|| Checkpoint {
            told: Vec::new(),
            weights: self.shape.begin(self.seed.derive("weights", 0)),
            best: None,
            moments: Vec::new(),
        })
    }

    fn is_patience_over(&self, at: &Checkpoint) -> bool {
        let best = at.best.as_ref();
        best.is_some_and(|best| at.told.len() - best.epoch >= self.params.patience)
    }

    /// What is watched, on the rows that are watched.
    fn watched(&self, weights: &Weights, epoch: usize) -> Result<Option<f64>, FitError> {
        let Some((matrix, target)) = self.data.valid else {
            return Ok(None);
        };
        let answers = self.model(weights.clone(), epoch)?.predict(matrix);
        let answers = answers.map_err(|_| FitError::Diverged { epoch })?;
        Ok(watched::value(
            self.task,
            target,
            &answers,
            self.valid_weights.as_deref(),
        ))
    }

    fn round(&self, epoch: usize, told: Told) -> Round {
        Round {
            round: epoch,
            of: self.params.epochs,
            metric: watched::name(self.task),
            train_metric: Some(told.train),
            valid_metric: told.valid,
        }
    }

    /// Goes through all rows once; the net, and the mean loss of its steps.
    fn epoch(
        &self,
        mut net: Mlp,
        adam: &mut ModuleOptimizer,
        epoch: usize,
        stop: &Stop,
    ) -> Result<(Mlp, f64), FitError> {
        let device = self.device.burn().autodiff();
        let rows = self.data.target.len();
        let order = shuffled(rows, self.seed.derive("epoch", epoch as u64));
        let batches = batches(&order, self.params.batch_size);
        let steps = batches.len();
        let all = (steps * self.params.epochs) as f64;
        let (mut total, mut losses) = (0.0, Vec::with_capacity(READ_TOGETHER));
        for (step, batch) in batches.into_iter().enumerate() {
            if stop.is_asked() {
                return Err(FitError::Stopped);
            }
            let width = self.data.train.cols();
            let values = self.data.train.values();
            let of = batch.iter().map(|row| &values[row * width..(row + 1) * width]);
            let pick = |values: &[f32]| batch.iter().map(|row| values[*row]).collect::<Vec<f32>>();
            let (target, weights) = (pick(self.data.target), self.weights.as_deref().map(pick));
            let done = (epoch - 1) * steps + step;
            let masks = self.masks(batch.len(), done as u64, &device);
            let scores = net.forward(self.shape.activation, input(&self.columns, of, &device), masks);
            let loss = self.loss.mean(scores, &target, weights.as_deref(), &device);
            losses.push((loss.clone().inner(), batch.len()));
            if losses.len() == READ_TOGETHER {
                total += self.read(std::mem::take(&mut losses))?;
            }
            let slopes = GradientsParams::from_grads(loss.backward(), &net);
            let rate =
                self.params.learning_rate * self.params.learning_rate_schedule.share(done as f64 / all);
            net = adam.step(rate, net, slopes);
        }
        total += self.read(losses)?;
        Ok((net, total / rows as f64))
    }

    /// The sum of the mean losses of some batches, each counting as its rows.
    fn read(&self, losses: Vec<(Tensor<1>, usize)>) -> Result<f64, FitError> {
        if losses.is_empty() {
            return Ok(0.0);
        }
        let (losses, rows): (Vec<_>, Vec<_>) = losses.into_iter().unzip();
        let told = Tensor::cat(losses, 0).try_into_data();
        let told = told.map_err(|error| self.device.failed(error))?;
        let told = told.try_into_vec::<f32>();
        let told = told.map_err(|error| self.device.failed(format!("{error:?}")))?;
        let weighed = told
            .iter()
            .zip(rows)
            .map(|(loss, rows)| f64::from(*loss) * rows as f64);
        Ok(weighed.sum())
    }

    /// Of each hidden layer what its values are multiplied with: 0 for those that are left out in this step.
    fn masks(&self, rows: usize, step: u64, device: &BurnDevice) -> Vec<Tensor<2>> {
        if self.params.dropout == 0.0 {
            return Vec::new();
        }
        let left = 1.0 - self.params.dropout;
        let mask = |(layer, &width): (usize, &usize)| {
            let mut rng = self
                .seed
                .derive("dropout", step)
                .derive("layer", layer as u64)
                .rng();
            let of = |_| {
                let drawn = f64::from(rng.next_u32()) / f64::from(u32::MAX);
                if drawn < left { (1.0 / left) as f32 } else { 0.0 }
            };
            let values: Vec<f32> = (0..rows * width).map(of).collect();
            Tensor::from_data(TensorData::new(values, [rows, width]), device)
        };
        self.shape.hidden().iter().enumerate().map(mask).collect()
    }

    fn model(&self, weights: Weights, rounds: usize) -> Result<NetModel, FitError> {
        let features = self.data.train.features().clone();
        let built = (self.shape.clone(), weights);
        Ok(NetModel::new(
            self.task,
            features,
            self.columns.clone(),
            built,
            self.loss.clone(),
            rounds,
        )?)
    }
}

/// The rows in batches; a last one of one row, which has no spread, goes with the one before.
fn batches(order: &[usize], size: usize) -> Vec<&[usize]> {
    let alone = order.len() % size == 1 && order.len() > size;
    let whole = if alone {
        order.len() - size - 1
    } else {
        order.len()
    };
    let mut batches: Vec<&[usize]> = order[..whole].chunks(size).collect();
    if alone {
        batches.push(&order[whole..]);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_batch_and_none_is_alone() {
        for (rows, sizes) in [
            (6, vec![3, 3]),
            (7, vec![3, 4]),
            (8, vec![3, 3, 2]),
            (4, vec![4]),
            (2, vec![2]),
        ] {
            let order: Vec<usize> = (0..rows).collect();
            let batches = batches(&order, 3);
            assert_eq!(batches.iter().map(|batch| batch.len()).collect::<Vec<_>>(), sizes);
            assert_eq!(batches.concat(), order);
        }
    }
}
