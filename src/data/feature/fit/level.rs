//! What is learnt of levels, in one pass.

use std::collections::HashMap;

use super::super::category::CategoryEncoder;
use super::super::cross_fit::Folds;
use super::super::encoder::{Level, LevelEncoder};
use super::super::level_values::LevelValues;
use super::super::plan::LevelPlan;
use super::super::spec::{Encode, Unknown};
use super::super::target::TargetKind;
use super::means::{Means, Smoothing};

/// Learns from one level after the other.
#[derive(Debug)]
pub(super) struct LevelFitter {
    counts: Vec<u64>,
    missing: u64,
    means: Option<Means>,
}

/// What was learnt: the encoder, and of one that goes by the target, that of each fold's rows.
pub(super) struct LearntLevels {
    pub(super) encoder: LevelEncoder,
    pub(super) folds: Vec<LevelEncoder>,
}

impl LevelFitter {
    pub(super) fn new(levels: usize, encode: Encode, target: &TargetKind) -> Self {
        Self {
            counts: vec![0; levels],
            missing: 0,
            means: (encode == Encode::Target).then(|| Means::new(levels, target)),
        }
    }

    pub(super) fn is_by_target(&self) -> bool {
        self.means.is_some()
    }

    /// `told`: the row's fold and target, where those are needed.
    #[inline]
    pub(super) fn see(&mut self, level: Level, told: Option<(usize, f32)>) {
        match level {
            Level::Known(level) => self.counts[level] += 1,
            Level::Missing | Level::Unknown => self.missing += 1,
        }
        if let (Some(means), Some((fold, target))) = (&mut self.means, told) {
            means.see(level, fold, target);
        }
    }

    /// The level that comes most often, the first of several; none when none was seen.
    pub(super) fn most(&self) -> Option<usize> {
        // Of equal counts `max_by_key` takes the last: levels are looked at from the last one down.
        let most = (0..self.counts.len())
            .rev()
            .max_by_key(|&level| self.counts[level]);
        most.filter(|&level| self.counts[level] > 0)
    }

    /// `levels`: what they are called, in their order; none for combinations. `missing_as`: the level that
    /// missing cells count as.
    pub(super) fn finish(
        mut self,
        plan: &LevelPlan,
        levels: &[String],
        missing_as: Option<usize>,
        target: &TargetKind,
    ) -> LearntLevels {
        let alone = |encoder| LearntLevels {
            encoder,
            folds: Vec::new(),
        };
        if let Some(means) = &self.means {
            let smoothing = Smoothing {
                smooth: plan.smooth,
                unknown: plan.unknown,
                missing_as,
            };
            let of = |without| LevelEncoder::Values(means.values(without, smoothing, target));
            return LearntLevels {
                encoder: of(None),
                folds: (0..Folds::COUNT).map(|fold| of(Some(fold))).collect(),
            };
        }
        if matches!(plan.encode, Encode::Native | Encode::OneHot) {
            let encoder = CategoryEncoder::fit(plan.encode, &self.counts, plan.min_count, plan.unknown);
            return alone(LevelEncoder::Category(match missing_as {
                Some(level) => encoder.with_missing_as(level),
                None => encoder,
            }));
        }
        let (values, unknown) = match (plan.encode, &plan.order) {
            (Encode::Ordinal, Some(order)) => {
                let places: HashMap<&String, usize> = order.iter().zip(0..).collect();
                let places = levels.iter().filter_map(|level| places.get(level));
                (places.map(|&place| place as f64).collect(), -1.0)
            }
            (Encode::Ordinal, None) => ((0..self.counts.len()).map(|level| level as f64).collect(), -1.0),
            _ => {
                if let Some(level) = missing_as {
                    self.counts[level] += self.missing;
                }
                let all: u64 = self.counts.iter().sum();
                let share = |&count: &u64| count as f64 / all.max(1) as f64;
                (self.counts.iter().map(share).collect::<Vec<f64>>(), 0.0)
            }
        };
        alone(LevelEncoder::Values(LevelValues {
            encode: plan.encode,
            classes: Vec::new(),
            missing: missing_as.map(|level| vec![values[level]]),
            values,
            unknown: (plan.unknown == Unknown::Other).then(|| vec![unknown]),
        }))
    }
}
