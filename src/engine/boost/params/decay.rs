//! How the learning rate falls while a model is trained.

use serde::{Deserialize, Serialize};

use crate::engine::param::{self, ParamError};

/// Step decay: after every `every` rounds the learning rate is multiplied by `rate`, as Keras' `ExponentialDecay` does
/// with a staircase, and XGBoost whose `eta` is set to `eta * rate ** (round // every)` before each round.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct LearningRateDecay {
    /// By how much the rate is multiplied, in (0, 1].
    #[serde(deserialize_with = "param::share")]
    pub rate: f64,
    /// After how many rounds each time.
    pub every: usize,
}

impl LearningRateDecay {
    /// The most steps of one training: at each, all rows are predicted once with the rounds so far.
    pub const MAX_STEPS: usize = 64;

    /// Checks it beside how many rounds there are.
    pub(super) fn validate(&self, rounds: usize) -> Result<(), ParamError> {
        const PARAM: &str = "learning_rate_decay";
        if !(self.rate > 0.0 && self.rate <= 1.0) {
            return Err(ParamError::new(PARAM, self.rate, "a rate above 0, to 1"));
        }
        let steps = rounds.checked_div(self.every).unwrap_or(usize::MAX);
        if steps > Self::MAX_STEPS {
            let least = rounds.div_ceil(Self::MAX_STEPS);
            let expected = format!(
                "{least} rounds or more, so that the rate falls {} times at most",
                Self::MAX_STEPS
            );
            return Err(ParamError::new(PARAM, format!("every {}", self.every), expected));
        }
        Ok(())
    }
}

/// The stretches of a training of `rounds` rounds that have one rate each: how many rounds, and the rate.
pub(in crate::engine::boost) fn stretches(
    rounds: usize,
    rate: f64,
    decay: Option<LearningRateDecay>,
) -> Vec<(usize, f64)> {
    let Some(decay) = decay.filter(|decay| decay.rate < 1.0 && decay.every > 0) else {
        return vec![(rounds, rate)];
    };
    (0..rounds)
        .step_by(decay.every)
        .zip(0..)
        .map(|(begin, step)| (decay.every.min(rounds - begin), rate * decay.rate.powi(step)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_falls_step_by_step_and_the_rounds_are_all_there() {
        let decay = |rate, every| Some(LearningRateDecay { rate, every });
        assert_eq!(stretches(10, 0.4, None), [(10, 0.4)]);
        assert_eq!(stretches(10, 0.4, decay(0.5, 4)), [(4, 0.4), (4, 0.2), (2, 0.1)]);
        assert_eq!(stretches(8, 0.4, decay(0.5, 4)), [(4, 0.4), (4, 0.2)]);
        assert_eq!(stretches(3, 0.4, decay(0.5, 4)), [(3, 0.4)]);
        assert_eq!(stretches(8, 0.4, decay(1.0, 4)), [(8, 0.4)], "no fall is no step");
    }

    #[test]
    fn too_many_steps_and_a_rate_that_rises_are_refused() {
        let check = |rate, every| LearningRateDecay { rate, every }.validate(100);
        assert_eq!(check(0.5, 10), Ok(()));
        for (rate, every, says) in [
            (0.5, 1, "every 1: expected 2 rounds or more"),
            (0.5, 0, "every 0: expected 2 rounds or more"),
            (1.5, 10, "1.5: expected a rate above 0, to 1"),
        ] {
            let told = check(rate, every).unwrap_err().to_string();
            assert!(told.contains(says), "{told}");
        }
    }
}
