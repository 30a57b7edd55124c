//! The few distributions that a transaction is drawn from.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Draws numbers from one random sequence.
pub(super) struct Draw<'a>(pub(super) &'a mut ChaCha8Rng);

impl Draw<'_> {
    /// From 0, inclusive, to 1, exclusive, evenly.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Normal, with mean 0 and standard deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        StandardNormal.sample(self.0)
    }

    /// Log-normal: `median` times e to the power of `spread` times a normal.
    pub(super) fn around(&mut self, median: f64, spread: f64) -> f64 {
        median * (spread * self.normal()).exp()
    }

    /// How many events happen when `rate` are expected (Poisson, by Knuth's product; from 30 on the
    /// normal that it comes close to).
    pub(super) fn events(&mut self, rate: f64) -> f64 {
        if rate >= 30.0 {
            return (rate + rate.sqrt() * self.normal()).round().max(0.0);
        }
        let limit = (-rate).exp();
        let mut product = self.uniform();
        let mut count = 0.0;
        while product > limit {
            product *= self.uniform();
            count += 1.0;
        }
        count
    }
}

/// The logistic function: rises from 0 to 1, 1/2 at 0.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
