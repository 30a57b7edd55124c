//! The loop that every net learns in: epochs of steps, Adam, early stopping, checkpoints.

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device as BurnDevice, Tensor, TensorData};
use rand_chacha::rand_core::Rng;
use rayon::ThreadPoolBuilder;

use super::checkpoint::{Best, Checkpoint, Told, moments, with_moments};
use super::params::Schedule;
use super::weights::Weights;
use crate::base::{Seed, Stop};
use crate::data::split::shuffled;
use crate::engine::device::Device;
use crate::engine::fit::{FitError, How, Round};
use crate::engine::model::{PredictError, StoredModelError};

/// So many steps' losses are read together. A GPU that something is read from has to do all that it was told before; one
/// that nothing is read from is told of ever more, and is not known to be lost.
const READ_TOGETHER: usize = 32;

/// A net that learns, and what it learns from.
pub(super) trait Learner: Sync {
    /// The net on a device.
    type Net: Module + Send;

    /// Weights to begin with.
    fn begin(&self) -> Weights;

    /// The net of these weights.
    fn build(&self, weights: &Weights, device: &BurnDevice) -> Result<Self::Net, StoredModelError>;

    /// The weights that a net has now.
    fn weights(&self, net: &Self::Net) -> Weights;

    /// How many rows there are to learn from.
    fn rows(&self) -> usize;

    /// The mean loss of the rows at `batch` in the step `step` of the whole training, from 0.
    fn loss(&self, net: &Self::Net, batch: &[usize], step: u64, device: &BurnDevice) -> Tensor<1>;

    /// What the metric is called that is told of each epoch.
    fn metric(&self) -> &'static str;

    /// A mean loss as that metric.
    fn as_metric(&self, loss: f64) -> f64;

    /// The metric on rows that are only watched, the less the better; none where there are no such rows.
    fn watched(&self, weights: &Weights) -> Result<Option<f64>, NoAnswer>;
}

/// The net has none for rows that are watched: its weights are no numbers any more.
#[derive(Debug)]
pub(super) struct NoAnswer;

impl From<PredictError> for NoAnswer {
    fn from(_: PredictError) -> Self {
        Self
    }
}

impl From<StoredModelError> for NoAnswer {
    fn from(_: StoredModelError) -> Self {
        Self
    }
}

/// How fast a net learns, and for how long.
pub(super) struct Pace {
    pub(super) epochs: usize,
    pub(super) batch_size: usize,
    pub(super) learning_rate: f64,
    pub(super) schedule: Schedule,
    pub(super) weight_decay: f64,
    /// Epochs without a better one until it ends; 0: it goes through all of them.
    pub(super) patience: usize,
}

/// Has a net learn, on threads of its own: its weights, and the epoch that they are of. The same data, pace and seed
/// give the same weights on any number of threads, and also where another process goes on with what was kept after an
/// epoch.
///
/// # Errors
/// [`FitError::Stopped`] within a step of `stop` being asked, [`FitError::Diverged`].
pub(super) fn learn<L: Learner>(
    learner: &L,
    pace: &Pace,
    how: How<'_, '_>,
) -> Result<(Weights, usize), FitError> {
    let device = how.device;
    let learning = Learning {
        learner,
        pace,
        device,
        seed: how.seed,
    };
    let pool = ThreadPoolBuilder::new().num_threads(how.threads.max(1)).build();
    match pool {
        Ok(pool) => pool.install(|| device.run(|| learning.run(how))),
        Err(_) => device.run(|| learning.run(how)),
    }
}

struct Learning<'a, L> {
    learner: &'a L,
    pace: &'a Pace,
    device: &'a Device,
    seed: Seed,
}

impl<L: Learner> Learning<'_, L> {
    fn run(&self, how: How<'_, '_>) -> Result<(Weights, usize), FitError> {
        let device = self.device.burn().autodiff();
        let mut adam = self.adam();
        let mut at = self.last(how.checkpoints.last());
        let mut net = self.learner.build(&at.weights, &device)?;
        if !at.moments.is_empty() {
            adam = with_moments(adam, std::mem::take(&mut at.moments))?;
        }
        for (epoch, told) in (1..).zip(&at.told) {
            (how.progress)(self.round(epoch, *told));
        }
        while at.told.len() < self.pace.epochs && !self.is_patience_over(&at) {
            let epoch = at.told.len() + 1;
            let (trained, loss) = self.epoch(net, &mut adam, epoch, how.stop)?;
            net = trained;
            at.weights = self.learner.weights(&net);
            if !loss.is_finite() || !at.weights.are_finite() {
                return Err(FitError::Diverged { epoch });
            }
            let watched = self.learner.watched(&at.weights);
            let told = Told {
                train: self.learner.as_metric(loss),
                valid: watched.map_err(|NoAnswer| FitError::Diverged { epoch })?,
            };
            at.told.push(told);
            (how.progress)(self.round(epoch, told));
            if let Some(value) = told.valid.filter(|_| self.pace.patience > 0)
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
        Ok(match at.best {
            Some(best) => (best.weights, best.epoch),
            None => (at.weights, at.told.len()),
        })
    }

    fn adam(&self) -> ModuleOptimizer {
        AdamWConfig::new()
            .with_weight_decay(self.pace.weight_decay as f32)
            .with_epsilon(1e-8)
            .init()
    }

    /// Where the training was when it was kept last; its beginning, where nothing was, or nothing of use.
    fn last(&self, kept: Option<Vec<u8>>) -> Checkpoint {
        let kept = kept.and_then(|bytes| Checkpoint::from_bytes(&bytes).ok());
        let builds = |weights: &Weights| self.learner.build(weights, &self.device.burn()).is_ok();
        let fits = |kept: &Checkpoint| {
            builds(&kept.weights)
                && kept.best.as_ref().is_none_or(|best| builds(&best.weights))
                && with_moments(self.adam(), kept.moments.clone()).is_ok()
        };
        kept.filter(fits).unwrap_or_else(|| Checkpoint {
            told: Vec::new(),
            weights: self.learner.begin(),
            best: None,
            moments: Vec::new(),
        })
    }

    fn is_patience_over(&self, at: &Checkpoint) -> bool {
        let best = at.best.as_ref();
        best.is_some_and(|best| at.told.len() - best.epoch >= self.pace.patience)
    }

    fn round(&self, epoch: usize, told: Told) -> Round {
        Round {
            round: epoch,
            of: self.pace.epochs,
            metric: self.learner.metric(),
            train_metric: Some(told.train),
            valid_metric: told.valid,
        }
    }

    /// Goes through all rows once; the net, and the mean loss of its steps.
    fn epoch(
        &self,
        mut net: L::Net,
        adam: &mut ModuleOptimizer,
        epoch: usize,
        stop: &Stop,
    ) -> Result<(L::Net, f64), FitError> {
        let device = self.device.burn().autodiff();
        let rows = self.learner.rows();
        let order = shuffled(rows, self.seed.derive("epoch", epoch as u64));
        let batches = batches(&order, self.pace.batch_size);
        let steps = batches.len();
        let all = (steps * self.pace.epochs) as f64;
        let (mut total, mut losses) = (0.0, Vec::with_capacity(READ_TOGETHER));
        for (step, batch) in batches.into_iter().enumerate() {
            if stop.is_asked() {
                return Err(FitError::Stopped);
            }
            let done = (epoch - 1) * steps + step;
            let loss = self.learner.loss(&net, batch, done as u64, &device);
            losses.push((loss.clone().inner(), batch.len()));
            if losses.len() == READ_TOGETHER {
                total += self.read(std::mem::take(&mut losses))?;
            }
            let slopes = GradientsParams::from_grads(loss.backward(), &net);
            let rate = self.pace.learning_rate * self.pace.schedule.share(done as f64 / all);
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
}

/// What values of this shape are multiplied with in a step: 0 for a share of `dropout`, and for the others what makes
/// up for them.
pub(super) fn mask<const D: usize>(
    shape: [usize; D],
    dropout: f64,
    seed: Seed,
    device: &BurnDevice,
) -> Tensor<D> {
    let left = 1.0 - dropout;
    let mut rng = seed.rng();
    let of = |_| {
        let drawn = f64::from(rng.next_u32()) / f64::from(u32::MAX);
        if drawn < left { (1.0 / left) as f32 } else { 0.0 }
    };
    let values: Vec<f32> = (0..shape.iter().product::<usize>()).map(of).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
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
