//! What is minimised, row by row: half a squared error, or a log-loss.

use crate::engine::task::Task;

/// The loss of a task's rows, of scores: one a row, of several classes one a class.
#[derive(Debug, Clone, Copy)]
pub(super) enum Loss {
    /// Half the squared error; the score is the prediction.
    Squared,
    /// The log-loss of two classes; the score is the log-odds of the positive one.
    Logistic,
    /// The log-loss of so many classes; the scores' softmax are the probabilities.
    Softmax(usize),
}

impl Loss {
    pub(super) fn of(task: &Task) -> Self {
        match task {
            Task::Regression | Task::Quantile { .. } => Self::Squared,
            Task::Binary { .. } => Self::Logistic,
            Task::Multiclass { classes } => Self::Softmax(classes.len()),
        }
    }

    /// Scores of a row.
    pub(super) fn scores(self) -> usize {
        match self {
            Self::Squared | Self::Logistic => 1,
            Self::Softmax(classes) => classes,
        }
    }

    /// The loss of a row. `scores`: `[scores]`.
    pub(super) fn value(self, scores: &[f64], target: f32) -> f64 {
        let target_number = f64::from(target);
        match self {
            Self::Squared => (target_number - scores[0]).powi(2) / 2.0,
            Self::Logistic => softplus(scores[0]) - target_number * scores[0],
            Self::Softmax(_) => log_sum_exp(scores) - scores[target as usize],
        }
    }

    /// The slope and the curvature of a row's loss along the score `of`.
    pub(super) fn slope(self, scores: &[f64], of: usize, target: f32) -> (f64, f64) {
        match self {
            Self::Squared => (scores[0] - f64::from(target), 1.0),
            Self::Logistic => {
                let probability = logistic(scores[0]);
                (probability - f64::from(target), probability * (1.0 - probability))
            }
            Self::Softmax(_) => {
                let probability = (scores[of] - log_sum_exp(scores)).exp();
                let is_it = f64::from(u8::from(target as usize == of));
                (probability - is_it, probability * (1.0 - probability))
            }
        }
    }
}

pub(super) fn logistic(score: f64) -> f64 {
    // Either way without an overflow.
    if score >= 0.0 {
        1.0 / (1.0 + (-score).exp())
    } else {
        let odds = score.exp();
        odds / (1.0 + odds)
    }
}

fn softplus(score: f64) -> f64 {
    score.max(0.0) + (-score.abs()).exp().ln_1p()
}

fn log_sum_exp(scores: &[f64]) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + scores.iter().map(|score| (score - most).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_and_curvatures_are_those_of_the_loss() {
        let scores = [0.3, -1.2, 0.7];
        for (loss, target) in [
            (Loss::Squared, 1.5),
            (Loss::Logistic, 1.0),
            (Loss::Logistic, 0.0),
            (Loss::Softmax(3), 2.0),
        ] {
            for of in 0..loss.scores() {
                let at = |step: f64| {
                    let mut moved = scores;
                    moved[of] += step;
                    loss.value(&moved[..loss.scores()], target)
                };
                let (slope, curvature) = loss.slope(&scores[..loss.scores()], of, target);
                let step = 1e-4;
                assert!((slope - (at(step) - at(-step)) / (2.0 * step)).abs() < 1e-6);
                let second = (at(step) - 2.0 * at(0.0) + at(-step)) / (step * step);
                assert!((curvature - second).abs() < 1e-4, "{loss:?} {curvature} {second}");
            }
        }
        assert!(Loss::Logistic.value(&[1e4], 0.0).is_finite() && logistic(-1e4) == 0.0);
    }
}
