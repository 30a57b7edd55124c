//! How a model is trained: the algorithm and its parameters, as a recipe names them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::boost::{self, BoostParams};
use super::device::Device;
use super::factor::{AlsParams, NmfParams};
use super::fit::{FitData, FitError, How, NoCheckpoints, Progress};
use super::linear::{self, LinearParams};
use super::matrix::Feature;
use super::model::Model;
use super::net::lstm::LstmParams;
use super::net::{self, MlpParams};
use super::param::ParamError;
use super::task::Task;
use crate::base::{Seed, Stop};

/// An algorithm with its parameters; in a recipe a table of the algorithm's name, `[algorithm.boost]`.
// Tagged from outside: with a tag inside, serde buffers the table, and a wrong value loses its line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// Gradient-boosted trees.
    Boost(BoostParams),
    /// Least squares and logistic regression.
    Linear(LinearParams),
    /// A multi-layer perceptron.
    Mlp(MlpParams),
    /// An LSTM, which reads windows of a series.
    Lstm(LstmParams),
    /// Non-negative matrix factorisation of ratings.
    Nmf(NmfParams),
    /// Alternating least squares on what users did with items.
    Als(AlsParams),
}

/// What an algorithm learns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learns {
    /// Rows, each by itself; also those that a series makes.
    Rows,
    /// The periods of a series.
    Series,
    /// What users did with items.
    Ratings,
}

impl Algorithm {
    /// The algorithm's name, as serde writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Boost(_) => "boost",
            Self::Linear(_) => "linear",
            Self::Mlp(_) => "mlp",
            Self::Lstm(_) => "lstm",
            Self::Nmf(_) => "nmf",
            Self::Als(_) => "als",
        }
    }

    /// Checks the parameters, alone and beside one another.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        match self {
            Self::Boost(params) => params.validate(),
            Self::Linear(params) => params.validate(),
            Self::Mlp(params) => params.validate(),
            Self::Lstm(params) => params.validate(),
            Self::Nmf(params) => params.validate(),
            Self::Als(params) => params.validate(),
        }
    }

    /// Checks the parameters beside what is predicted.
    ///
    /// # Errors
    /// Names the first that does not go with it.
    pub fn validate_task(&self, task: &Task) -> Result<(), ParamError> {
        match self {
            Self::Boost(params) => params.validate_task(task),
            Self::Linear(params) => params.validate_task(task),
            Self::Mlp(params) => params.validate_task(task),
            Self::Lstm(_) | Self::Nmf(_) | Self::Als(_) => Ok(()),
        }
    }

    /// Checks the parameters beside the features.
    ///
    /// # Errors
    /// Names the first that does not go with them.
    pub fn validate_features(&self, features: &[Feature]) -> Result<(), ParamError> {
        match self {
            Self::Boost(params) => params.validate_features(features),
            Self::Linear(_) | Self::Mlp(_) | Self::Lstm(_) | Self::Nmf(_) | Self::Als(_) => Ok(()),
        }
    }

    /// Whether it can predict a quantile in place of the mean.
    pub fn knows_quantiles(&self) -> bool {
        match self {
            Self::Boost(_) | Self::Mlp(_) => true,
            Self::Linear(_) | Self::Lstm(_) | Self::Nmf(_) | Self::Als(_) => false,
        }
    }

    /// What it learns from.
    pub fn learns(&self) -> Learns {
        match self {
            Self::Boost(_) | Self::Linear(_) | Self::Mlp(_) => Learns::Rows,
            Self::Lstm(_) => Learns::Series,
            Self::Nmf(_) | Self::Als(_) => Learns::Ratings,
        }
    }

    /// Whether it watches rows that it does not learn from, to end in time: some are set apart for it then.
    pub fn watches(&self) -> bool {
        match self {
            Self::Boost(params) => params.early_stopping_rounds.is_some(),
            Self::Linear(_) | Self::Nmf(_) | Self::Als(_) => false,
            Self::Mlp(params) => params.patience > 0,
            Self::Lstm(params) => params.patience > 0,
        }
    }

    /// Whether it is a net, which may run on a GPU.
    pub fn is_net(&self) -> bool {
        match self {
            Self::Mlp(_) | Self::Lstm(_) => true,
            Self::Boost(_) | Self::Linear(_) | Self::Nmf(_) | Self::Als(_) => false,
        }
    }

    /// Trains a model on the CPU. The same data, task, parameters and seed give the same model on any number of
    /// `threads` (at least 1 is used).
    ///
    /// # Errors
    /// [`FitError::Stopped`] within a round of `stop` being asked; otherwise what is wrong with the data
    /// or the parameters.
    pub fn fit(
        &self,
        data: FitData,
        task: &Task,
        threads: usize,
        seed: Seed,
        stop: &Stop,
        progress: &mut Progress,
    ) -> Result<Model, FitError> {
        let how = How {
            threads,
            device: &Device::cpu(),
            seed,
            stop,
            progress,
            checkpoints: &mut NoCheckpoints,
        };
        self.fit_on(data, task, how)
    }

    /// As [`Algorithm::fit`], going on from where the same training was when it kept something last. That makes the
    /// same model as if it had never been interrupted.
    ///
    /// # Errors
    /// As [`Algorithm::fit`].
    pub fn fit_on(&self, data: FitData, task: &Task, how: How<'_, '_>) -> Result<Model, FitError> {
        let How {
            threads, seed, stop, ..
        } = how;
        match self {
            Self::Boost(params) => {
                boost::fit(data, task, params, threads, seed, stop, how.progress).map(Model::Boost)
            }
            Self::Linear(params) => {
                linear::fit(&data, task, params, threads, stop, how.progress).map(Model::Linear)
            }
            Self::Mlp(params) => {
                let model = net::fit(&data, task, params, how)?;
                Ok(Model::Net(Arc::new(model)))
            }
            Self::Lstm(_) => Err(FitError::OtherData {
                algorithm: self.name(),
                data: "rows without an order",
                instead: "boost, linear or mlp, or say what is forecast in [forecast]",
            }),
            Self::Nmf(_) | Self::Als(_) => Err(FitError::OtherData {
                algorithm: self.name(),
                data: "rows without users and items",
                instead: "boost, linear or mlp, or say who rates what in [recommend]",
            }),
        }
    }
}
