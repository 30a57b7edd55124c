//! Trains linear models.

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use super::gram::{Rows, width};
use super::loss::Loss;
use super::solve::{Penalty, step};
use super::{LinearModel, LinearParams};
use crate::base::Stop;
use crate::engine::class_weight::weigh;
use crate::engine::columns::columns;
use crate::engine::fit::{self, FitData, FitError, Part, Progress, Round};
use crate::engine::metric::watched;
use crate::engine::task::Task;

/// The most columns: of so many a step takes seconds.
const MAX_COLUMNS: usize = 2_000;
/// Rows of one sum; sums are added in their order.
const BLOCK: usize = 4_096;
/// How often a step is halved before it is given up.
const HALVINGS: usize = 40;

/// Trains a linear model on `threads` threads of their own (at least 1 is used). The same data and parameters give the
/// same model on any number of them; nothing is drawn.
///
/// # Errors
/// [`FitError::Stopped`] within a step of `stop` being asked; otherwise what is wrong with the data or the parameters.
pub fn fit(
    data: &FitData<'_>,
    task: &Task,
    params: &LinearParams,
    threads: usize,
    stop: &Stop,
    progress: &mut Progress,
) -> Result<LinearModel, FitError> {
    fit::check(data, task)?;
    params.validate()?;
    params.validate_task(task)?;
    let columns = columns(&data.train);
    let got = width(&columns);
    if got > MAX_COLUMNS {
        return Err(FitError::TooManyColumns {
            columns: got,
            most: MAX_COLUMNS,
        });
    }
    let of_classes = params.class_weight.of_classes(task, data.target);
    let weights = weigh(of_classes.as_deref(), data.target, data.weights);
    if let Some(weights) = &weights {
        fit::check_weights(Part::Train, weights, data.train.rows())?;
    }
    let valid_weights = data
        .valid
        .and_then(|(_, target)| weigh(of_classes.as_deref(), target, data.valid_weights));
    let mut descent = Descent {
        rows: Rows::new(&data.train, &columns),
        target: data.target,
        weights: weights.as_deref(),
        total: weights.as_deref().map_or(data.target.len() as f64, |weights| {
            weights.iter().map(|weight| f64::from(*weight)).sum()
        }),
        loss: Loss::of(task),
        penalty: Penalty {
            l1: params.alpha * params.l1_ratio,
            l2: params.alpha * (1.0 - params.l1_ratio),
        },
        coefficients: Vec::new(),
        scores: Vec::new(),
        objective: 0.0,
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    let mut run = || -> Result<(Vec<Vec<f64>>, usize), FitError> {
        descent.begin();
        for round in 1..=params.max_iter {
            let before = descent.objective;
            for class in 0..descent.loss.scores() {
                if stop.is_asked() {
                    return Err(FitError::Stopped);
                }
                descent.step(class, stop)?;
            }
            descent.centre();
            let is_done = before - descent.objective <= params.tol * before.abs().max(f64::MIN_POSITIVE);
            let told = LinearModel::new(
                task,
                data.train.features(),
                &columns,
                &descent.coefficients,
                round,
            );
            progress(Round {
                round,
                of: if is_done { round } else { params.max_iter },
                metric: watched::name(task),
                train_metric: data
                    .watch_train
                    .then(|| told.watched(&data.train, data.target, weights.as_deref()))
                    .flatten(),
                valid_metric: data
                    .valid
                    .and_then(|(matrix, target)| told.watched(matrix, target, valid_weights.as_deref())),
            });
            if is_done {
                return Ok((std::mem::take(&mut descent.coefficients), round));
            }
        }
        Ok((std::mem::take(&mut descent.coefficients), params.max_iter))
    };
    let (coefficients, rounds) = match pool {
        Ok(pool) => pool.install(run)?,
        Err(_) => run()?,
    };
    Ok(LinearModel::new(
        task,
        data.train.features(),
        &columns,
        &coefficients,
        rounds,
    ))
}

/// Where the minimisation is.
struct Descent<'a> {
    rows: Rows<'a>,
    target: &'a [f32],
    weights: Option<&'a [f32]>,
    /// The sum of the weights.
    total: f64,
    loss: Loss,
    penalty: Penalty,
    /// Of each score, the intercept last: `[scores x width]`.
    coefficients: Vec<Vec<f64>>,
    /// `[rows x scores]`.
    scores: Vec<f64>,
    objective: f64,
}

impl Descent<'_> {
    fn begin(&mut self) {
        let scores = self.loss.scores();
        self.coefficients = vec![vec![0.0; self.rows.width()]; scores];
        self.scores = vec![0.0; self.target.len() * scores];
        self.objective = self.objective_of(&self.scores, &self.coefficients);
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| f64::from(weights[row])) / self.total
    }

    /// One Newton step along the scores of `class`, halved until it makes things better.
    fn step(&mut self, class: usize, stop: &Stop) -> Result<(), FitError> {
        let scores = self.loss.scores();
        let (mut slopes, mut curvatures) = (vec![0.0; self.target.len()], vec![0.0; self.target.len()]);
        for (row, (slope, curvature)) in slopes.iter_mut().zip(&mut curvatures).enumerate() {
            let of = &self.scores[row * scores..(row + 1) * scores];
            let weight = self.weight(row);
            let (along, bend) = self.loss.slope(of, class, self.target[row]);
            (*slope, *curvature) = (weight * along, weight * bend);
        }
        let gram = self
            .rows
            .gram(&curvatures, &slopes, stop)
            .ok_or(FitError::Stopped)?;
        drop((slopes, curvatures));
        let from = self.coefficients[class].clone();
        let wanted = step(gram, &from, self.penalty, stop).ok_or(FitError::Stopped)?;
        let moved = self.rows.times(&wanted);
        let mut share = 1.0;
        for _ in 0..HALVINGS {
            let mut scored = self.scores.clone();
            for (row, by) in moved.iter().enumerate() {
                scored[row * scores + class] += share * by;
            }
            let mut coefficients = self.coefficients.clone();
            coefficients[class] = from.iter().zip(&wanted).map(|(at, by)| at + share * by).collect();
            let objective = self.objective_of(&scored, &coefficients);
            if objective <= self.objective {
                self.scores = scored;
                self.coefficients = coefficients;
                self.objective = objective;
                break;
            }
            share /= 2.0;
        }
        Ok(())
    }

    /// Takes from the coefficients of all classes what they have in common: it moves every score of a row alike, which
    /// changes no probability, and costs.
    fn centre(&mut self) {
        let scores = self.loss.scores();
        if scores == 1 || self.penalty.l1 > 0.0 {
            return;
        }
        let mut common = vec![0.0; self.rows.width()];
        for of in &self.coefficients {
            common
                .iter_mut()
                .zip(of)
                .for_each(|(common, of)| *common += of / scores as f64);
        }
        let moved = self.rows.times(&common);
        for of in &mut self.coefficients {
            of.iter_mut().zip(&common).for_each(|(of, common)| *of -= common);
        }
        for (row, by) in self.scores.chunks_exact_mut(scores).zip(&moved) {
            row.iter_mut().for_each(|score| *score -= by);
        }
        self.objective = self.objective_of(&self.scores, &self.coefficients);
    }

    fn objective_of(&self, scores: &[f64], coefficients: &[Vec<f64>]) -> f64 {
        let of = self.loss.scores();
        let blocks: Vec<f64> = scores
            .par_chunks(BLOCK * of)
            .enumerate()
            .map(|(block, scores)| {
                let losses = scores.chunks_exact(of).enumerate().map(|(at, scores)| {
                    let row = block * BLOCK + at;
                    self.weight(row) * self.loss.value(scores, self.target[row])
                });
                losses.sum::<f64>()
            })
            .collect();
        let penalties = coefficients.iter().map(|of| self.penalty.value(of));
        blocks.iter().sum::<f64>() + penalties.sum::<f64>()
    }
}
