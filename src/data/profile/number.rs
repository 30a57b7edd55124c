//! Streaming summary of one column of numbers.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::bins::bins;
use super::memory::Share;
use super::{DistinctCount, Histogram, NumberCount, Numbers, PointShare, Quantile, QuantileSet};
use crate::base::Seed;
use crate::data::sketch::{Distinct, Frequent, Quantiles};

/// Moments by Welford 1962, a uniform sample of bounded size by Li's algorithm L (1994), of which quantiles and
/// histograms are taken, and sketches.
#[derive(Debug, Clone)]
pub(super) struct NumberProfiler {
    count: u64,
    min: f64,
    max: f64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
    sample: Vec<f64>,
    rng: ChaCha8Rng,
    /// Algorithm L's weight, and the count at which the next value joins the sample.
    weight: f64,
    next: u64,
    sample_max: usize,
    is_whole: bool,
    distinct: Distinct,
    /// The value before, which is most often the next one's, and is counted in `distinct` already.
    last: Option<u64>,
    /// Values by what tells them apart, until there are too many.
    frequent: Option<Frequent<Named>>,
}

/// A value, and the bits that tell it from others: of whole numbers their own, of which a float knows 53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Named {
    bits: u64,
    value: u64,
}

impl NumberProfiler {
    pub(super) fn new(seed: Seed, is_whole: bool, memory: Share) -> Self {
        Self {
            count: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            mean: 0.0,
            squares: 0.0,
            sample: Vec::new(),
            rng: seed.rng(),
            weight: 1.0,
            next: 0,
            sample_max: memory.sample,
            is_whole,
            distinct: Distinct::with_exact(memory.distinct),
            last: None,
            frequent: Some(Frequent::new(memory.counted)),
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn distinct(&self) -> DistinctCount {
        DistinctCount {
            count: self.distinct.count(),
            exact: self.distinct.is_exact(),
        }
    }

    /// Takes in a finite value; `bits` tell it from all others.
    pub(super) fn see(&mut self, value: f64, bits: u64) {
        self.sketch(value, bits);
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        if self.sample.len() < self.sample_max {
            self.sample.push(value);
            if self.sample.len() == self.sample_max {
                self.skip();
            }
        } else if self.count == self.next {
            let place = (self.uniform() * self.sample_max as f64) as usize;
            self.sample[place.min(self.sample_max - 1)] = value;
            self.skip();
        }
    }

    fn sketch(&mut self, value: f64, bits: u64) {
        // Quantiles come from the sample: a t-digest cost 47 ns a value, five times as much as all of this.
        if self.last != Some(bits) {
            self.last = Some(bits);
            self.distinct.see_bits(bits);
        }
        if let Some(frequent) = &mut self.frequent {
            frequent.see(&Named {
                bits,
                value: (value + 0.0).to_bits(),
            });
            if frequent.lost() > 0 {
                self.frequent = None;
            }
        }
    }

    /// Decides which value joins the sample next: the values between need no random number.
    fn skip(&mut self) {
        self.weight *= (self.uniform().ln() / self.sample_max as f64).exp();
        let gap = (self.uniform().ln() / (-self.weight).ln_1p()).floor();
        self.next = self.count.saturating_add(gap as u64).saturating_add(1);
    }

    /// Between 0 and 1, both exclusive.
    fn uniform(&mut self) -> f64 {
        ((self.rng.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    pub(super) fn finish(mut self) -> Option<Numbers> {
        if self.count == 0 {
            return None;
        }
        let sd = if self.count > 1 {
            (self.squares / (self.count - 1) as f64).sqrt()
        } else {
            0.0
        };
        self.sample.sort_unstable_by(f64::total_cmp);
        let exact = self.count == self.sample.len() as u64;
        let mut sampled = Quantiles::default();
        self.sample.iter().for_each(|&value| sampled.see(value));
        let quantiles = sampled.quantiles(&QuantileSet::RANKS).map(|values| {
            let values = QuantileSet::RANKS.into_iter().zip(values);
            QuantileSet {
                values: values.map(|(rank, value)| Quantile { rank, value }).collect(),
                exact,
            }
        });
        let bins = bins(&self.sample, self.min, self.max, self.is_whole, exact);
        let top = self.frequent.map(Frequent::top).unwrap_or_default();
        let top = top.into_iter().map(|(named, count)| NumberCount {
            value: f64::from_bits(named.value),
            count,
        });
        // Values near ±1.8e308 overflow the moments; a profile that JSON cannot hold helps nobody.
        let bounded = |number: f64| number.clamp(-f64::MAX, f64::MAX);
        let or_max = |number: f64| {
            if number.is_nan() {
                f64::MAX
            } else {
                bounded(number)
            }
        };
        Some(Numbers {
            min: self.min,
            max: self.max,
            mean: if self.mean.is_nan() {
                f64::midpoint(self.min, self.max)
            } else {
                bounded(self.mean)
            },
            sd: or_max(sd),
            histogram: histogram(&self.sample, self.min, self.max),
            quantiles,
            bins: Some(bins),
            top: top.collect(),
        })
    }
}

/// `sample`: sorted, not empty. `min`, `max`: of all values, so that none lies outside the edges.
fn histogram(sample: &[f64], min: f64, max: f64) -> Histogram {
    const BINS: usize = 10;
    let mut edges = vec![min];
    edges.extend((1..BINS).map(|decile| sample[decile * (sample.len() - 1) / BINS]));
    edges.push(max);
    edges.dedup();
    let below = |edge: f64| sample.partition_point(|&value| value < edge) as f64;
    let last = edges.len().saturating_sub(2);
    let shares = edges.windows(2).enumerate().map(|(bin, edge)| {
        let upper = if bin == last {
            sample.len() as f64
        } else {
            below(edge[1])
        };
        (upper - below(edge[0])) / sample.len() as f64
    });
    let shares = shares.collect();
    Histogram {
        edges,
        shares,
        sampled: sample.len() as u64,
        points: Some(points(sample)),
    }
}

/// The values that are a large share of the sample by themselves; of values that are all different, none.
fn points(sample: &[f64]) -> Vec<PointShare> {
    let least = (Histogram::POINT * sample.len() as f64).max(2.0);
    sample
        .chunk_by(|a, b| a == b)
        .filter(|equal| equal.len() as f64 >= least)
        .map(|equal| PointShare {
            // Of 0 and −0, one.
            value: equal[0] + 0.0,
            share: equal.len() as f64 / sample.len() as f64,
        })
        .collect()
}
