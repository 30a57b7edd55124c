//! What every training takes, tells, and fails with.

use super::boost::BoosterError;
use super::device::Device;
use super::matrix::{Matrix, MatrixError};
use super::model::StoredModelError;
use super::param::ParamError;
use super::task::{Task, TaskError};
use crate::base::{Seed, Stop};

/// What a training learns from.
#[derive(Debug, Clone)]
pub struct FitData<'a> {
    /// The rows to learn from. Given away: an algorithm that learns from another form of them frees this one, where
    /// nobody else holds it.
    pub train: Matrix,
    /// Their target, `[rows]`, written as the [`Task`] says.
    pub target: &'a [f32],
    /// How much each row counts, `[rows]`, at least 0; `None`: all the same.
    pub weights: Option<&'a [f32]>,
    /// Rows that are only watched, with their target: for early stopping and progress.
    pub valid: Option<(&'a Matrix, &'a [f32])>,
    /// How much each watched row counts, `[rows]`, at least 0; `None`: all the same.
    pub valid_weights: Option<&'a [f32]>,
    /// Whether the training rows are watched too. It shows overfitting as it comes, and costs: each round
    /// predicts and measures them all, which made a boosting fit of 80,000 x 30 take half as long again.
    pub watch_train: bool,
}

/// How far a training is; told once a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// The round that has just ended, from 1.
    pub round: usize,
    /// How many there will be at most.
    pub of: usize,
    /// The name of the metric that is watched.
    pub metric: &'static str,
    /// The metric on the training rows, where they are watched.
    pub train_metric: Option<f64>,
    /// The metric on the watched rows, where there are some.
    pub valid_metric: Option<f64>,
}

/// Is told of each [`Round`], on the thread that trains.
pub type Progress<'a> = dyn FnMut(Round) + Send + 'a;

/// How a model is trained.
pub struct How<'a, 'p> {
    /// On how many threads; at least 1 is used.
    pub threads: usize,
    /// Where nets are trained.
    pub device: &'a Device,
    /// Where every random choice starts.
    pub seed: Seed,
    /// Whoever wants it to end asks here.
    pub stop: &'a Stop,
    /// Is told of each round.
    pub progress: &'a mut Progress<'p>,
    /// Where it keeps how far it is.
    pub checkpoints: &'a mut dyn Checkpoints,
}

/// Keeps how far a training is, so that another process can go on with it. What is kept is known to the algorithm alone.
pub trait Checkpoints: Send {
    /// What was kept last of the same training: the same rows, parameters and seed.
    fn last(&mut self) -> Option<Vec<u8>>;

    /// Whether it is time to keep something: what is kept costs.
    fn is_due(&mut self) -> bool;

    /// Keeps how far it is, in place of what was kept before.
    fn keep(&mut self, state: Vec<u8>);
}

/// Keeps nothing: for trainings that are short, or done again as a whole.
#[derive(Debug, Clone, Copy)]
pub struct NoCheckpoints;

impl Checkpoints for NoCheckpoints {
    fn last(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn is_due(&mut self) -> bool {
        false
    }

    fn keep(&mut self, _: Vec<u8>) {}
}

/// Which rows an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The rows that are learnt from.
    Train,
    /// The rows that are watched.
    Valid,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Train => "training",
            Self::Valid => "validation",
        })
    }
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// Someone asked to stop.
    #[error("stopped before the training was done")]
    Stopped,
    /// There is nothing in this part.
    #[error("the {0} part has no rows")]
    NoRows(Part),
    /// Rows and targets do not pair up.
    #[error("the {part} part has {rows} rows but {targets} targets")]
    TargetLength {
        /// Which part.
        part: Part,
        /// Its rows.
        rows: usize,
        /// Its targets.
        targets: usize,
    },
    /// A target that is missing or infinite.
    #[error("row {row} of the {part} part has the target {value}; drop the row or mend it")]
    TargetNotFinite {
        /// Which part.
        part: Part,
        /// The row, from 0.
        row: usize,
        /// Its target.
        value: f32,
    },
    /// A target that is the index of no class.
    #[error("row {row} of the {part} part has the target {value}, which is none of the {classes} classes")]
    NotAClass {
        /// Which part.
        part: Part,
        /// The row, from 0.
        row: usize,
        /// Its target.
        value: f32,
        /// How many classes there are.
        classes: usize,
    },
    /// All rows are of one class: there is nothing to tell apart.
    #[error("all rows of the {part} part are of the class {class}; a classification needs two")]
    OneClass {
        /// Which part.
        part: Part,
        /// The class they are of.
        class: String,
    },
    /// Rows and weights do not pair up.
    #[error("the {part} part has {rows} rows but {weights} weights")]
    WeightsLength {
        /// Which part.
        part: Part,
        /// Its rows.
        rows: usize,
        /// Weights.
        weights: usize,
    },
    /// A weight that is no weight.
    #[error("row {row} of the {part} part has the weight {value}; a weight is finite and at least 0")]
    BadWeight {
        /// Which part.
        part: Part,
        /// The row, from 0.
        row: usize,
        /// Its weight.
        value: f32,
    },
    /// No row counts.
    #[error("all weights of the {0} part are 0; nothing can be learnt or watched")]
    NoWeight(Part),
    /// The watched rows have other columns.
    #[error("the validation part has other features than the training part")]
    ValidFeatures,
    /// Early stopping has nothing to watch.
    #[error(
        "to end a training in time (early_stopping_rounds, patience) takes rows to watch, and there are none"
    )]
    NothingToWatch,
    /// More columns than the algorithm can weigh against each other.
    #[error(
        "the features make {columns} columns, and {most} are the most here; join rare levels (min_count), or encode \
         them by the target"
    )]
    TooManyColumns {
        /// How many there are.
        columns: usize,
        /// How many there may be.
        most: usize,
    },
    /// The loss is no number any more.
    #[error(
        "the loss is no number any more in epoch {epoch}; lower learning_rate, or scale what is far out with \
         features.numeric.transform"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// The target never changes.
    #[error("the target is {value} in every period that is learnt from: there is nothing to forecast")]
    Constant {
        /// What it always is.
        value: f64,
    },
    /// Too few periods to learn from.
    #[error(
        "{periods} periods are too few: a window of {window} and a horizon of {horizon} take {needed} at least; bring more, \
         or make forecast.window, forecast.horizon or forecast.season shorter"
    )]
    SeriesTooShort {
        /// How many there are.
        periods: usize,
        /// Periods of a window.
        window: usize,
        /// Periods that are forecast.
        horizon: usize,
        /// How many it takes.
        needed: usize,
    },
    /// An algorithm of another kind of data.
    #[error("the algorithm {algorithm} does not learn from {data}; take {instead}")]
    OtherData {
        /// The algorithm.
        algorithm: &'static str,
        /// What it was given.
        data: &'static str,
        /// Those that do.
        instead: &'static str,
    },
    /// The rows of a series are no matrix.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The GPU was lost.
    #[error(
        "{device} failed in the middle of the training ({reason}); train with --device cpu, or start usina again"
    )]
    Device {
        /// The device's name.
        device: String,
        /// What it said.
        reason: String,
    },
    /// The classes cannot be told apart.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// A parameter is out of range, or does not go with the data.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The boosting library refused, for a reason that is not checked before.
    #[error(transparent)]
    Booster(#[from] BoosterError),
    /// The model was trained, but cannot be written and read back.
    #[error("the trained model cannot be stored: {0}")]
    Stored(#[from] StoredModelError),
}

/// Checks rows, targets and weights against the task; what passes can be learnt from.
///
/// # Errors
/// The first thing that does not hold, by part and row.
pub fn check(data: &FitData, task: &Task) -> Result<(), FitError> {
    task.validate()?;
    check_part(Part::Train, &data.train, data.target, task)?;
    check_two_classes(Part::Train, data.target, task)?;
    if let Some(weights) = data.weights {
        check_weights(Part::Train, weights, data.train.rows())?;
    }
    if let Some((valid, target)) = data.valid {
        if valid.features() != data.train.features() {
            return Err(FitError::ValidFeatures);
        }
        check_part(Part::Valid, valid, target, task)?;
        if let Some(weights) = data.valid_weights {
            check_weights(Part::Valid, weights, valid.rows())?;
        }
    }
    Ok(())
}

fn check_part(part: Part, matrix: &Matrix, target: &[f32], task: &Task) -> Result<(), FitError> {
    if matrix.rows() != target.len() {
        return Err(FitError::TargetLength {
            part,
            rows: matrix.rows(),
            targets: target.len(),
        });
    }
    if target.is_empty() {
        return Err(FitError::NoRows(part));
    }
    let classes = task.classes().len();
    for (row, &value) in target.iter().enumerate() {
        if !value.is_finite() {
            return Err(FitError::TargetNotFinite { part, row, value });
        }
        if classes > 0 && !(value >= 0.0 && value < classes as f32 && value.fract() == 0.0) {
            return Err(FitError::NotAClass {
                part,
                row,
                value,
                classes,
            });
        }
    }
    Ok(())
}

/// Refuses a part whose rows are all of one class. The part has passed [`check_part`].
pub(super) fn check_two_classes(part: Part, target: &[f32], task: &Task) -> Result<(), FitError> {
    let one = target
        .first()
        .filter(|first| target.iter().all(|value| value == *first));
    match one.and_then(|value| task.classes().get(*value as usize)) {
        Some(class) => Err(FitError::OneClass {
            part,
            class: class.clone(),
        }),
        None => Ok(()),
    }
}

/// Checks how much rows count.
///
/// # Errors
/// There is not one weight a row, one is none, or no row counts.
pub(super) fn check_weights(part: Part, weights: &[f32], rows: usize) -> Result<(), FitError> {
    if weights.len() != rows {
        return Err(FitError::WeightsLength {
            part,
            rows,
            weights: weights.len(),
        });
    }
    if let Some((row, &value)) = weights
        .iter()
        .enumerate()
        .find(|(_, weight)| !(weight.is_finite() && **weight >= 0.0))
    {
        return Err(FitError::BadWeight { part, row, value });
    }
    if weights.iter().all(|&weight| weight == 0.0) {
        return Err(FitError::NoWeight(part));
    }
    Ok(())
}
