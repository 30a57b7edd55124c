//! Early stopping: when to stop waiting for a better round, and which one was the best.

use super::params::{BoostParams, EvalMetric};
use crate::engine::task::Task;

/// Watches a metric round after round.
#[derive(Debug)]
pub(super) struct Patience {
    rounds: usize,
    min_delta: f64,
    /// Whether a larger value is better.
    maximise: bool,
    /// The best round, from 1, and its value.
    best: Option<(usize, f64)>,
}

impl Patience {
    /// What the parameters say of early stopping; none when they want none.
    pub(super) fn new(params: &BoostParams, task: &Task) -> Option<Self> {
        Some(Self {
            rounds: params.early_stopping_rounds?,
            min_delta: params.early_stopping_min_delta,
            maximise: matches!(params.metric(task), EvalMetric::Auc | EvalMetric::AucPr),
            best: None,
        })
    }

    /// Takes in the metric of a round, from 1; whether to go on. A value that is not a number is never better.
    pub(super) fn goes_on(&mut self, round: usize, value: f64) -> bool {
        let is_better = match self.best {
            None => !value.is_nan(),
            Some((_, best)) if self.maximise => value - best > self.min_delta,
            Some((_, best)) => best - value > self.min_delta,
        };
        if is_better {
            self.best = Some((round, value));
        }
        let best = self.best.map_or(0, |(best, _)| best);
        round - best < self.rounds
    }

    /// The best round, from 1.
    pub(super) fn best(&self) -> Option<usize> {
        self.best.map(|(round, _)| round)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(params: &BoostParams, values: &[f64]) -> (usize, Option<usize>) {
        let task = Task::Binary {
            classes: ["no".into(), "yes".into()],
        };
        let mut patience = Patience::new(params, &task).unwrap();
        let last = (1..=values.len()).find(|round| !patience.goes_on(*round, values[round - 1]));
        (last.unwrap_or(values.len()), patience.best())
    }

    #[test]
    fn it_waits_as_long_as_it_is_told_and_knows_the_best_round() {
        let params = BoostParams {
            early_stopping_rounds: Some(2),
            ..BoostParams::default()
        };
        assert_eq!(
            run(&params, &[0.5, 0.4, 0.45, 0.39, 0.41, 0.42, 0.1]),
            (6, Some(4))
        );
        assert_eq!(run(&params, &[0.5, f64::NAN, f64::NAN, 0.1]), (3, Some(1)));
        assert_eq!(run(&params, &[f64::NAN, 0.5, 0.4]), (3, Some(3)));
        assert_eq!(run(&params, &[f64::NAN, f64::NAN, 0.4]), (2, None));
        let auc = BoostParams {
            eval_metric: Some(EvalMetric::Auc),
            ..params.clone()
        };
        assert_eq!(run(&auc, &[0.5, 0.6, 0.6, 0.55]), (4, Some(2)));
        let coarse = BoostParams {
            early_stopping_min_delta: 0.05,
            ..params
        };
        assert_eq!(run(&coarse, &[0.5, 0.47, 0.46, 0.3]), (3, Some(1)));
    }
}
